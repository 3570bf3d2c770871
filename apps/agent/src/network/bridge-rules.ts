import type { DesiredNic } from "@indium/contract/network";
import type { Refusal } from "@indium/domain/nic-counters";
import { type NicNames, TAP_PREFIX } from "./names";
import { METADATA_IPV4, METADATA_IPV6, TARGET_IS_METADATA } from "./nic-rules";
import { type FlowMemory, flowSets, groupChain, hostChain, type NicPolicy, securityChains, securityRules } from "./security-rules";

/**
 * The rules on bridges that need to know more than one NIC: one table of this agent's, with a part for each NIC.
 *
 * **Whose is a link-local address?** Guests choose them: from their MAC (EUI-64, RFC 4291) or at random and stable (RFC 7217).
 * - The one of a NIC's own MAC is always its own; one in the form of another's MAC never, whoever that is and whether it runs.
 * - Any other belongs to the NIC that used or probed for it first, until it has been silent for a day. Probing for duplicates is
 *   what a guest begins with (RFC 4862), so a neighbour who watches comes too late. One seen on the LAN belongs to the LAN.
 * - A probe for an address that somebody else is still probing for is refused: two such make both step back. One for an address
 *   in use passes, so that its holder answers.
 * A NIC holds at most a few, so that none can take up all.
 *
 * **Nobody on a bridge speaks to a guest as the metadata service**: the real one's frames never cross a bridge. Matched by our taps,
 * so that other guests of this machine (and a metadata service of somebody else's for them) are left alone.
 */
export const NIC_BRIDGE_COUNTERS = [
  "droppedLinkLocal",
  "droppedImpersonation",
  "droppedIn",
  "droppedOut",
] as const satisfies readonly Refusal[];

const HELD = "1d";
/** The default life of a router in its advertisements (RFC 4861 section 6.2.1): a LAN's router is heard more often. */
const HELD_ON_LAN = "30m";
/** A probe is answered within a second (RETRANS_TIMER). */
const TENTATIVE = "5s";
const NEW_ADDRESSES = "8/day burst 8 packets";

/** `typeof` of a raw field: one type for a source address and for a neighbour message's target, both at this offset. */
const SOURCE = "@nh,64,128";
const TARGET = "@th,64,128";
const LINK_LOCAL_TARGET = "@th,64,64 0xfe80000000000000";
/** `ff:fe` in the middle of the interface identifier. */
const sourceOfAMac = "@nh,152,16 0xfffe";
const targetOfAMac = "@th,152,16 0xfffe";

/** The link-local address made of a MAC, as a raw 128-bit value. */
export function linkLocalOf(macAddress: string): string {
  const [first = 0, ...rest] = macAddress.split(":").map((byte) => Number.parseInt(byte, 16));
  const bytes = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, first ^ 2, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)];
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

/** What all NICs share. Loading it again leaves the NICs' parts and what has been learned in place. */
export function renderBridgeBase(table: string, revision: string): string {
  // After connection tracking on bridges (-200).
  const hooks = { prerouting: "prerouting priority -150", forward: "forward priority -150", output: "output priority -150" };
  const chains: Record<keyof typeof hooks, readonly string[]> = {
    forward: ["oifname vmap @to_nic"],
    output: ["oifname vmap @host_to_nic", "oifname vmap @to_nic"],
    prerouting: [
      "iifname vmap @from_nic",
      `iifname != "${TAP_PREFIX}*" ip6 saddr fe80::/64 update @on_lan { ${SOURCE} timeout ${HELD_ON_LAN} }`,
    ],
  };
  return [
    `table bridge ${table} {`,
    ...["from_nic", "to_nic", "host_to_nic"].map((map) => `  map ${map} {\n    type ifname : verdict\n  }`),
    `  set held {\n    typeof ${SOURCE} . iifname\n    size 65535\n    flags dynamic,timeout\n  }`,
    ...["taken", "tentative", "on_lan"].map(
      (set) => `  set ${set} {\n    typeof ${SOURCE}\n    size 65535\n    flags dynamic,timeout\n  }`,
    ),
    ...Object.entries(hooks).map(([chain, hook]) => `  chain ${chain} {\n    type filter hook ${hook}; policy accept;\n  }`),
    "}",
    ...Object.entries(chains).flatMap(([chain, rules]) => [
      `flush chain bridge ${table} ${chain}`,
      ...rules.map((rule, index) => `add rule bridge ${table} ${chain} ${rule}${index === 0 ? ` comment "${revision}"` : ""}`),
    ]),
    "",
  ].join("\n");
}

const IMPERSONATION = [
  `ip saddr ${METADATA_IPV4}`,
  `ip daddr ${METADATA_IPV4}`,
  `arp saddr ip ${METADATA_IPV4}`,
  `arp daddr ip ${METADATA_IPV4}`,
  `ip6 saddr ${METADATA_IPV6}`,
  `ip6 daddr ${METADATA_IPV6}`,
  `icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ${TARGET_IS_METADATA}`,
] as const;

const CHAINS = ["source", "advert", "probe", "from", "to"] as const;
type Chain = (typeof CHAINS)[number];
const chainOf = (chain: Chain, tap: string): string => `${chain}_${tap}`;
/** Which part of the NIC's sees what comes from it, and what goes to it. */
const elementsOf = (table: string, tap: string): readonly string[] =>
  [
    ["from_nic", chainOf("from", tap)],
    ["to_nic", chainOf("to", tap)],
    ["host_to_nic", hostChain(tap)],
  ].map(([map, chain]) => `element bridge ${table} ${map} { "${tap}" : jump ${chain} }`);

const allChains = (tap: string): readonly string[] => [...CHAINS.map((chain) => chainOf(chain, tap)), ...securityChains(tap)];

/** Names everything of the NIC without rules: what is there already is left as it is. */
function skeleton(table: string, tap: string): readonly string[] {
  return [
    ...NIC_BRIDGE_COUNTERS.map((counter) => `add counter bridge ${table} ${counterOf(counter, tap)}`),
    ...flowSets(tap).map(({ name, definition }) => `add set bridge ${table} ${name} ${definition}`),
    ...allChains(tap).map((chain) => `add chain bridge ${table} ${chain}`),
  ];
}

const counterOf = (counter: string, tap: string): string => `${counter}_${tap}`;

/** The NIC's part, in one transaction; what has been learned stays. `policy`: null where the NIC is not filtered. */
export function renderNicBridgeRules(
  table: string,
  nic: DesiredNic,
  names: NicNames,
  security: { readonly policy: NicPolicy | null; readonly memory: FlowMemory },
  revision: string,
): string {
  const { tap } = names;
  const filtered = security.policy !== null;
  const groups = security.policy === null ? [] : [...securityRules(security.policy, tap, security.memory)];
  const own = linkLocalOf(nic.macAddress);
  const drop = `counter name "${counterOf("droppedLinkLocal", tap)}" drop`;
  const claim = (field: string): string => `update @taken { ${field} timeout ${HELD} } update @held { ${field} . iifname timeout ${HELD} }`;
  const rules: Record<Chain, readonly string[]> = {
    from: [
      `ip6 saddr fe80::/64 jump ${chainOf("source", tap)} comment "${revision}"`,
      `icmpv6 type nd-neighbor-advert ${LINK_LOCAL_TARGET} jump ${chainOf("advert", tap)}`,
      `ip6 saddr :: icmpv6 type nd-neighbor-solicit ${LINK_LOCAL_TARGET} jump ${chainOf("probe", tap)}`,
      ...(filtered ? [`jump ${groupChain("out", tap)}`] : []),
    ],
    to: [
      ...IMPERSONATION.map((match) => `${match} counter name "${counterOf("droppedImpersonation", tap)}" drop`),
      ...(filtered ? [`jump ${groupChain("in", tap)}`] : []),
    ],
    source: [
      `${SOURCE} ${own} return`,
      `${sourceOfAMac} ${drop}`,
      `${SOURCE} . iifname @held ${claim(SOURCE)} return`,
      ...["taken", "on_lan"].map((set) => `${SOURCE} @${set} ${drop}`),
      `limit rate over ${NEW_ADDRESSES} ${drop}`,
      claim(SOURCE),
    ],
    advert: [`${TARGET} ${own} return`, `${TARGET} . iifname @held return`, drop],
    probe: [
      `${TARGET} ${own} return`,
      `${targetOfAMac} ${drop}`,
      `${TARGET} . iifname @held return`,
      `${TARGET} @tentative ${drop}`,
      ...["taken", "on_lan"].map((set) => `${TARGET} @${set} return`),
      `limit rate over ${NEW_ADDRESSES} ${drop}`,
      `update @tentative { ${TARGET} timeout ${TENTATIVE} } ${claim(TARGET)}`,
    ],
  };
  return [
    ...skeleton(table, tap),
    ...allChains(tap).map((chain) => `flush chain bridge ${table} ${chain}`),
    ...groups.flatMap(([chain, lines]) => lines.map((rule) => `add rule bridge ${table} ${chain} ${rule}`)),
    ...CHAINS.flatMap((chain) => rules[chain].map((rule) => `add rule bridge ${table} ${chainOf(chain, tap)} ${rule}`)),
    ...elementsOf(table, tap).map((element) => `add ${element}`),
    "",
  ].join("\n");
}

/** Also where there is nothing of the NIC: named first, then deleted. */
export function renderNicBridgeRemoval(table: string, names: NicNames): string {
  const { tap } = names;
  const chains = allChains(tap);
  return [
    ...skeleton(table, tap),
    ...["add", "delete"].flatMap((verb) => elementsOf(table, tap).map((element) => `${verb} ${element}`)),
    ...chains.map((chain) => `flush chain bridge ${table} ${chain}`),
    ...chains.map((chain) => `delete chain bridge ${table} ${chain}`),
    ...flowSets(tap).map(({ name }) => `delete set bridge ${table} ${name}`),
    ...NIC_BRIDGE_COUNTERS.map((counter) => `delete counter bridge ${table} ${counterOf(counter, tap)}`),
    "",
  ].join("\n");
}
