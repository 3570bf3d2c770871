import type { DiskCounters, NetworkCounters } from "../drivers/types";

/** Parsers of what the kernel says under /proc and /sys. Pure: text in, facts out. */

export interface CpuFacts {
  readonly model: string;
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
}

/** /proc/cpuinfo of x86; other architectures name fewer fields and count each processor as a core. */
export function parseCpuInfo(text: string, fallbackThreads: number): CpuFacts {
  const blocks = text
    .split(/\n\s*\n/)
    .map((block) => Object.fromEntries(block.split("\n").map((line) => splitAt(line, ":"))))
    .filter((block) => block.processor !== undefined);
  const threads = Math.max(1, blocks.length || fallbackThreads);
  const sockets = new Set(blocks.map((block) => block["physical id"] ?? "0")).size;
  const cores = new Set(blocks.map((block) => `${block["physical id"] ?? "0"}/${block["core id"] ?? block.processor}`)).size;
  const model = blocks[0]?.["model name"] ?? blocks[0]?.Processor ?? "unknown processor";
  return { model: model.slice(0, 200), sockets: Math.max(1, sockets), cores: Math.max(1, cores), threads };
}

/** /proc/meminfo, in bytes. */
export function parseMemInfo(text: string): { totalBytes: number; availableBytes: number } {
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
  return { totalBytes: kib("MemTotal"), availableBytes: kib("MemAvailable") };
}

/** The first line of /proc/stat: time spent and time idle (with waiting for input), in ticks, over all processors. */
export function parseCpuTimes(text: string): { busy: number; total: number } {
  const fields = (/^cpu\s+(.*)$/m.exec(text)?.[1] ?? "").trim().split(/\s+/).map(Number);
  // user nice system idle iowait irq softirq steal; guest time is in user already (proc(5)).
  const total = fields.slice(0, 8).reduce((sum, value) => sum + value, 0);
  return { busy: total - (fields[3] ?? 0) - (fields[4] ?? 0), total };
}

/** `btime` of /proc/stat, ms since the epoch; 0 when missing. */
export function parseBootTime(text: string): number {
  return Number(/^btime (\d+)$/m.exec(text)?.[1] ?? 0) * 1000;
}

/** PRETTY_NAME of os-release(5). */
export function parseOsRelease(text: string): string {
  const quoted = /^PRETTY_NAME=(.*)$/m.exec(text)?.[1]?.trim() ?? "";
  return quoted.replace(/^(["'])(.*)\1$/, "$2").slice(0, 200) || "Linux";
}

/** /proc/net/dev: what each interface has received and sent. */
export function parseNetDev(text: string): Map<string, NetworkCounters> {
  const interfaces = new Map<string, NetworkCounters>();
  for (const line of text.split("\n").slice(2)) {
    const [name, rest] = splitAt(line, ":");
    const fields = (rest ?? "").trim().split(/\s+/).map(Number);
    const [receivedBytes, receivedPackets, sentBytes, sentPackets] = [fields[0], fields[1], fields[8], fields[9]];
    if (name === "" || receivedBytes === undefined || receivedPackets === undefined) continue;
    if (sentBytes === undefined || sentPackets === undefined) continue;
    interfaces.set(name, { receivedBytes, receivedPackets, sentBytes, sentPackets });
  }
  return interfaces;
}

/** What is no disk of its own: loops, RAM disks, device-mapper and RAID layers over other disks, floppies, optical drives. */
export const NO_DISK = /^(loop|ram|zram|dm-|fd|sr|md|nbd)/;
/** The unit of /proc/diskstats, whatever the disk's own (Documentation/admin-guide/iostats.rst). */
const SECTOR_BYTES = 512;

/** /proc/diskstats of the named whole disks: what was read from and written to each. */
export function parseDiskStats(text: string, disks: ReadonlySet<string>): Map<string, DiskCounters> {
  const found = new Map<string, DiskCounters>();
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/);
    const name = fields[2];
    if (name === undefined || !disks.has(name)) continue;
    const [reads, readSectors, writes, writtenSectors] = [fields[3], fields[5], fields[7], fields[9]].map(Number);
    if (reads === undefined || readSectors === undefined || writes === undefined || writtenSectors === undefined) continue;
    if (Number.isNaN(writtenSectors)) continue;
    found.set(name, { reads, readBytes: readSectors * SECTOR_BYTES, writes, writtenBytes: writtenSectors * SECTOR_BYTES });
  }
  return found;
}

/** Processors that are on, by the lines of /proc/stat; at least 1. */
export function parseThreads(text: string): number {
  return Math.max(1, text.match(/^cpu\d+ /gm)?.length ?? 0);
}

/** Interfaces with a default route: /proc/net/route (destination and mask 0) and /proc/net/ipv6_route (::/0, not to lo). */
export function defaultRouteInterfaces(route4: string, route6: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const line of route4.split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === "00000000" && fields[7] === "00000000" && fields[0] !== undefined) found.add(fields[0]);
  }
  for (const line of route6.split("\n")) {
    const fields = line.trim().split(/\s+/);
    const name = fields[9];
    if (/^0{32}$/.test(fields[0] ?? "") && fields[1] === "00" && name !== undefined && name !== "lo") found.add(name);
  }
  return found;
}

function splitAt(line: string, separator: string): [string, string | undefined] {
  const at = line.indexOf(separator);
  return at < 0 ? [line.trim(), undefined] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}
