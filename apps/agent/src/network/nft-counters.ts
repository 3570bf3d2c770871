import { z } from "zod";
import type { HostShell } from "./host-shell";

export interface Counted {
  readonly packets: number;
  readonly bytes: number;
}

const CountersJson = z.object({
  nftables: z.array(z.looseObject({ counter: z.looseObject({ name: z.string(), packets: z.number(), bytes: z.number() }).optional() })),
});

/** The named counters of a table; null when there is no such table. */
export async function readCounters(shell: HostShell, family: "netdev" | "bridge", table: string): Promise<Record<string, Counted> | null> {
  const listed = await shell.nftQuery("-j", "list", "counters", "table", family, table);
  if (listed.code !== 0) return null;
  const parsed = CountersJson.parse(JSON.parse(listed.stdout));
  return Object.fromEntries(
    parsed.nftables.flatMap(({ counter }) =>
      counter === undefined ? [] : [[counter.name, { packets: counter.packets, bytes: counter.bytes }] as const],
    ),
  );
}
