/**
 * What a NIC's rules and its metadata service count, and how the NIC's page says it. Agents report by these names; a page may
 * meet names of newer agents, and leaves them out.
 */
export const REFUSALS = {
  droppedMac: ["frame with another NIC's MAC refused", "frames with another NIC's MAC refused"],
  droppedVlan: ["VLAN-tagged frame refused", "VLAN-tagged frames refused"],
  droppedType: ["frame that is neither IP nor ARP refused", "frames that are neither IP nor ARP refused"],
  droppedArp: ["ARP message in another's name refused", "ARP messages in another's name refused"],
  droppedIpv4: ["packet with another's IPv4 address refused", "packets with another's IPv4 address refused"],
  droppedIpv6: ["packet with another's IPv6 address refused", "packets with another's IPv6 address refused"],
  droppedLinkLocal: ["packet with another's fe80:: address refused", "packets with another's fe80:: address refused"],
  droppedRouter: ["router advertisement or redirect refused", "router advertisements or redirects refused"],
  droppedServer: ["DHCP server message refused", "DHCP server messages refused"],
  droppedSourceRoute: ["source-routed packet refused", "source-routed packets refused"],
  droppedFragment: ["deceptive fragment refused", "deceptive fragments refused"],
  droppedFlood: ["packet beyond the metadata service's limit refused", "packets beyond the metadata service's limit refused"],
  droppedImpersonation: ["message posing as the metadata service refused", "messages posing as the metadata service refused"],
  droppedOut: ["packet out refused by the security groups", "packets out refused by the security groups"],
  droppedIn: ["packet in refused by the security groups", "packets in refused by the security groups"],
  metadataConnections: ["connection too many to the metadata service refused", "connections too many to the metadata service refused"],
  metadataRequests: ["metadata request too many refused", "metadata requests too many refused"],
  metadataOversized: ["oversized metadata request refused", "oversized metadata requests refused"],
  metadataSlow: ["metadata connection ended for being too slow", "metadata connections ended for being too slow"],
} as const satisfies Record<string, readonly [one: string, many: string]>;
export type Refusal = keyof typeof REFUSALS;

/** What went where; not refused. */
export const PASSED = ["metadata", "dhcp", "accepted"] as const;

/** `42 frames with another NIC's MAC refused`, the most frequent first; nothing for what never happened. */
export function refusalsInWords(counters: Readonly<Record<string, { readonly packets: number }>>): readonly string[] {
  return Object.entries(REFUSALS)
    .map(([name, [one, many]]) => ({ count: counters[name]?.packets ?? 0, one, many }))
    .filter(({ count }) => count > 0)
    .sort((left, right) => right.count - left.count)
    .map(({ count, one, many }) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`);
}
