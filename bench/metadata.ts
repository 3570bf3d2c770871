import { type ChildProcess, execFileSync, fork, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DesiredNic } from "@indium/contract/network";
import { aliasOf, ownerTag, shortCandidate, TAP_PREFIX } from "../apps/agent/src/network/names";
import { median } from "./median";
import type { AgentReady } from "./metadata-roles";

/**
 * The metadata service of one NIC, asked from a guest's namespace through tap, rules and pair, beside plain node:http asked over
 * loopback; what NICs cost in memory beside a process for each; and how long a hundred take to come up.
 */
const RUNS = Number(process.env.BENCH_RUNS ?? 5);
const NICS = 200;
const PATH = "/openstack/latest/meta_data.json";
const roles = fileURLToPath(new URL("./metadata-roles.ts", import.meta.url));
const tag = process.pid.toString(36);
const ip = (...args: string[]) => execFileSync("ip", args, { encoding: "utf8" });

type Ready = AgentReady & { readonly nics: readonly DesiredNic[] };

async function role<T>(children: ChildProcess[], ...parameters: string[]): Promise<T> {
  const child = fork(roles, parameters, { execArgv: ["--import", "tsx", "--expose-gc"], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  children.push(child);
  return await new Promise<T>((resolve, reject) => {
    child.once("message", (message) => resolve(message as T));
    child.once("exit", (code) => reject(new Error(`${parameters[0]} ended with ${code}`)));
  });
}

/** A host without an uplink, and guests as namespaces whose cable bears a tap's name, so that the agent takes it for its tap. */
class Stage {
  readonly stateDir = mkdtempSync(join(tmpdir(), "indium-bench-nic-"));
  readonly host = `ibench-h-${tag}`;
  readonly guest = `ibench-g-${tag}`;

  constructor() {
    for (const name of [this.host, this.guest]) {
      ip("netns", "add", name);
      ip("-n", name, "link", "set", "lo", "up");
    }
  }

  /** Between the tap's place and the guest. A tap without a VM behind it carries nothing. */
  plug(nic: DesiredNic): void {
    const owner = ownerTag(this.stateDir);
    const tap = `${TAP_PREFIX}${shortCandidate(owner, nic.id, 0)}`;
    ip("-n", this.host, "link", "del", tap);
    ip("-n", this.host, "link", "add", tap, "type", "veth", "peer", "name", "eth0", "netns", this.guest);
    ip("-n", this.host, "link", "set", tap, "alias", aliasOf(owner, nic.id));
    ip("-n", this.guest, "link", "set", "eth0", "address", nic.macAddress);
    ip("-n", this.guest, "addr", "add", `${nic.ipv4?.address}/16`, "dev", "eth0");
    ip("-n", this.guest, "link", "set", "eth0", "up");
    ip("-n", this.guest, "route", "add", "169.254.169.254/32", "dev", "eth0");
  }

  close(): void {
    for (const name of readdirSync("/run/netns"))
      if (name === this.host || name === this.guest || name.startsWith(`indium-md-${ownerTag(this.stateDir)}-`)) ip("netns", "del", name);
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}

interface Rate {
  readonly perSecond: number;
  readonly p99Ms: number;
}

/** One second to warm up, three to count. */
function load(url: string, namespace: string | null): Rate {
  const inside = namespace === null ? [] : ["nsenter", `--net=/run/netns/${namespace}`];
  const wrk = (seconds: number): string => {
    const [file = "wrk", ...args] = [...inside, "wrk", "-t1", "-c16", `-d${seconds}s`, "--latency", url];
    const done = spawnSync(file, args, { encoding: "utf8" });
    if (done.status !== 0 || /Non-2xx|Socket errors/.test(done.stdout)) throw new Error(`wrk on ${url}: ${done.stdout}${done.stderr}`);
    return done.stdout;
  };
  wrk(1);
  const text = wrk(3);
  const p99 = /99%\s+([\d.]+)(us|ms|s)/.exec(text);
  const unit = { us: 0.001, ms: 1, s: 1_000 }[p99?.[2] ?? "ms"] ?? 1;
  return { perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]), p99Ms: Number(p99?.[1]) * unit };
}

/** Bytes of this process alone and its part of what is shared. */
function proportionalBytes(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]) * 1_024;
}

/** What the kernel holds for itself. Other processes on the machine move it too. */
function kernelBytes(): number {
  const text = readFileSync("/proc/meminfo", "utf8");
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1_024;
  return of("Slab") + of("Percpu") + of("KernelStack") + of("VmallocUsed");
}

export async function benchMetadata(): Promise<void> {
  if (process.getuid?.() !== 0) return console.log("metadata: skipped, it makes network namespaces and needs root");
  const children: ChildProcess[] = [];
  const stage = new Stage();
  try {
    const kernelBefore = kernelBytes();
    const ready = await role<Ready>(children, "agent", stage.stateDir, stage.host, String(NICS));
    const kernel = (kernelBytes() - kernelBefore) / NICS;
    const counted = NICS - ready.warmUp;
    const own = (ready.after.rss - ready.before.rss) / counted;
    const heap = (ready.after.heap - ready.before.heap) / counted;
    console.log(
      `NICs: ${counted} at once after the first ${ready.warmUp}, up in ${(ready.bringUpMs / 1_000).toFixed(1)} s, ${(ready.bringUpMs / counted).toFixed(0)} ms each`,
    );
    const kb = (bytes: number) => `${(bytes / 1_024).toFixed(0)} kB`;

    const body = JSON.stringify({ uuid: crypto.randomUUID(), name: "bench", padding: "x".repeat(400) });
    const peers: { port: number }[] = [];
    for (let count = 0; count < 5; count++) peers.push(await role<{ port: number }>(children, "plain", body));
    const processBytes = median(children.slice(1).map((child) => proportionalBytes(child.pid ?? 0)));
    console.log(
      `  memory for one NIC   ${kb(own)} in the agent (goal < 100 kB; ${kb(heap)} of it live objects), ${kb(kernel)} in the kernel`,
    );
    console.log(`  a node process each  ${kb(processBytes)}   ours: ${(own / processBytes).toFixed(4)}× of it`);

    if (spawnSync("wrk", ["-v"]).error !== undefined) return console.log("  requests: not measured (apt-get install wrk)");
    const [nic] = ready.nics;
    const [peer] = peers;
    if (nic === undefined || peer === undefined) return;
    stage.plug(nic);
    children[0]?.send("again");
    await new Promise((resolve) => children[0]?.once("message", resolve));
    const ours: Rate[] = [];
    const theirs: Rate[] = [];
    for (let run = 0; run < RUNS; run++) {
      ours.push(load(`http://169.254.169.254${PATH}`, stage.guest));
      theirs.push(load(`http://127.0.0.1:${peer.port}${PATH}`, null));
    }
    print(ours, theirs);
  } finally {
    for (const child of children) child.kill("SIGKILL");
    stage.close();
  }
}

function print(ours: readonly Rate[], theirs: readonly Rate[]): void {
  const rate = (list: readonly Rate[]) => median(list.map(({ perSecond }) => perSecond));
  const p99 = (list: readonly Rate[]) => median(list.map(({ p99Ms }) => p99Ms));
  console.log(`metadata: ${PATH}, 16 connections kept open, median of ${RUNS}`);
  console.log(`  one NIC, from its guest      ${rate(ours).toFixed(0).padStart(6)} requests/s, p99 ${p99(ours).toFixed(2)} ms`);
  console.log(`  plain node:http, loopback    ${rate(theirs).toFixed(0).padStart(6)} requests/s, p99 ${p99(theirs).toFixed(2)} ms`);
  console.log(
    `  ratio ${(rate(ours) / rate(theirs)).toFixed(2)} of its rate (goal ≥ 0.9), ${(p99(ours) / p99(theirs)).toFixed(2)}× its p99`,
  );
}
