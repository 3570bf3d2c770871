export const SECURITY_PROTOCOLS = ["any", "tcp", "udp", "icmp"] as const;

/** Groups of one NIC. */
export const MAX_GROUPS_PER_NIC = 8;
