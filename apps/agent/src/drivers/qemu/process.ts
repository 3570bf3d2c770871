import { readdir, readFile, stat } from "node:fs/promises";
import { type InstanceId, InstanceId as InstanceIdSchema } from "@indium/contract/ids";
import { z } from "zod";
import { isErrno, readJsonFile, writeFileAtomic } from "../../system/files";

/** USER_HZ: the unit of times in /proc/<pid>/stat; 100 on every Linux architecture we run on (proc(5)). */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** A process and not its successor: pids are used again, start times within one boot are not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTicks: number;
  readonly bootId: string;
}

const ProcessFile = z.object({
  formatVersion: z.literal(1),
  pid: z.number().int().positive(),
  startTicks: z.number().int().min(0),
  bootId: z.string(),
  startedAt: z.number().int().positive(),
  guestUuid: z.uuid(),
});
export type ProcessFile = z.infer<typeof ProcessFile>;

export async function writeProcessFile(path: string, value: Omit<ProcessFile, "formatVersion">): Promise<void> {
  await writeFileAtomic(path, JSON.stringify({ formatVersion: 1, ...value }), { mode: 0o600 });
}

/** Null when there is none, or none we can read: /proc is asked then. */
export async function readProcessFile(path: string): Promise<ProcessFile | null> {
  const json = await readJsonFile(path).catch(() => null);
  const parsed = ProcessFile.safeParse(json);
  return parsed.success ? parsed.data : null;
}

let bootIdRead: Promise<string> | null = null;
export function bootId(): Promise<string> {
  bootIdRead ??= readFile("/proc/sys/kernel/random/boot_id", "utf8").then((text) => text.trim());
  return bootIdRead;
}

interface Stat {
  readonly state: string;
  readonly cpuTicks: number;
  readonly startTicks: number;
}

/** Fields 3, 14+15 and 22 of /proc/<pid>/stat; the name before them may hold blanks and brackets, so it is cut off at the last one. */
export function parseStat(text: string): Stat | null {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  const [user, system, start] = [Number(fields[11]), Number(fields[12]), Number(fields[19])];
  if (state === undefined || !Number.isFinite(user) || !Number.isFinite(system) || !Number.isFinite(start)) return null;
  return { state, cpuTicks: user + system, startTicks: start };
}

async function readStat(pid: number): Promise<Stat | null> {
  try {
    return parseStat(await readFile(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ESRCH")) return null;
    throw error;
  }
}

/** Null when no process has this pid, or only its corpse. */
export async function identify(pid: number): Promise<ProcessIdentity | null> {
  const read = await readStat(pid);
  if (read === null || read.state === "Z" || read.state === "X") return null;
  return { pid, startTicks: read.startTicks, bootId: await bootId() };
}

export async function isAlive(process: ProcessIdentity): Promise<boolean> {
  const now = await identify(process.pid);
  return now !== null && now.startTicks === process.startTicks && now.bootId === process.bootId;
}

/** Sends SIGKILL to exactly this process; nothing happens when it is gone. */
export async function killProcess(target: ProcessIdentity): Promise<void> {
  if (!(await isAlive(target))) return;
  try {
    process.kill(target.pid, "SIGKILL");
  } catch (error) {
    if (!isErrno(error, "ESRCH")) throw error;
  }
}

/** @returns whether the process ended in time. It is no child of ours after an agent restart, so it is looked at every 10 ms. */
export async function waitForEnd(target: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  while (await isAlive(target)) {
    if (performance.now() >= until) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

/** CPU seconds since its start and resident bytes now (statm: reading smaps_rollup walks the page tables of a large guest). */
export async function processUsage(pid: number): Promise<{ cpuSeconds: number; residentBytes: number } | null> {
  const read = await readStat(pid);
  if (read === null) return null;
  const statm = await readFile(`/proc/${pid}/statm`, "utf8").catch(() => "");
  const pages = Number(statm.split(" ")[1] ?? 0);
  return { cpuSeconds: read.cpuTicks / TICKS_PER_SECOND, residentBytes: (Number.isFinite(pages) ? pages : 0) * PAGE_BYTES };
}

/** When it started, ms since the epoch, from the kernel's own boot time. */
export async function startedAtMs(startTicks: number): Promise<number> {
  const match = /^btime (\d+)$/m.exec(await readFile("/proc/stat", "utf8"));
  return Number(match?.[1] ?? 0) * 1000 + Math.round((startTicks / TICKS_PER_SECOND) * 1000);
}

/**
 * Our VMs among all processes, by their own command line: finds also those whose agent died before it wrote their process file.
 * Only processes of `uid` with a monitor socket under `runDir` count: nobody else can pass for one, and agents beside each other
 * (tests) do not see each other's.
 */
export async function scanVms(runDir: string, uid: number): Promise<ReadonlyMap<InstanceId, ProcessIdentity>> {
  const found = new Map<InstanceId, ProcessIdentity>();
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  for (const name of pids) {
    try {
      // The cheap question first: most processes of a host are not of the VMs' user.
      if ((await stat(`/proc/${name}`)).uid !== uid) continue;
      const id = vmOfCommandLine(await readFile(`/proc/${name}/cmdline`, "utf8"), runDir);
      if (id === null) continue;
      const identity = await identify(Number(name));
      if (identity !== null) found.set(id, identity);
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

/** @param text arguments separated by NUL, as in /proc/<pid>/cmdline. */
export function vmOfCommandLine(text: string, runDir: string): InstanceId | null {
  const args = text.split("\0");
  // setpriv, before it turns into QEMU, carries the same arguments: it is not the VM yet, but the same pid.
  const named = args.flatMap((arg, index) => (arg === "-name" ? [args[index + 1] ?? ""] : []))[0];
  const id = InstanceIdSchema.safeParse(/^guest=([^,]+),/.exec(named ?? "")?.[1]);
  if (!id.success) return null;
  const socket = `socket,id=qmp0,path=${runDir.replaceAll(",", ",,")}/${id.data}/qmp,`;
  return args.some((arg) => arg.startsWith(socket)) ? id.data : null;
}
