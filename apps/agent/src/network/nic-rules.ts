import type { DesiredNic } from "@indium/contract/network";
import { ipBytes, parseIp } from "@indium/domain/ip";
import { PASSED, type Refusal } from "@indium/domain/nic-counters";
import { TOKEN_REASON } from "../metadata/reply";
import { copyRequest, renderLearnedRules, renderSnoopChains } from "./learned-rules";
import type { NicNames } from "./names";

/** The service's addresses in every NIC's namespace, and the MAC of its end there. */
export const METADATA_IPV4 = "169.254.169.254";
export const METADATA_IPV6 = "fe80::a9fe:a9fe";
export const METADATA_MAC = "02:a9:fe:a9:fe:01";

/** Why frames of a guest were dropped, and what went where; `counters()` reports them by these names. */
export const NIC_COUNTERS = [
  ...PASSED,
  "droppedMac",
  "droppedVlan",
  "droppedType",
  "droppedServer",
  "droppedArp",
  "droppedIpv4",
  "droppedRouter",
  "droppedIpv6",
  "droppedSourceRoute",
  "droppedFragment",
  "droppedFlood",
] as const satisfies readonly (Refusal | (typeof PASSED)[number])[];

/** Beyond these a guest costs the agent, which serves all guests, more than it could ever need. */
const CONNECTIONS = "200/second burst 400 packets";
const DHCP_MESSAGES = "20/second burst 50 packets";

/** The address as nft's raw payload expressions want it. */
export function hexOf(address: string): string {
  const parsed = parseIp(address);
  if (parsed === null) throw new Error(`not an address: ${address}`);
  return `0x${Buffer.from(ipBytes(parsed)).toString("hex")}`;
}

/** Offset 64 bits into an ICMPv6 neighbour message lies its target address (RFC 4861 sections 4.3 and 4.4). */
export const TARGET_IS_METADATA = `@th,64,128 ${hexOf(METADATA_IPV6)}`;

/**
 * An answer that carries a session token begins with words of its own (metadata/service.ts, TOKEN_REASON); `@ih` is the payload of TCP
 * (Linux 5.17). A container's packets are routed by the guest, and lose their last hop there: EC2's HttpPutResponseHopLimit.
 */
const CARRIES_TOKEN = `ip saddr ${METADATA_IPV4} tcp sport 80 @ih,0,128 0x${Buffer.from(`HTTP/1.1 200 ${TOKEN_REASON}`).subarray(0, 16).toString("hex")}`;

/**
 * The NIC's rules, a whole netdev table: what its guest sends goes to its own metadata service or, if it speaks in its own
 * name, to the network. Traps kept from the proofs: `fwd` cannot name a chain; a newline is needed before `}`; ethertype 0x8035
 * is QEMU announcing itself after a migration; `ether daddr set` makes it work for a guest that knows only a default gateway.
 *
 * `learned`: the LAN's own DHCP gives the address (learned-rules.ts). `state` is what is known beyond the wish: the address it gave, and
 * how far packets with an EC2 session token may travel (null: as far as others).
 */
export function renderNicRules(
  nic: DesiredNic,
  names: NicNames,
  revision: string,
  state: { learnedIpv4: string | null; tokenHopLimit: number | null } = { learnedIpv4: null, tokenHopLimit: null },
): string {
  const { macAddress: mac } = nic;
  const drop = (counter: (typeof NIC_COUNTERS)[number]): string => `counter name "${counter}" drop`;
  const toMetadata = `counter name "metadata" fwd to "${names.veth}"`;
  const accept = 'counter name "accepted" accept';

  const learns = nic.addressMode === "learned";
  const spoofing = learns
    ? renderLearnedRules({ mac, leased: state.learnedIpv4, accept, dropArp: drop("droppedArp"), dropIpv4: drop("droppedIpv4") })
    : assignedRules(nic);
  const offersDhcp = nic.addressMode === "assigned" && nic.ipv4 !== null;

  const fromVm = [
    `ether saddr != ${mac} ${drop("droppedMac")}`,
    `ether type 0x8035 ${accept}`,
    `ether type { 8021q, 8021ad } ${drop("droppedVlan")}`,
    `ether type != { ip, ip6, arp } ${drop("droppedType")}`,
    // Loose and strict source routes (RFC 791); every IPv6 routing header, not only type 0 (RFC 5095): guests have no use for any.
    ...["ip option lsrr exists", "ip option ssrr exists", "exthdr rt exists"].map((match) => `${match} ${drop("droppedSourceRoute")}`),
    "exthdr frag exists jump fragments6",
    // The service speaks in whole packets; reassembling is not its duty.
    `ip daddr ${METADATA_IPV4} ip frag-off & 0x3fff != 0 ${drop("droppedFragment")}`,
    `ip6 daddr ${METADATA_IPV6} exthdr frag exists ${drop("droppedFragment")}`,
    ...[`ip daddr ${METADATA_IPV4}`, `ip6 daddr ${METADATA_IPV6}`].map(
      (match) => `${match} tcp flags & (syn | ack) == syn limit rate over ${CONNECTIONS} ${drop("droppedFlood")}`,
    ),
    `ip daddr ${METADATA_IPV4} ether daddr set ${METADATA_MAC} ${toMetadata}`,
    `arp daddr ip ${METADATA_IPV4} ${toMetadata}`,
    `ip6 daddr ${METADATA_IPV6} ether daddr set ${METADATA_MAC} ${toMetadata}`,
    `icmpv6 type nd-neighbor-solicit ${TARGET_IS_METADATA} ${toMetadata}`,
    ...(offersDhcp || learns
      ? [
          `udp sport 68 udp dport 67 ip frag-off & 0x3fff != 0 ${drop("droppedFragment")}`,
          `udp sport 68 udp dport 67 limit rate over ${DHCP_MESSAGES} ${drop("droppedFlood")}`,
          learns ? copyRequest(names) : `udp sport 68 udp dport 67 counter name "dhcp" fwd to "${names.veth}"`,
        ]
      : []),
    `udp sport { 67, 547 } ${drop("droppedServer")}`,
    `icmp type redirect ${drop("droppedRouter")}`,
    `icmpv6 type { nd-router-advert, nd-redirect } ${drop("droppedRouter")}`,
    `icmpv6 type nd-neighbor-advert ${TARGET_IS_METADATA} ${drop("droppedIpv6")}`,
    `ip6 saddr ${METADATA_IPV6} ${drop("droppedIpv6")}`,
    ...spoofing,
  ];
  const fragments6 = [
    // A chain of headers that goes on behind the fragment's hides what is in it from every filter (RFC 7113, RFC 7112).
    `frag nexthdr != { tcp, udp, icmpv6, esp, sctp } ${drop("droppedFragment")}`,
    "frag frag-off != 0 return",
    "frag nexthdr != icmpv6 return",
    // Neighbour and router messages are never fragmented (RFC 6980); what is too short to tell is none of these two.
    "icmpv6 type { echo-request, echo-reply } return",
    drop("droppedFragment"),
  ];
  const fromService = [`ip saddr ${METADATA_IPV4}`, `arp saddr ip ${METADATA_IPV4}`, `ip6 saddr ${METADATA_IPV6}`];

  return [
    `table netdev ${names.table}`,
    `delete table netdev ${names.table}`,
    `table netdev ${names.table} {`,
    ...NIC_COUNTERS.map((counter) => `  counter ${counter} {\n  }`),
    `  chain ${revision} {\n  }`,
    "  chain fragments6 {",
    ...fragments6.map((rule) => `    ${rule}`),
    "  }",
    "  chain from_vm {",
    `    type filter hook ingress device "${names.tap}" priority -500; policy drop;`,
    ...fromVm.map((rule) => `    ${rule}`),
    "  }",
    "  chain from_service {",
    `    type filter hook ingress device "${names.veth}" priority -500; policy drop;`,
    ...(state.tokenHopLimit === null ? [] : [`    ${CARRIES_TOKEN} ip ttl set ${state.tokenHopLimit} fwd to "${names.tap}"`]),
    ...fromService.map((match) => `    ${match} fwd to "${names.tap}"`),
    "  }",
    ...(learns ? renderSnoopChains(names, { mac: METADATA_MAC, ipv4: METADATA_IPV4 }) : []),
    "}",
    "",
  ].join("\n");

  function assignedRules(assigned: DesiredNic): string[] {
    const ipv4 = assigned.ipv4?.address ?? null;
    const ipv6 = assigned.ipv6?.address ?? null;
    const ownTarget = ipv6 === null ? "" : ` @th,64,128 != ${hexOf(ipv6)}`;
    return [
      `arp saddr ether != ${mac} ${drop("droppedArp")}`,
      // 0.0.0.0: a probe for a duplicate (RFC 5227). Of another's address it would make that one step back.
      ...(ipv4 === null
        ? []
        : [`arp saddr ip ${ipv4} ${accept}`, `arp saddr ip 0.0.0.0 arp daddr ip ${ipv4} ${accept}`, `ip saddr ${ipv4} ${accept}`]),
      `ether type arp ${drop("droppedArp")}`,
      `ether type ip ${drop("droppedIpv4")}`,
      // An advertisement may name a link-local address (upper half fe80::/64) or the NIC's own.
      `icmpv6 type nd-neighbor-advert @th,64,64 != 0xfe80000000000000${ownTarget} ${drop("droppedIpv6")}`,
      // So may a probe for a duplicate (RFC 4862): of another's address it would make that one step back. Whose the link-local
      // ones are is for the bridge's rules, which know all NICs (bridge-rules.ts).
      `ip6 saddr :: icmpv6 type nd-neighbor-solicit @th,64,64 != 0xfe80000000000000${ownTarget} ${drop("droppedIpv6")}`,
      `ip6 saddr { ::, fe80::/64${ipv6 === null ? "" : `, ${ipv6}`} } ${accept}`,
      drop("droppedIpv6"),
    ];
  }
}
