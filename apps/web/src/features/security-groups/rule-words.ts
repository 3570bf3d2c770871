import type { SecurityGroupView } from "@indium/contract/api/security-group-views";

type Rule = Pick<SecurityGroupView["rules"][number], "protocol" | "fromPort" | "toPort" | "cidr" | "remoteGroupName">;

export const PROTOCOL_WORDS = { any: "All traffic", tcp: "TCP", udp: "UDP", icmp: "ICMP (ping)" } as const;

/** `TCP 22`, `UDP 5000–5010`, `All traffic`. */
export function trafficInWords({ protocol, fromPort, toPort }: Rule): string {
  if (protocol !== "tcp" && protocol !== "udp") return PROTOCOL_WORDS[protocol];
  if (fromPort === null) return `${PROTOCOL_WORDS[protocol]}, all ports`;
  return `${PROTOCOL_WORDS[protocol]} ${fromPort === toPort ? fromPort : `${fromPort}–${toPort ?? fromPort}`}`;
}

export function remoteInWords({ cidr, remoteGroupName }: Rule): string {
  if (remoteGroupName !== null) return `members of ${remoteGroupName}`;
  if (cidr === "0.0.0.0/0") return "everyone (IPv4)";
  return cidr === "::/0" ? "everyone (IPv6)" : (cidr ?? "");
}
