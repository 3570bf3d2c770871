/** How long a host may be without its link to the centre, or its gateway, before it puts its uplink back as it was. */
export const LAN_BRIDGE_LIMIT_SECONDS = 60;

/** How hosts name the bridges they make of an uplink; each belongs to the network it was made for. */
export const LAN_BRIDGE_PREFIX = "inbr-";
