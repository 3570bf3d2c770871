import { readdir, readFile, statfs } from "node:fs/promises";
import type { DiskCounters, NetworkCounters } from "../drivers/types";
import { defaultRouteInterfaces, NO_DISK, parseCpuTimes, parseDiskStats, parseMemInfo, parseNetDev, parseThreads } from "./proc";

/** What a host has done since it started, and what it holds now. Rates come from two of these (usage.ts, metrics.ts). */
export interface HostCounters {
  /** In one unit, over all processors. */
  readonly cpu: { readonly busy: number; readonly total: number };
  readonly threads: number;
  readonly memoryUsedBytes: number;
  readonly storageUsedBytes: number;
  /** By disk. */
  readonly disks: ReadonlyMap<string, DiskCounters>;
  /** Interfaces with a default route, by name. */
  readonly uplinks: ReadonlyMap<string, NetworkCounters>;
  /** All interfaces, VMs' taps among them. */
  readonly interfaces: ReadonlyMap<string, NetworkCounters>;
}

/** Asked of the kernel. @throws when the storage's file system does not answer. */
export async function readHostCounters(storagePath: string): Promise<HostCounters> {
  const [procStat, memInfo, netDev, route4, route6, diskStats, blocks, storage] = await Promise.all([
    text("/proc/stat"),
    text("/proc/meminfo"),
    text("/proc/net/dev"),
    text("/proc/net/route"),
    text("/proc/net/ipv6_route"),
    text("/proc/diskstats"),
    readdir("/sys/block").catch(() => []),
    statfs(storagePath),
  ]);
  const interfaces = parseNetDev(netDev);
  const routes = defaultRouteInterfaces(route4, route6);
  const memory = parseMemInfo(memInfo);
  return {
    cpu: parseCpuTimes(procStat),
    threads: parseThreads(procStat),
    memoryUsedBytes: Math.max(0, memory.totalBytes - memory.availableBytes),
    storageUsedBytes: (storage.blocks - storage.bfree) * storage.bsize,
    disks: parseDiskStats(diskStats, new Set(blocks.filter((name) => !NO_DISK.test(name)))),
    uplinks: new Map([...interfaces].filter(([name]) => routes.has(name))),
    interfaces,
  };
}

/** Null when there was nothing before, no time passed, or the counter began anew: nobody knows what went on in between. */
export function ratePerSecond(now: number, before: number | undefined, seconds: number): number | null {
  return before === undefined || seconds <= 0 || now < before ? null : (now - before) / seconds;
}

/** The sum over what is in both readings (an uplink that came up since counts from the next one on); null when nothing is. */
export function summedRates<C>(
  now: ReadonlyMap<string, C>,
  before: ReadonlyMap<string, C> | undefined,
  of: (counters: C) => number,
  seconds: number,
): number | null {
  let sum: number | null = null;
  for (const [name, counters] of now) {
    const earlier = before?.get(name);
    const rate = ratePerSecond(of(counters), earlier === undefined ? undefined : of(earlier), seconds);
    if (rate !== null) sum = (sum ?? 0) + rate;
  }
  return sum;
}

async function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
