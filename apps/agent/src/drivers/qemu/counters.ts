import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { InstanceId } from "@indium/contract/ids";
import { z } from "zod";
import type { DiskCounters, NetworkCounters } from "../types";
import { scopeOf } from "./confinement";

/** What a QEMU has used, from its control group, its monitor and its taps. Parsers are pure: text in, numbers out. */

const CGROUP_ROOT = "/sys/fs/cgroup";

/**
 * The VM's own control group by /proc/<pid>/cgroup (version 2: `0::<path>`); null when it shares one with others, whose use would be counted as its own.
 * The names are those of confinement.ts.
 */
export function cgroupOf(text: string, id: InstanceId): string | null {
  const path = /^0::(\/.*)$/m.exec(text)?.[1];
  const name = path?.split("/").at(-1);
  return path !== undefined && (name === scopeOf(id) || name === `vm-${id}`) ? join(CGROUP_ROOT, path) : null;
}

/** `cpu.stat` in seconds. */
export function parseCgroupCpu(text: string): number | null {
  const microseconds = /^usage_usec (\d+)$/m.exec(text)?.[1];
  return microseconds === undefined ? null : Number(microseconds) / 1_000_000;
}

/** Without the page cache, which gives way by itself: memory.current less `file` of memory.stat. Guests' memory is anonymous. */
export function parseCgroupMemory(current: string, stat: string): number | null {
  const total = /^\d+$/.test(current.trim()) ? Number(current) : null;
  const cache = /^file (\d+)$/m.exec(stat)?.[1];
  // Shared memory counts as `file`, and does not give way.
  const shared = /^shmem (\d+)$/m.exec(stat)?.[1] ?? "0";
  return total === null || cache === undefined ? null : Math.max(0, total - Number(cache) + Number(shared));
}

export async function readCgroup(path: string): Promise<{ cpuSeconds: number; memoryBytes: number } | null> {
  const text = (name: string) => readFile(join(path, name), "utf8").catch(() => "");
  const [cpu, current, stat] = await Promise.all([text("cpu.stat"), text("memory.current"), text("memory.stat")]);
  const [cpuSeconds, memoryBytes] = [parseCgroupCpu(cpu), parseCgroupMemory(current, stat)];
  return cpuSeconds === null || memoryBytes === null ? null : { cpuSeconds, memoryBytes };
}

/** The taps that a QEMU was started with, by its own command line (argv.ts writes it): also of one that another agent started. */
export function tapsOf(commandLine: string): readonly string[] {
  const args = commandLine.split("\0");
  return args.flatMap((arg, index) => (args[index - 1] === "-netdev" ? (/^tap,.*\bifname=([^,]+)/.exec(arg)?.[1] ?? []) : []));
}

/** What a tap sends the guest receives. Null when none of them is there. */
export function guestNetwork(taps: readonly string[], interfaces: ReadonlyMap<string, NetworkCounters>): NetworkCounters | null {
  const found = taps.flatMap((name) => interfaces.get(name) ?? []);
  if (found.length === 0) return null;
  const sum = (of: (tap: NetworkCounters) => number) => found.reduce((total, tap) => total + of(tap), 0);
  return {
    receivedBytes: sum((tap) => tap.sentBytes),
    receivedPackets: sum((tap) => tap.sentPackets),
    sentBytes: sum((tap) => tap.receivedBytes),
    sentPackets: sum((tap) => tap.receivedPackets),
  };
}

const count = z.number().min(0);
const BlockStats = z.array(
  z.object({
    qdev: z.string().optional(),
    stats: z.object({ rd_bytes: count, wr_bytes: count, rd_operations: count, wr_operations: count }),
  }),
);

/** Of `query-blockstats`: the disks (argv.ts calls them `disk…`), not the firmware's flash. Null when there is none. */
export function guestDisks(answer: unknown): DiskCounters | null {
  const parsed = BlockStats.safeParse(answer);
  const disks = parsed.success ? parsed.data.filter(({ qdev }) => qdev?.startsWith("/machine/peripheral/disk")) : [];
  if (disks.length === 0) return null;
  const sum = (of: (stats: (typeof disks)[number]["stats"]) => number) => disks.reduce((total, { stats }) => total + of(stats), 0);
  return {
    readBytes: sum((stats) => stats.rd_bytes),
    writtenBytes: sum((stats) => stats.wr_bytes),
    reads: sum((stats) => stats.rd_operations),
    writes: sum((stats) => stats.wr_operations),
  };
}

const BalloonStats = z.object({
  stats: z.object({ "stat-total-memory": count, "stat-available-memory": count }),
  /** Seconds since the epoch, by this host's clock; 0: the driver never told anything. */
  "last-update": count,
});
/** A driver that was unloaded, or a guest that stands still, tells nothing new. */
const BALLOON_FRESH_MS = 60_000;
/** What the driver does not know is 2^64 − 1. */
const BALLOON_LIMIT = 2 ** 60;

/** Of the balloon's `guest-stats`: the guest's own word for what it uses, page cache left out. Null when it says nothing, or nothing new. */
export function balloonMemoryUsed(answer: unknown, nowMs: number): number | null {
  const parsed = BalloonStats.safeParse(answer);
  if (!parsed.success || nowMs - parsed.data["last-update"] * 1_000 > BALLOON_FRESH_MS) return null;
  const { "stat-total-memory": total, "stat-available-memory": available } = parsed.data.stats;
  return total > BALLOON_LIMIT || available > total ? null : total - available;
}
