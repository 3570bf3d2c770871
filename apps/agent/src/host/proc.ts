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

/** /proc/net/dev: bytes received and sent per interface. */
export function parseNetDev(text: string): Map<string, { received: number; sent: number }> {
  const interfaces = new Map<string, { received: number; sent: number }>();
  for (const line of text.split("\n").slice(2)) {
    const [name, rest] = splitAt(line, ":");
    const fields = (rest ?? "").trim().split(/\s+/).map(Number);
    if (name !== "" && fields.length >= 9) interfaces.set(name, { received: fields[0] ?? 0, sent: fields[8] ?? 0 });
  }
  return interfaces;
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
