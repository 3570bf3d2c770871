import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiClient, anonymousClient, clientFor, sessionOf } from "../e2e/api-client";
import { LiveListener } from "./live-listener";
import { type PostgresPair, startPostgresPair } from "./postgres-pair";
import { ENTRIES, ReplicaSet, WEBS } from "./replica-set";

/** A highly available Postgres changes its primary under two webs and two workers: docs/operations/postgres-ha.md. */
const OWNER = { name: "Owner", email: "owner@example.org", password: "a long failover password" };
const missing = Object.values(ENTRIES).filter((file) => !existsSync(file));
if (missing.length > 0) console.log(`Failing over is not tested: npm run build has not made ${missing.join(", ")}`);

let set: ReplicaSet;
let pair: PostgresPair | undefined;
beforeAll(async () => {
  if (missing.length > 0) return;
  set = new ReplicaSet({
    startDatabase: async (dir) => {
      pair = await startPostgresPair(dir);
      return pair;
    },
  });
  await set.start();
});
afterAll(() => set?.stop());

async function until(what: string, began: number, look: () => Promise<boolean>): Promise<void> {
  while (!(await look().catch(() => false))) {
    if (performance.now() - began > 90_000) throw new Error(`Not in 90 s: ${what}\n${set.lastWords()}`);
    await sleep(50);
  }
  console.log(`failover: ${what} after ${Math.round(performance.now() - began)} ms`);
}

async function leads(): Promise<boolean> {
  const client = new pg.Client({ connectionString: set.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM pg_locks WHERE locktype = 'advisory' AND granted",
    );
    return (rows[0]?.count ?? 0) >= 2;
  } finally {
    await client.end();
  }
}

it.skipIf(missing.length > 0)("a new primary is found by all, and what was answered with yes is there", async () => {
  const token = new URL(String((await set.admin("setup-link")).url)).searchParams.get("token") ?? "";
  await anonymousClient(set.publicUrl).setup.complete.mutate({ ...OWNER, token, organizationName: "Failover", siteName: "Here" });
  const jar = await sessionOf(set.publicUrl, OWNER.email, OWNER.password);
  const api = clientFor(set.publicUrl, jar);
  const organizationId = (await api.session.get.query()).organizations[0]?.id as `org-${string}`;
  await until("two hosts are online", performance.now(), async () => {
    const hosts = await api.host.list.query({ organizationId });
    return hosts.length === 2 && hosts.every(({ state }) => state === "online");
  });
  const imageId = (await api.image.list.query({ organizationId })).find(({ state }) => state === "ready")?.id as `img-${string}`;
  const sizeId = (await api.size.list.query()).find(({ memoryBytes }) => memoryBytes === 1024 ** 3)?.id as `size-${string}`;
  const create = async (name: string) => {
    const { instanceId } = await api.instance.create.mutate({
      ...{ organizationId, name, imageId, sizeId, userData: null },
      requestKey: `failover-${name}`,
    });
    return instanceId as `i-${string}`;
  };
  const isRunning = async (client: ApiClient, instanceId: `i-${string}`) =>
    (await client.instance.get.query({ instanceId })).state === "running";
  const listener = new LiveListener(set.publicUrl, jar.header(), organizationId);
  try {
    await listener.hear(/resync/, 0);
    const { mark } = listener;
    const before = await create("before");
    const began = performance.now();
    await pair?.failOver();
    console.log(`failover: the primary was killed and the standby promoted in ${Math.round(performance.now() - began)} ms`);
    for (const web of WEBS)
      await until(`${web} answered`, began, async () => {
        const { id } = await clientFor(set.origin(web), jar).instance.get.query({ instanceId: before });
        return id === before;
      });
    await listener.hear(/resync/, mark, 60_000);
    console.log(`failover: the open page was told to ask again after ${Math.round(performance.now() - began)} ms`);
    await until("workers led", began, leads);
    await until("what was created before ran", began, () => isRunning(api, before));
    const after = await create("after");
    await until("what was created afterwards ran", began, () => isRunning(api, after));
    expect((await api.host.list.query({ organizationId })).map(({ state }) => state)).toEqual(["online", "online"]);
  } finally {
    await listener.close();
  }
});
