import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type EmbeddedPostgres, startPostgres } from "../scripts/launcher/postgres";
import { startBalancer } from "./balancer";

/**
 * An installation as it is run big, on one machine: one Postgres, two workers, two webs of the real build, a relay that knows both
 * workers, two simulated hosts, and a balancer (or another proxy) before it all. Each piece is a process of its own that can be killed by name.
 */
export const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
export const WEBS = ["web-a", "web-b"] as const;
export const WORKERS = ["worker-a", "worker-b"] as const;
type Piece = (typeof WEBS)[number] | (typeof WORKERS)[number] | "relay" | "simulated" | "web-stranger";

/** Built by `npm run build`; without it there is nothing to start. */
export const ENTRIES = {
  worker: join(root, "dist/web/worker.js"),
  admin: join(root, "dist/web/admin.js"),
  web: join(root, "dist/next/apps/web/server.js"),
  relay: join(root, "dist/relay/main.js"),
  simulated: join(root, "dist/agent/run/agent-simulated.js"),
} as const;

export interface Proxy {
  readonly url: string;
  /** Of a certificate that nobody else vouches for, as agents take it. */
  readonly pin?: string;
  stop(): Promise<void>;
}
export type ProxyStarter = (set: ReplicaSet) => Promise<Proxy>;

const roundRobin: ProxyStarter = async (set) => {
  const { balancer: port, relay: relayPort } = set.ports;
  const server = await startBalancer({ port, relayPort, webPorts: WEBS.map((name) => set.ports[name]) });
  return { url: set.origin("balancer"), stop: async () => void server.close().closeAllConnections() };
};

export type Database = Pick<EmbeddedPostgres, "url" | "pid" | "stop">;

async function oneThatIsStartedAgain(dir: string): Promise<Database> {
  const postgres = await startPostgres({ dir, database: "indium" });
  postgres.keepRunning(() => {});
  return postgres;
}

export class ReplicaSet {
  readonly dir = mkdtempSync(join(tmpdir(), `indium-replicas-${process.pid}-`));
  readonly #children = new Map<Piece, ChildProcess>();
  #ports: Record<Exclude<Piece, "simulated"> | "rpc" | "balancer", number> | null = null;
  #postgres: Database | null = null;
  #proxy: Proxy | null = null;
  readonly #startProxy: ProxyStarter;
  readonly #startDatabase: (dir: string) => Promise<Database>;

  constructor(options: { startProxy?: ProxyStarter; startDatabase?: (dir: string) => Promise<Database> } = {}) {
    this.#startProxy = options.startProxy ?? roundRobin;
    this.#startDatabase = options.startDatabase ?? oneThatIsStartedAgain;
  }

  get databaseUrl(): string {
    if (this.#postgres === null) throw new Error("Postgres does not run");
    return this.#postgres.url;
  }

  get postgresPid(): number {
    if (this.#postgres === null) throw new Error("Postgres does not run");
    return this.#postgres.pid;
  }

  get ports() {
    if (this.#ports === null) throw new Error("nothing was started");
    return this.#ports;
  }

  /** What users and hosts are told: the balancer. */
  get publicUrl(): string {
    if (this.#proxy === null) throw new Error("nothing was started");
    return this.#proxy.url;
  }

  origin(name: keyof typeof this.ports): string {
    return `http://127.0.0.1:${this.ports[name]}`;
  }

  async start(): Promise<void> {
    // As root Postgres runs as another user, who has to get in.
    chmodSync(this.dir, 0o755);
    this.#postgres = await this.#startDatabase(join(this.dir, "postgres"));
    const names = ["web-a", "web-b", "worker-a", "worker-b", "relay", "rpc", "web-stranger", "balancer"] as const;
    const free = await freePorts(names.length);
    this.#ports = Object.fromEntries(names.map((name, at) => [name, free[at] ?? 0])) as typeof this.ports;
    this.#proxy = await this.#startProxy(this);
    this.startPiece("worker-a");
    await this.#answers("worker-a", "/healthz");
    for (const name of ["worker-b", ...WEBS, "relay"] as const) this.startPiece(name);
    await Promise.all([
      this.#answers("worker-b", "/healthz"),
      ...WEBS.map((name) => this.#answers(name, "/api/health")),
      this.#answers("relay", "/relay/health"),
    ]);
    const tokens = await Promise.all([1, 2].map(async () => String((await this.admin("enrol-simulated")).token)));
    this.startPiece("simulated", { INDIUM_ENROL_TOKENS: tokens.join(",") });
  }

  /** Starts what does not run; what it says goes to a log of its name. */
  startPiece(name: Piece, more: NodeJS.ProcessEnv = {}): void {
    const { args, env } = this.#plan(name);
    mkdirSync(join(this.dir, "log"), { recursive: true });
    const log = openSync(this.#logFile(name), "a");
    const child = spawn(process.execPath, args, { env: { ...this.#environment(), ...env, ...more }, stdio: ["ignore", log, log] });
    closeSync(log);
    this.#children.set(name, child);
  }

  async startAgain(name: (typeof WEBS)[number] | (typeof WORKERS)[number]): Promise<void> {
    this.startPiece(name);
    await this.#answers(name, name.startsWith("web") ? "/api/health" : "/healthz");
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(name: Piece): Promise<void> {
    const child = this.#children.get(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGKILL");
    await gone;
  }

  async admin(command: string): Promise<Record<string, unknown>> {
    const { stdout } = await promisify(execFile)(process.execPath, [ENTRIES.admin, command], { env: this.#environment() });
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  /** The last lines of every log, for whoever has to find out why. */
  lastWords(lines = 15): string {
    return [...this.#children.keys()]
      .map((name) => `── ${name}\n${readFileSync(this.#logFile(name), "utf8").trim().split("\n").slice(-lines).join("\n")}`)
      .join("\n");
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#children.keys()].map((name) => this.kill(name)));
    await this.#proxy?.stop();
    await this.#postgres?.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #logFile(name: Piece): string {
    return join(this.dir, "log", `${name}.log`);
  }

  #environment(): NodeJS.ProcessEnv {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    return {
      ...inherited,
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      DATABASE_URL: this.databaseUrl,
      INDIUM_STATE_DIR: this.dir,
      INDIUM_PUBLIC_URL: this.publicUrl,
      NEXTAUTH_URL: this.publicUrl,
      INDIUM_DIST_DIR: join(root, "dist"),
      INDIUM_MIGRATIONS_DIR: join(root, "prisma/migrations"),
      INDIUM_CATALOGUE_FILE: join(root, "image/catalogue.json"),
    };
  }

  #plan(name: Piece): { args: readonly string[]; env: NodeJS.ProcessEnv } {
    switch (name) {
      case "worker-a":
      case "worker-b":
        // pg tells Postgres the name, so that one can see there who holds a lock.
        return { args: [ENTRIES.worker], env: { PGAPPNAME: name, INDIUM_INTERNAL_PORT: String(this.ports[name]) } };
      case "web-a":
      case "web-b":
        return { args: [ENTRIES.web], env: { PORT: String(this.ports[name]), HOSTNAME: "127.0.0.1" } };
      case "web-stranger":
        // A machine whose keys folder nobody has filled.
        return {
          args: [ENTRIES.web],
          env: { PORT: String(this.ports[name]), HOSTNAME: "127.0.0.1", INDIUM_KEYS_DIR: join(this.dir, "keys-of-its-own") },
        };
      case "relay":
        return {
          args: [ENTRIES.relay],
          env: {
            INDIUM_RELAY_PORT: String(this.ports.relay),
            INDIUM_RELAY_RPC_PORT: String(this.ports.rpc),
            INDIUM_INTERNAL_URL: WORKERS.map((worker) => this.origin(worker)).join(","),
            // Relays begin at an address by their name; this one at the first, which is the worker that is killed.
            INDIUM_RELAY_NAME: "replicas-b",
            INDIUM_OVERLAY: "off",
          },
        };
      case "simulated": {
        const state = { INDIUM_AGENT_STATE_DIR: join(this.dir, "simulated"), DATABASE_URL: undefined };
        const pin = this.#proxy?.pin === undefined ? [] : ["--pin", this.#proxy.pin];
        return { args: [ENTRIES.simulated, "run", "--count", "2", "--url", this.publicUrl, ...pin], env: state };
      }
    }
  }

  async #answers(name: Exclude<Piece, "simulated">, path: string): Promise<void> {
    for (let tries = 0; tries < 600; tries++) {
      const child = this.#children.get(name);
      if (child?.exitCode !== null) break;
      const response = await fetch(`${this.origin(name)}${path}`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
      await response?.body?.cancel();
      if (response?.ok === true) return;
      await sleep(100);
    }
    throw new Error(`${name} did not answer. What all of them said last:\n${this.lastWords()}`);
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once("listening", resolve))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
