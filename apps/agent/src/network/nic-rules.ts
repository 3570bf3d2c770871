import type { DesiredNic } from "@indium/contract/network";
import { ipBytes, parseIp } from "@indium/domain/ip";
import { type NicNames, TAP_PREFIX } from "./names";

/** The service's addresses in every NIC's namespace, and the MAC of its end there. */
export const METADATA_IPV4 = "169.254.169.254";
export const METADATA_IPV6 = "fe80::a9fe:a9fe";
export const METADATA_MAC = "02:a9:fe:a9:fe:01";

/** Why frames of a guest were dropped, and what went where; `counters()` reports them by these names. */
export const NIC_COUNTERS = [
  "metadata",
  "dhcp",
  "accepted",
  "droppedMac",
  "droppedType",
  "droppedServer",
  "droppedArp",
  "droppedIpv4",
  "droppedRouter",
  "droppedIpv6",
] as const;

/** The address as nft's raw payload expressions want it. */
export function hexOf(address: string): string {
  const parsed = parseIp(address);
  if (parsed === null) throw new Error(`not an address: ${address}`);
  return `0x${Buffer.from(ipBytes(parsed)).toString("hex")}`;
}

/** Offset 64 bits into an ICMPv6 neighbour message lies its target address (RFC 4861 sections 4.3 and 4.4). */
const TARGET_IS_METADATA = `@th,64,128 ${hexOf(METADATA_IPV6)}`;

/**
 * The NIC's rules, a whole netdev table: what its guest sends goes to its own metadata service or, if it speaks in its own
 * name, to the network. Traps kept from the proofs: `fwd` cannot name a chain; a newline is needed before `}`; ethertype 0x8035
 * is QEMU announcing itself after a migration; `ether daddr set` makes it work for a guest that knows only a default gateway.
 *
 * `learned`: the LAN's own DHCP gives the address, so IPv4 is held to the MAC only and DHCP is left alone.
 */
export function renderNicRules(nic: DesiredNic, names: NicNames, revision: string): string {
  const { macAddress: mac } = nic;
  const drop = (counter: (typeof NIC_COUNTERS)[number]): string => `counter name "${counter}" drop`;
  const toMetadata = `counter name "metadata" fwd to "${names.veth}"`;
  const accept = 'counter name "accepted" accept';

  const spoofing = nic.addressMode === "learned" ? learnedRules(mac) : assignedRules(nic);
  const offersDhcp = nic.addressMode === "assigned" && nic.ipv4 !== null;

  const fromVm = [
    `ether saddr != ${mac} ${drop("droppedMac")}`,
    `ether type 0x8035 ${accept}`,
    `ether type != { ip, ip6, arp } ${drop("droppedType")}`,
    `ip daddr ${METADATA_IPV4} ether daddr set ${METADATA_MAC} ${toMetadata}`,
    `arp daddr ip ${METADATA_IPV4} ${toMetadata}`,
    `ip6 daddr ${METADATA_IPV6} ether daddr set ${METADATA_MAC} ${toMetadata}`,
    `icmpv6 type nd-neighbor-solicit ${TARGET_IS_METADATA} ${toMetadata}`,
    ...(offersDhcp ? [`udp sport 68 udp dport 67 counter name "dhcp" fwd to "${names.veth}"`] : []),
    `udp sport { 67, 547 } ${drop("droppedServer")}`,
    `icmp type redirect ${drop("droppedRouter")}`,
    `icmpv6 type { nd-router-advert, nd-redirect } ${drop("droppedRouter")}`,
    `icmpv6 type nd-neighbor-advert ${TARGET_IS_METADATA} ${drop("droppedIpv6")}`,
    `ip6 saddr ${METADATA_IPV6} ${drop("droppedIpv6")}`,
    ...spoofing,
  ];
  const fromService = [`ip saddr ${METADATA_IPV4}`, `arp saddr ip ${METADATA_IPV4}`, `ip6 saddr ${METADATA_IPV6}`];

  return [
    `table netdev ${names.table}`,
    `delete table netdev ${names.table}`,
    `table netdev ${names.table} {`,
    ...NIC_COUNTERS.map((counter) => `  counter ${counter} {\n  }`),
    `  chain ${revision} {\n  }`,
    "  chain from_vm {",
    `    type filter hook ingress device "${names.tap}" priority -500; policy drop;`,
    ...fromVm.map((rule) => `    ${rule}`),
    "  }",
    "  chain from_service {",
    `    type filter hook ingress device "${names.veth}" priority -500; policy drop;`,
    ...fromService.map((match) => `    ${match} fwd to "${names.tap}"`),
    "  }",
    "}",
    "",
  ].join("\n");

  function assignedRules(assigned: DesiredNic): string[] {
    const ipv4 = assigned.ipv4?.address ?? null;
    const ipv6 = assigned.ipv6?.address ?? null;
    const ownTarget = ipv6 === null ? "" : ` @th,64,128 != ${hexOf(ipv6)}`;
    return [
      `arp saddr ether != ${mac} ${drop("droppedArp")}`,
      // 0.0.0.0: a probe for a duplicate (RFC 5227).
      ...(ipv4 === null ? [] : [`arp saddr ip { 0.0.0.0, ${ipv4} } ${accept}`, `ip saddr ${ipv4} ${accept}`]),
      `ether type arp ${drop("droppedArp")}`,
      `ether type ip ${drop("droppedIpv4")}`,
      // An advertisement may name a link-local address (upper half fe80::/64) or the NIC's own.
      `icmpv6 type nd-neighbor-advert @th,64,64 != 0xfe80000000000000${ownTarget} ${drop("droppedIpv6")}`,
      `ip6 saddr { ::, fe80::/64${ipv6 === null ? "" : `, ${ipv6}`} } ${accept}`,
      drop("droppedIpv6"),
    ];
  }

  function learnedRules(own: string): string[] {
    return [
      `arp saddr ether != ${own} ${drop("droppedArp")}`,
      `arp saddr ip ${METADATA_IPV4} ${drop("droppedArp")}`,
      `ip saddr ${METADATA_IPV4} ${drop("droppedIpv4")}`,
      accept,
    ];
  }
}

/**
 * Static and shared by all NICs: nobody on a bridge may speak to a guest as the metadata service. Matched by the taps' name, so
 * that other bridges of this machine (and a metadata service of somebody else's on them) are left alone.
 */
export const IMPERSONATION_TABLE = "indium";
export function renderImpersonationRules(revision: string): string {
  const toGuest = `oifname "${TAP_PREFIX}*"`;
  return [
    `table bridge ${IMPERSONATION_TABLE}`,
    `delete table bridge ${IMPERSONATION_TABLE}`,
    `table bridge ${IMPERSONATION_TABLE} {`,
    `  chain ${revision} {\n  }`,
    "  chain forward {",
    "    type filter hook forward priority -200; policy accept;",
    ...[
      `ip saddr ${METADATA_IPV4}`,
      `ip daddr ${METADATA_IPV4}`,
      `arp saddr ip ${METADATA_IPV4}`,
      `arp daddr ip ${METADATA_IPV4}`,
      `ip6 saddr ${METADATA_IPV6}`,
      `ip6 daddr ${METADATA_IPV6}`,
      `icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ${TARGET_IS_METADATA}`,
    ].map((match) => `    ${toGuest} ${match} drop`),
    "  }",
    "}",
    "",
  ].join("\n");
}
