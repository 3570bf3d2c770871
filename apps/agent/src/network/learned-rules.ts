import type { NicNames } from "./names";

/**
 * What a NIC of the mode `learned` has besides: copies of its guest's DHCP, both ways, into the metadata namespace, where the agent
 * listens on UDP port 68 and learns the address. nft cannot read a lease; only the LAN's server can give one.
 *
 * - Requests are copied on their way to the bridge (`dup`), replies on their way to the guest, by the tap's egress hook (Linux 5.16).
 * - On the pair's egress the copies are made deliverable there: a reply is for the guest's MAC and the address it is offered, a request for
 *   port 67. Who spoke is still told by the source port, which stays.
 */
export const DHCP_TAP_PORT = 68;
/** A copy from 0.0.0.0 would be dropped as a Martian where it is not a broadcast. */
const ANY_LINK_LOCAL = "169.254.169.253";
const GUEST_ASKS = "udp sport 68 udp dport 67";
const SERVER_ANSWERS = "udp sport 67 udp dport 68";

/** Copies a guest's request before whatever rule passes it on. */
export const copyRequest = (names: NicNames): string => `${GUEST_ASKS} counter name "dhcp" dup to "${names.veth}"`;

export function renderSnoopChains(names: NicNames, service: { mac: string; ipv4: string }): string[] {
  return [
    "  chain to_vm {",
    `    type filter hook egress device "${names.tap}" priority -500; policy accept;`,
    `    ${SERVER_ANSWERS} dup to "${names.veth}"`,
    "  }",
    "  chain to_service {",
    `    type filter hook egress device "${names.veth}" priority -500; policy accept;`,
    `    ${SERVER_ANSWERS} ether daddr set ${service.mac} ip daddr set ${service.ipv4}`,
    `    ${GUEST_ASKS} ether daddr set ${service.mac} ip daddr set ${service.ipv4} ip saddr set ${ANY_LINK_LOCAL} udp dport set ${DHCP_TAP_PORT}`,
    "  }",
  ];
}

/** The guest may ask DHCP; anything else only as whom the LAN's server made it. IPv6 is held to the MAC. */
export function renderLearnedRules(options: {
  mac: string;
  leased: string | null;
  accept: string;
  dropArp: string;
  dropIpv4: string;
}): string[] {
  const { leased, accept } = options;
  return [
    `arp saddr ether != ${options.mac} ${options.dropArp}`,
    // 0.0.0.0: a probe for a duplicate (RFC 5227). Of another's address it would make that one step back.
    ...(leased === null ? [] : [`arp saddr ip ${leased} ${accept}`, `arp saddr ip 0.0.0.0 arp daddr ip ${leased} ${accept}`]),
    `ether type arp ${options.dropArp}`,
    `ip saddr 0.0.0.0 ${GUEST_ASKS} ${accept}`,
    ...(leased === null ? [] : [`ip saddr ${leased} ${accept}`]),
    `ether type ip ${options.dropIpv4}`,
    accept,
  ];
}
