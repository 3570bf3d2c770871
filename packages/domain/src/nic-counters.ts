/**
 * What a NIC's rules and its metadata service refuse, by the names agents count it under; the dashboard has the words for each. A page
 * may meet names of newer agents, and leaves them out.
 */
export const REFUSALS = [
  "droppedMac",
  "droppedVlan",
  "droppedType",
  "droppedArp",
  "droppedIpv4",
  "droppedIpv6",
  "droppedLinkLocal",
  "droppedRouter",
  "droppedServer",
  "droppedSourceRoute",
  "droppedFragment",
  "droppedFlood",
  "droppedImpersonation",
  "droppedOut",
  "droppedIn",
  "metadataConnections",
  "metadataRequests",
  "metadataOversized",
  "metadataSlow",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What went where; not refused. */
export const PASSED = ["metadata", "dhcp", "accepted"] as const;

/** How often each was refused, in packets or requests, the most frequent first; nothing for what never happened. */
export function refusalsOf(counters: Readonly<Record<string, { readonly packets: number }>>): readonly { name: Refusal; count: number }[] {
  return REFUSALS.map((name) => ({ name, count: counters[name]?.packets ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((left, right) => right.count - left.count);
}
