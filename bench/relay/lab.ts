import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { HostId } from "@indium/contract/ids";
import { RELAY_PATHS } from "@indium/contract/protocol";
import { loadOrCreateKeyPair } from "@indium/tunnel/key-files";
import { build } from "esbuild";
import { pinOf, prepareTls } from "../../apps/web/src/front/certificate";
import { readFrontEnv } from "../../apps/web/src/front/env";
import type { ProbeStats } from "./probe";
import { type Viewer, viewerOf } from "./viewer";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** The relay and the front as they are shipped, and what stands around them in a bench. */
const PROGRAMS = {
  relay: "apps/relay/src/main.ts",
  front: "apps/web/src/front.ts",
  roles: "bench/relay/roles.ts",
  probe: "bench/relay/probe.ts",
} as const;
type Program = Exclude<keyof typeof PROGRAMS, "probe">;

/** Of everything here: below zero where others work on the same machine and there is no quiet moment to be had (root only; say so beside the figures). */
const PRIORITY = Number(process.env.BENCH_PRIORITY ?? 0);

/**
 * Of what stands for other machines, but has to share this one's two processors. Not lower: hosts that get no turn for long all answer at the same
 * moment after it, which hosts do not.
 */
export const ELSEWHERE = 10;

export interface StartOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Of the network; this one's unless given. */
  readonly namespace?: string;
  /** Higher is humbler. */
  readonly nice?: number;
}

/** A process of the bench. */
export class Started {
  readonly child: ChildProcess;
  readonly #name: string;

  constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.child = child;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The next message for which `wanted` holds. */
  async next<T>(wanted: (message: unknown) => message is T): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const stop = () => {
        this.child.off("message", look);
        this.child.off("exit", ended);
      };
      const look = (message: unknown) => {
        if (!wanted(message)) return;
        stop();
        resolve(message);
      };
      const ended = (code: number | null) => {
        stop();
        reject(new Error(`${this.#name} ended with ${code}`));
      };
      this.child.on("message", look);
      this.child.once("exit", ended);
    });
  }

  async said<K extends string>(key: K): Promise<Record<K, number>> {
    return await this.next((message): message is Record<K, number> => typeof message === "object" && message !== null && key in message);
  }

  async stats(): Promise<ProbeStats> {
    const answer = this.next(
      (message): message is ProbeStats => typeof message === "object" && message !== null && "kind" in message && message.kind === "stats",
    );
    this.child.send("stats");
    return await answer;
  }

  /** From here on the event loop's lateness and the peak of memory count. */
  reset(): void {
    this.child.send("reset");
    resetPeak(this.pid);
  }
}

/** Processes, keys and a folder of one bench, all gone after `close`. */
export class Lab {
  readonly directory: string;
  readonly keys: string;
  readonly #children: ChildProcess[] = [];

  private constructor(directory: string) {
    this.directory = directory;
    this.keys = join(directory, "keys");
  }

  static async open(): Promise<Lab> {
    const directory = mkdtempSync(join(tmpdir(), `indium-bench-relay-${process.pid}-`));
    await build({
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      logLevel: "error",
      absWorkingDir: root,
      entryPoints: { ...PROGRAMS },
      outdir: directory,
      outExtension: { ".js": ".mjs" },
      banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
      external: ["bufferutil", "utf-8-validate"],
      tsconfig: join(root, "tsconfig.base.json"),
    });
    return new Lab(directory);
  }

  start(program: Program, options: StartOptions = {}): Started {
    const { args = [], env = {}, namespace, nice = 0 } = options;
    const node = [
      process.execPath,
      // To look closer: `BENCH_NODE="--cpu-prof --cpu-prof-dir=profiles" BENCH_NODE_OF=relay` (or front).
      ...(program !== (process.env.BENCH_NODE_OF ?? "relay")
        ? []
        : (process.env.BENCH_NODE ?? "").split(" ").filter((each) => each !== "")),
      "--import",
      join(this.directory, "probe.mjs"),
      join(this.directory, `${program}.mjs`),
      ...args,
    ];
    const level = nice + PRIORITY;
    const humble = level === 0 ? node : ["nice", "-n", String(level), ...node];
    const [file = "", ...rest] = namespace === undefined ? humble : ["ip", "netns", "exec", namespace, ...humble];
    const stdio = ["ignore", "ignore", process.env.BENCH_DEBUG === undefined && program !== "roles" ? "ignore" : "inherit", "ipc"] as const;
    const child = spawn(file, rest, { stdio: [...stdio], env: { ...process.env, INDIUM_STATE_DIR: this.directory, ...env } });
    this.#children.push(child);
    return new Started(`${program} ${args[0] ?? ""}`.trim(), child);
  }

  /** A program that is not ours. */
  spawn(file: string, args: readonly string[]): ChildProcess {
    const [command = "", ...rest] = PRIORITY === 0 ? [file, ...args] : ["nice", "-n", String(PRIORITY), file, ...args];
    const child = spawn(command, rest, { stdio: "ignore" });
    this.#children.push(child);
    return child;
  }

  /** A role that says where it listens. */
  async role(...args: readonly string[]): Promise<{ port: number; process: Started }> {
    const process = this.start("roles", { args });
    return { port: (await process.said("port")).port, process };
  }

  /** The centre and a relay registered with it. */
  async relay(namespace?: string): Promise<{ relay: Started; port: number; rpcPort: number }> {
    const where = namespace === undefined ? {} : { namespace };
    const centre = this.start("roles", { args: ["centre", this.directory], nice: ELSEWHERE, ...where });
    const centrePort = (await centre.said("port")).port;
    const [port, rpcPort] = [await freePort(), await freePort()];
    const relay = this.start("relay", {
      ...where,
      env: {
        INDIUM_RELAY_NAME: "bench",
        INDIUM_INTERNAL_URL: `http://127.0.0.1:${centrePort}`,
        INDIUM_RELAY_BIND: namespace === undefined ? "127.0.0.1" : "0.0.0.0",
        INDIUM_RELAY_PORT: String(port),
        INDIUM_RELAY_RPC_PORT: String(rpcPort),
        INDIUM_OVERLAY: "off",
      },
    });
    const health = `http://127.0.0.1:${port}${RELAY_PATHS.health}`;
    const ask = `fetch(${JSON.stringify(health)}).then(r=>r.json()).then(a=>process.exit(a.registered?0:1),()=>process.exit(1))`;
    const asking = namespace === undefined ? [process.execPath] : ["ip", "netns", "exec", namespace, process.execPath];
    for (let tries = 0; spawnSync(asking[0] ?? "", [...asking.slice(1), "-e", ask]).status !== 0; tries += 1) {
      if (tries > 100) throw new Error("the relay has not registered");
      await sleep(100);
    }
    return { relay, port, rpcPort };
  }

  /** A linked host with a VM, and what opens its console as a browser would. */
  async agent(name: string, origin: string, vmPort: number, pin = ""): Promise<{ agent: Started; viewer: Viewer }> {
    const agent = this.start("roles", { args: ["agent", this.directory, name, origin, String(vmPort), pin] });
    const { hostId } = (await agent.said("hostId")) as unknown as { hostId: HostId };
    const keys = await loadOrCreateKeyPair(join(this.keys, "centre"), "ed25519");
    return { agent, viewer: viewerOf(origin, hostId, keys.privateKey) };
  }

  /** The public origin before a relay, with its own certificate or without TLS. */
  async front(relayPort: number, tls: boolean): Promise<{ front: Started; origin: string; pin: string }> {
    let pin = "";
    const port = await freePort();
    const env: Record<string, string> = { INDIUM_PORT: String(port), INDIUM_RELAY_PORT: String(relayPort), INDIUM_WEB_PORT: "1" };
    if (tls) {
      const made = await prepareTls(readFrontEnv({ INDIUM_KEYS_DIR: join(this.directory, "front"), INDIUM_BIND: "0.0.0.0" }));
      pin = made === null ? "" : pinOf(made.cert);
      for (const [name, text] of [
        ["INDIUM_TLS_CERT", made?.cert],
        ["INDIUM_TLS_KEY", made?.key],
      ] as const) {
        env[name] = join(this.directory, name);
        writeFileSync(env[name] ?? "", text ?? "");
      }
    }
    const front = this.start("front", { env });
    const origin = `${tls ? "https" : "http"}://127.0.0.1:${port}`;
    await listening(port);
    return { front, origin, pin };
  }

  close(): void {
    for (const child of this.#children) child.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    }),
  );
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Until something listens there: no connection is made, because a peer may count them. */
export async function listening(port: number): Promise<void> {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  for (let tries = 0; tries < 200; tries += 1) {
    const sockets = readFileSync("/proc/net/tcp", "utf8").split("\n");
    if (sockets.some((line) => line.split(/\s+/)[2]?.endsWith(hex.trim()) && / 0A /.test(line))) return;
    await sleep(50);
  }
  throw new Error(`nothing listens on ${port}`);
}

export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** Bytes of memory that a process and its children have had at most since their peaks were reset. */
export function peakMemory(pid: number): number {
  const own = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" "),
  );
  return Number(own) * 1_024 + children.filter((child) => child !== "").reduce((sum, child) => sum + peakMemory(Number(child)), 0);
}

export const load = (): string => `load ${(loadavg()[0] ?? 0).toFixed(1)}`;
export const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MB`;
