import { appendFileSync, chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { startPostgres } from "../scripts/launcher/postgres";
import type { Database } from "./replica-set";

/**
 * A primary and a standby that every commit waits for, and one address for both, as HAProxy or a virtual one is: it leads to the primary and cuts
 * what is connected when that changes.
 */
export interface PostgresPair extends Database {
  /** kill -9 of the primary, then what a keeper like Patroni does: the standby is promoted, and the address leads there. */
  failOver(): Promise<void>;
}

export async function startPostgresPair(dir: string): Promise<PostgresPair> {
  const [first, second] = [join(dir, "first"), join(dir, "second")];
  mkdirSync(dir, { mode: 0o755 });
  // A copy of a stopped one is a base backup.
  await (await startPostgres({ dir: first, database: "indium" })).stop();
  cpSync(first, second, { recursive: true, filter: (path) => !path.includes("/sockets/") });
  const owner = statSync(join(first, "data"));
  own(join(second, "data"), owner);
  const primary = await startPostgres({ dir: first, database: "indium" });
  const { port, password } = new URL(primary.url);
  const conninfo = `host=127.0.0.1 port=${port} user=indium password=${password} application_name=second`;
  appendFileSync(join(second, "data/postgresql.auto.conf"), `primary_conninfo = '${conninfo}'\n`);
  writeFileSync(join(second, "data/standby.signal"), "");
  chownSync(join(second, "data/standby.signal"), owner.uid, owner.gid);
  const standby = await startPostgres({ dir: second, database: "indium" });
  await ask(primary.url, "ALTER SYSTEM SET synchronous_standby_names = 'second'");
  await ask(primary.url, "SELECT pg_reload_conf()");
  for (let tries = 0; (await ask(primary.url, "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")) === 0; tries++) {
    if (tries > 300) throw new Error(`the standby does not follow: ${readFileSync(join(second, "postgres.log"), "utf8").slice(-1_000)}`);
    await sleep(100);
  }
  const address = await startAddress(Number(port));
  const url = new URL(primary.url);
  url.port = String(address.port);
  return {
    url: url.toString(),
    get pid() {
      return primary.pid;
    },
    failOver: async () => {
      process.kill(primary.pid, "SIGKILL");
      await ask(standby.url, "SELECT pg_promote()");
      address.leadTo(Number(new URL(standby.url).port));
    },
    stop: async () => {
      address.stop();
      await Promise.all([primary.stop(), standby.stop()]);
    },
  };
}

function own(folder: string, { uid, gid }: { uid: number; gid: number }): void {
  chmodSync(folder, 0o700);
  for (const path of [folder, ...readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name))])
    chownSync(path, uid, gid);
}

/** How many rows. */
async function ask(url: string, query: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(query)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

async function startAddress(first: number): Promise<{ port: number; leadTo(port: number): void; stop(): void }> {
  let target = first;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    client.pipe(upstream).pipe(client);
    const end = () => {
      for (const socket of [client, upstream]) {
        socket.destroy();
        open.delete(socket);
      }
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", end).on("close", end);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (port) => {
      target = port;
      cut();
    },
    stop: () => {
      server.close();
      cut();
    },
  };
}
