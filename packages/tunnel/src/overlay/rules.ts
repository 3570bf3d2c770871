/**
 * What the overlay lets pass, as an nft ruleset. Two holes are closed on both sides:
 * - the weak-host model (RFC 1122 section 3.3.4.2): a packet for *another* address of this machine is taken on any interface, so whoever is on the
 *   overlay would reach every service of the machine. Only the overlay address is.
 * - forwarding: nothing passes between the overlay and anything else; on a relay, between two hosts only where their pair is allowed.
 * Rules are for the overlay's interface only: the rest of the machine's traffic is not theirs.
 */
export interface OverlayRules {
  readonly table: string;
  readonly interfaceName: string;
  readonly address: string;
  /** What the other side may begin, as nft says it: `tcp dport 7786`. */
  readonly services: readonly string[];
}

/** Replaces the table whole; its pairs are none. */
export function renderOverlayRules({ table, interfaceName, address, services }: OverlayRules): string {
  return `table inet ${table}
delete table inet ${table}
table inet ${table} {
  set pairs { type ipv6_addr . ipv6_addr; }
  chain input {
    type filter hook input priority -10; policy accept;
    iifname "${interfaceName}" jump from_overlay
  }
  chain from_overlay {
    ip6 daddr != ${address} drop
    ct state established,related accept
    icmpv6 type { echo-request, packet-too-big } accept
${services.map((service) => `    ${service} accept\n`).join("")}    drop
  }
  chain forward {
    type filter hook forward priority -10; policy accept;
    iifname "${interfaceName}" oifname "${interfaceName}" ip6 saddr . ip6 daddr @pairs accept
    iifname "${interfaceName}" drop
    oifname "${interfaceName}" drop
  }
}
`;
}

/** All pairs at once: whoever is not among them is cut off with the same transaction. */
export function renderPairs(table: string, pairs: readonly (readonly [string, string])[]): string {
  const elements = pairs.flatMap(([left, right]) => [`${left} . ${right}`, `${right} . ${left}`]);
  return `flush set inet ${table} pairs\n${elements.length === 0 ? "" : `add element inet ${table} pairs { ${elements.join(", ")} }\n`}`;
}

export const renderRemoval = (table: string): string => `table inet ${table}\ndelete table inet ${table}\n`;
