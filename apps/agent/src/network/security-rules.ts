import type { DesiredSecurityGroup, DesiredSecurityRule, SecurityDirection } from "@indium/contract/security-group";
import { type Cidr, cidrContains, formatCidr, parseCidr } from "@indium/domain/ip";

/**
 * A NIC's security groups as rules on bridges, where both what is bridged and what the host routes comes by.
 *
 * A packet belongs to a flow that began in one direction. It passes when the *present* rules let its flow begin: for a packet that
 * answers, the other direction's rules are read backwards. So a change of rules cuts the flows it no longer allows, both ways and
 * at once, and no other; nothing is flushed.
 *
 * Which way a flow began is known by
 * - `conntrack`: the kernel's connection tracking on bridges;
 * - `own`: where the kernel has none, sets of this table's own: the first packet that passed is remembered, per NIC, with conntrack's
 *   time limits. What it cannot do: reassemble. Later fragments pass; a first one that is too short to judge does not.
 */
export type FlowMemory = "conntrack" | "own";

export interface NicPolicy {
  /** What one of them lets pass, passes. */
  readonly groups: readonly DesiredSecurityGroup[];
  /** The host's own addresses on the NIC's network: whether SSH answers is asked from there, whatever the groups say. */
  readonly hostAddresses: readonly string[];
}

/** nf_conntrack's defaults, for what is far from done and for the rest. */
const TCP_ESTABLISHED = "5d";
const TCP_BRIEF = "2m";
const OTHERS = "3m";
const SET_SIZE = 16_384;

/** Protocols by nft's own words: any other (`ipv6-icmp`) it looks up in /etc/protocols, which a small Debian does not have. */
const FAMILIES = [
  { digit: 4, ip: "ip", type: "ipv4_addr", icmp: "icmp", ether: "ip" },
  { digit: 6, ip: "ip6", type: "ipv6_addr", icmp: "icmpv6", ether: "ip6" },
] as const;
const SYN = "tcp flags & (syn | ack) == syn";
const NOT_SYN = "tcp flags & (syn | ack) != syn";

const opposite = (way: SecurityDirection): SecurityDirection => (way === "in" ? "out" : "in");
const flowSet = (way: SecurityDirection, digit: number, kind: "ports" | "peers", tap: string): string => `${way}${digit}_${kind}_${tap}`;
export const groupChain = (way: SecurityDirection, tap: string): string => `groups_${way}_${tap}`;
const replyChain = (way: SecurityDirection, tap: string): string => `reply_${way}_${tap}`;
const beginChain = (way: SecurityDirection, tap: string): string => `begin_${way}_${tap}`;
export const hostChain = (tap: string): string => `host_${tap}`;

export const securityChains = (tap: string): readonly string[] => [
  ...(["in", "out"] as const).flatMap((way) => [groupChain(way, tap), replyChain(way, tap), beginChain(way, tap)]),
  hostChain(tap),
];

/** The sets that remember flows, with their definitions. */
export function flowSets(tap: string): readonly { readonly name: string; readonly definition: string }[] {
  return (["in", "out"] as const).flatMap((way) =>
    FAMILIES.flatMap(({ digit, type }) => [
      {
        name: flowSet(way, digit, "ports", tap),
        definition: `{ type inet_proto . ${type} . inet_service . ${type} . inet_service ; size ${SET_SIZE} ; flags dynamic,timeout ; }`,
      },
      {
        name: flowSet(way, digit, "peers", tap),
        definition: `{ type ${type} . ${type} . inet_proto ; size ${SET_SIZE} ; flags dynamic,timeout ; }`,
      },
    ]),
  );
}

/** Rules by chain. The chains `groups_in` and `groups_out` end in a drop; `return` lets pass. */
export function securityRules(policy: NicPolicy, tap: string, memory: FlowMemory): ReadonlyMap<string, readonly string[]> {
  const rules = new Map<string, readonly string[]>();
  const all = policy.groups.flatMap((group) => group.rules);
  for (const way of ["in", "out"] as const) {
    const drop = `counter name "${way === "in" ? "droppedIn" : "droppedOut"}_${tap}" drop`;
    const forward = all.filter((rule) => rule.direction === way).flatMap((rule) => matches(rule, way, false));
    const backward = all.filter((rule) => rule.direction === opposite(way)).flatMap((rule) => matches(rule, way, true));
    const begins = memory === "own" ? `goto ${beginChain(way, tap)}` : "return";
    rules.set(groupChain(way, tap), [
      ...infrastructure(way, policy),
      ...(memory === "own" ? ownAnswers(way, tap) : conntrackAnswers(way, tap)),
      ...forward.map((match) => `${match} ${begins}`),
      drop,
    ]);
    rules.set(replyChain(way, tap), [...backward.map((match) => `${match} return`), drop]);
    rules.set(beginChain(way, tap), memory === "own" ? remember(way, tap) : []);
  }
  rules.set(
    hostChain(tap),
    byFamily(policy.hostAddresses).map(({ ip, addresses }) => `${ip} saddr { ${addresses.join(", ")} } tcp dport 22 accept`),
  );
  return rules;
}

/** What a NIC needs in order to be on a network at all, and what Indium itself needs. */
function infrastructure(way: SecurityDirection, policy: NicPolicy): string[] {
  const [from, to] = way === "out" ? ["sport", "dport"] : ["dport", "sport"];
  return [
    "ether type != { ip, ip6 } return",
    "icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, nd-redirect, mld2-listener-report } return",
    "ip protocol igmp return",
    `udp ${from} 68 udp ${to} 67 return`,
    `udp ${from} 546 udp ${to} 547 return`,
    ...(way === "out"
      ? byFamily(policy.hostAddresses).map(({ ip, addresses }) => `${ip} daddr { ${addresses.join(", ")} } tcp sport 22 ${NOT_SYN} return`)
      : []),
  ];
}

function conntrackAnswers(way: SecurityDirection, tap: string): string[] {
  return [
    // Errors about a flow that passes; helpers' expectations are none of ours.
    "ct state related meta l4proto { icmp, icmpv6 } return",
    `ct state established ct direction reply goto ${replyChain(way, tap)}`,
  ];
}

function ownAnswers(way: SecurityDirection, tap: string): string[] {
  const other = opposite(way);
  return [
    // One that overlaps the first one's header would change what was judged (RFC 1858).
    `ip frag-off & 0x1fff == 1 counter name "${way === "in" ? "droppedIn" : "droppedOut"}_${tap}" drop`,
    "ip frag-off & 0x1fff != 0 return",
    "frag frag-off != 0 return",
    "icmp type { destination-unreachable, time-exceeded, parameter-problem } return",
    "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } return",
    ...FAMILIES.flatMap(({ digit, ip, ether }) => [
      `meta l4proto . ${ip} daddr . th dport . ${ip} saddr . th sport @${flowSet(other, digit, "ports", tap)} goto ${replyChain(way, tap)}`,
      `${digit === 4 ? "icmp" : "icmpv6"} type echo-reply ${ip} daddr . ${ip} saddr . meta l4proto @${flowSet(other, digit, "peers", tap)} goto ${replyChain(way, tap)}`,
      `ether type ${ether} meta l4proto != { tcp, udp, icmp, icmpv6 } ${ip} daddr . ${ip} saddr . meta l4proto @${flowSet(other, digit, "peers", tap)} goto ${replyChain(way, tap)}`,
    ]),
  ];
}

/** The first packet of a flow that may begin, and each later one in its direction. A set that is full forgets nobody. */
function remember(way: SecurityDirection, tap: string): string[] {
  return FAMILIES.flatMap(({ digit, ip, ether }) => {
    const ports = (match: string, time: string): string =>
      `${match} update @${flowSet(way, digit, "ports", tap)} { meta l4proto . ${ip} saddr . th sport . ${ip} daddr . th dport timeout ${time} } return`;
    return [
      ports(SYN, TCP_BRIEF),
      ports("tcp flags & (fin | rst) != 0", TCP_BRIEF),
      ports("meta l4proto tcp", TCP_ESTABLISHED),
      ports("meta l4proto udp", OTHERS),
      `ether type ${ether} update @${flowSet(way, digit, "peers", tap)} { ${ip} saddr . ${ip} daddr . meta l4proto timeout ${OTHERS} } return`,
    ];
  });
}

/** What a rule matches in packets of one direction; `backward`: in the answers to what it lets begin in the other. */
function matches(rule: DesiredSecurityRule, way: SecurityDirection, backward: boolean): string[] {
  const remote = way === "out" ? "daddr" : "saddr";
  return FAMILIES.flatMap(({ ip, icmp, digit, ether }) => {
    const cidrs = widest(rule.remotes.flatMap((text) => parseCidr(text) ?? []).filter((cidr) => cidr.family === digit));
    if (cidrs.length === 0) return [];
    const everyone = cidrs.some((cidr) => cidr.prefixLength === 0);
    const address = everyone ? `ether type ${ether}` : `${ip} ${remote} { ${cidrs.map(formatCidr).join(", ")} }`;
    return [`${address}${transport(rule, icmp, backward ? "sport" : "dport")}`];
  });
}

function transport({ protocol, ports }: DesiredSecurityRule, icmp: "icmp" | "icmpv6", port: "sport" | "dport"): string {
  switch (protocol) {
    case "any":
      return "";
    case "icmp":
      return ` meta l4proto ${icmp}`;
    case "tcp":
    case "udp":
      return ports === null
        ? ` meta l4proto ${protocol}`
        : ` ${protocol} ${port} ${ports.from === ports.to ? ports.from : `${ports.from}-${ports.to}`}`;
  }
}

/** Without those that lie in another: nft refuses sets whose intervals overlap. */
function widest(cidrs: readonly Cidr[]): readonly Cidr[] {
  const kept: Cidr[] = [];
  const order = (left: Cidr, right: Cidr): number =>
    left.network === right.network ? left.prefixLength - right.prefixLength : left.network < right.network ? -1 : 1;
  for (const cidr of [...cidrs].sort(order)) {
    const last = kept.at(-1);
    if (last === undefined || !cidrContains(last, { family: cidr.family, value: cidr.network })) kept.push(cidr);
  }
  return kept;
}

function byFamily(addresses: readonly string[]): readonly { readonly ip: "ip" | "ip6"; readonly addresses: readonly string[] }[] {
  return FAMILIES.flatMap(({ ip }) => {
    const own = addresses.filter((address) => address.includes(":") === (ip === "ip6"));
    return own.length === 0 ? [] : [{ ip, addresses: own }];
  });
}
