import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import WebSocket from "ws";
import { type ApiClient, anonymousClient, type CookieJar, clientFor, sessionOf } from "../e2e/api-client";
import { LiveListener } from "./live-listener";
import { ENTRIES, ReplicaSet, WEBS, WORKERS } from "./replica-set";

/**
 * Two webs and two workers on one Postgres, as docs/operations/scale.md says, and kill -9 for each. One after the other: every
 * test finds what the one before has left.
 */
const missing = Object.values(ENTRIES).filter((file) => !existsSync(file));
if (missing.length > 0) console.log(`Replicas are not tested: npm run build has not made ${missing.join(", ")}`);
const when = it.skipIf(missing.length > 0);

const OWNER = { name: "Owner", email: "owner@example.org", password: "a long replicas password" };
/** Under load nothing is quick; what is printed is what counts. */
const PATIENCE_MS = 60_000;

let set: ReplicaSet;
let sql: pg.Pool;
let jar: CookieJar;
let organizationId: `org-${string}`;
let wanted: { imageId: `img-${string}`; sizeId: `size-${string}` };
const through = (name: (typeof WEBS)[number] | "balancer"): ApiClient => clientFor(set.origin(name), jar);
const print = (what: string, ms: number) => console.log(`replicas: ${what}: ${Math.round(ms)} ms`);

async function until<T>(what: string, look: () => Promise<T | null | false> | T | null | false, limitMs = PATIENCE_MS): Promise<T> {
  const began = performance.now();
  for (;;) {
    const found = await look();
    if (found !== null && found !== false) return found;
    if (performance.now() - began > limitMs) throw new Error(`Not within ${limitMs} ms: ${what}\n${set.lastWords()}`);
    await sleep(20);
  }
}

async function timed(what: string, look: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await until(what, async () => ((await look()) ? true : null));
  return performance.now() - began;
}

/** By the name that each worker's connections bear. */
async function leaderOf(task: string): Promise<string | null> {
  const { rows } = await sql.query<{ name: string }>(
    `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended($1, 0)`,
    [`task:${task}`],
  );
  return rows[0]?.name ?? null;
}

async function createInstance(api: ApiClient, name: string): Promise<`i-${string}`> {
  const { instanceId } = await api.instance.create.mutate({ organizationId, name, ...wanted, userData: null, requestKey: name });
  return instanceId as `i-${string}`;
}

const isRunning = async (id: `i-${string}`) => (await through("balancer").instance.get.query({ instanceId: id })).state === "running";

/** A connection from this machine to a port: who may be asked by it is told by /proc. */
function isConnectedTo(port: number): boolean {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .some((line) => {
      const [, , remoteAddress, state] = line.trim().split(/\s+/);
      return remoteAddress?.endsWith(remote) === true && state === "01";
    });
}

beforeAll(async () => {
  if (missing.length > 0) return;
  set = new ReplicaSet();
  const began = performance.now();
  await set.start();
  sql = new pg.Pool({ connectionString: set.databaseUrl, max: 2 });
  sql.on("error", () => {});
  const token = new URL(String((await set.admin("setup-link")).url)).searchParams.get("token") ?? "";
  await anonymousClient(set.publicUrl).setup.complete.mutate({ ...OWNER, token, organizationName: "Replicas", siteName: "Here" });
  jar = await sessionOf(set.origin("web-a"), OWNER.email, OWNER.password);
  organizationId = (await through("web-a").session.get.query()).organizations[0]?.id as `org-${string}`;
  wanted = await until("two hosts are online and an image is there", async () => {
    const api = through("balancer");
    const [images, hosts, sizes] = await Promise.all([
      api.image.list.query({ organizationId }),
      api.host.list.query({ organizationId }),
      api.size.list.query(),
    ]);
    const image = images.find(({ state }) => state === "ready");
    const size = sizes.toSorted((a, b) => a.memoryBytes - b.memoryBytes).find(({ memoryBytes }) => memoryBytes >= 1024 ** 3);
    const online = hosts.filter(({ state }) => state === "online").length;
    return image !== undefined && size !== undefined && online === 2 ? { imageId: image.id, sizeId: size.id } : null;
  });
  print("two workers, two webs, relay, balancer and two simulated hosts work", performance.now() - began);
});
afterAll(async () => {
  await sql?.end();
  await set?.stop();
});

when("a session made at one web is known at the other, and a change made at one is seen at the other", async () => {
  for (const web of WEBS) expect((await through(web).session.get.query()).user?.email).toBe(OWNER.email);
  const listener = new LiveListener(set.origin("web-a"), jar.header(), organizationId);
  try {
    await listener.hear(/resync/, 0);
    const [host] = await through("web-b").host.list.query({ organizationId });
    if (host === undefined) throw new Error("there is no host");
    const { mark } = listener;
    const heard = listener.hear(new RegExp(`"changed".*"host".*"${host.id}"`), mark);
    await through("web-b").host.rename.mutate({ hostId: host.id, name: "renamed-by-b" });
    print("what web B changed was heard at web A after (the change itself included)", await heard);
  } finally {
    await listener.close();
  }
});

when("a web with keys of its own is told apart: it says so, is not asked, and changes nothing", async () => {
  set.startPiece("web-stranger");
  const body = await until("the stranger answers", async () => {
    const response = await fetch(`${set.origin("web-stranger")}/api/health`).catch(() => null);
    return response?.status === 412 ? ((await response.json()) as { error: { message: string } }) : null;
  });
  expect(body.error.message).toMatch(/another centre\.key.*INDIUM_KEYS_DIR/);
  await expect(anonymousClient(set.origin("web-stranger")).session.get.query()).rejects.toThrow(/another centre\.key/);
  await set.kill("web-stranger");
});

let console1: `i-${string}`;

when("a console opens by the ticket of either web, whatever worker the relay asks", async () => {
  console1 = await createInstance(through("web-a"), "console-1");
  await until("it runs", () => isRunning(console1));
  await openConsole("web-a", "web-b");
  await openConsole("web-b", "web-a");
});

/** Opens a serial console by a ticket of one web, types, sees the echo, and finds itself in the room that another shows. */
async function openConsole(web: (typeof WEBS)[number], shownBy: (typeof WEBS)[number]): Promise<void> {
  const began = performance.now();
  const { url } = await through(web).instance.openConsole.mutate({ instanceId: console1, kind: "serial" });
  const socket = new WebSocket(url, ["binary"]);
  try {
    let heard = "";
    socket.on("message", (data: Buffer) => (heard += data.toString("latin1")));
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    socket.send(Buffer.from(`hello ${web}\r`));
    await until("the guest echoes", () => heard.includes(`hello ${web}`));
    print(`a console by ${web}'s ticket echoed after`, performance.now() - began);
    await until(
      "its viewer is shown",
      async () => (await through(shownBy).console.room.query({ instanceId: console1 })).viewers.length === 1,
    );
  } finally {
    socket.close();
  }
  await until("its end is noted", async () => (await through(shownBy).console.room.query({ instanceId: console1 })).viewers.length === 0);
}

when("web A is killed: open pages come back by the other, and work goes on", async () => {
  const listener = new LiveListener(set.publicUrl, jar.header(), organizationId);
  const second = new LiveListener(set.publicUrl, jar.header(), organizationId);
  try {
    // The balancer takes turns, so that one of two is with A.
    await Promise.all([listener.hear(/resync/, 0), second.hear(/resync/, 0)]);
    const [before, marks] = [listener.opened + second.opened, [listener.mark, second.mark] as const];
    const began = performance.now();
    await set.kill("web-a");
    await until("the stream that was with A is open again", () => listener.opened + second.opened > before);
    print("web A killed; its subscription was with web B after", performance.now() - began);
    // Everything that a page needs, through the same address; a request that was under way with A may have failed, one after it may not.
    const refused: string[] = [];
    for (let count = 0; count < 30; count++)
      await through("balancer")
        .session.get.query()
        .catch((error: unknown) => refused.push(String(error)));
    expect(refused).toEqual([]);
    const id = await createInstance(through("balancer"), "made-without-a");
    const seen = new RegExp(`"changed".*"instance".*"${id}"`);
    await Promise.all([listener.hear(seen, marks[0]), second.hear(seen, marks[1])]);
    await until("it runs", () => isRunning(id));
    await openConsole("web-b", "web-b");
    await set.startAgain("web-a");
    expect((await through("web-a").instance.get.query({ instanceId: id })).state).toBe("running");
  } finally {
    await Promise.all([listener.close(), second.close()]);
  }
});

when("the leading worker is killed: the other takes over, the relay asks it, and what was under way ends once", async () => {
  // Worker A was there first.
  await until("somebody leads", async () => ((await leaderOf("documents")) === WORKERS[0] ? true : null));
  expect(isConnectedTo(set.ports["worker-a"]), "the relay asks the worker that is killed").toBe(true);
  const names = ["under-way-1", "under-way-2", "under-way-3"];
  const created = await Promise.all(names.map((name) => createInstance(through("balancer"), name)));
  await through("balancer").instance.reboot.mutate({ instanceId: console1 });
  const began = performance.now();
  await set.kill("worker-a");
  const tookOver = await timed(
    "worker B leads",
    async () => (await leaderOf("documents")) === WORKERS[1] && (await leaderOf("upkeep")) === WORKERS[1],
  );
  print("leading worker killed; the other led after", tookOver);
  await until("all operations have ended", async () => (await openOperations()) === 0);
  print("leading worker killed; all that was under way had ended after", performance.now() - began);
  expect(tookOver).toBeLessThan(15_000);
  for (const id of created) expect(await isRunning(id)).toBe(true);
  expect(isConnectedTo(set.ports["worker-b"]), "the relay asks the other").toBe(true);
  const { rows } = await sql.query<{ instanceId: string; kind: string; state: string; count: number }>(
    `SELECT "instanceId", kind, state, count(*)::int AS count FROM "Operation" WHERE "instanceId" = ANY($1) GROUP BY 1, 2, 3 ORDER BY 1, 2`,
    [[...created, console1]],
  );
  expect(rows.filter(({ state, count }) => state !== "succeeded" || count !== 1)).toEqual([]);
  expect(rows).toHaveLength(created.length + 2);
  // Longer than any lease: whoever is online now is so by worker B's word.
  const { rows: leases } = await sql.query<{ ends: Date }>(`SELECT max("leaseExpiresAt") AS ends FROM "Host"`);
  await until("leases are renewed by the other worker", async () => {
    const now = await sql.query<{ ends: Date }>(`SELECT min("leaseExpiresAt") AS ends FROM "Host"`);
    return (now.rows[0]?.ends.getTime() ?? 0) > (leases[0]?.ends.getTime() ?? Number.POSITIVE_INFINITY);
  });
  expect((await through("balancer").host.list.query({ organizationId })).map(({ state }) => state)).toEqual(["online", "online"]);
  await set.startAgain("worker-a");
  expect(await leaderOf("documents")).toBe(WORKERS[1]);
});

const openOperations = async (): Promise<number> => {
  const { rows } = await sql.query<{ count: number }>(`SELECT count(*)::int AS count FROM "Operation" WHERE "endedAt" IS NULL`);
  return rows[0]?.count ?? 0;
};

when(
  "Postgres is killed: both webs, both workers and the subscriptions find it again, and nothing that was answered with yes is lost",
  async () => {
    const listener = new LiveListener(set.publicUrl, jar.header(), organizationId);
    try {
      await listener.hear(/resync/, 0);
      const { mark } = listener;
      const id = await createInstance(through("balancer"), "made-before-the-kill");
      process.kill(set.postgresPid, "SIGKILL");
      const began = performance.now();
      for (const web of WEBS)
        await until(`${web} answers`, () =>
          through(web)
            .instance.get.query({ instanceId: id })
            .catch(() => null),
        );
      print("Postgres killed; both webs answered after", performance.now() - began);
      await listener.hear(/resync/, mark);
      print("Postgres killed; the subscription was told to ask again after", performance.now() - began);
      await until("somebody leads", () => leaderOf("documents").catch(() => null));
      print("Postgres killed; a worker led after", performance.now() - began);
      await until("the instance runs", () => isRunning(id).catch(() => false));
      const later = await createInstance(through("balancer"), "made-after-the-kill");
      await until("a new one runs, too", () => isRunning(later));
      print("Postgres killed; a new instance ran after", performance.now() - began);
    } finally {
      await listener.close();
    }
  },
);
