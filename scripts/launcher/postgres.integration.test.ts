import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedPostgres, startPostgres } from "./postgres";

let dir = "";
let server: EmbeddedPostgres;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), `indium-pg-${process.pid}-`));
  await chmod(dir, 0o755);
});
afterAll(async () => {
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
});

async function query(text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.url, connectionTimeoutMillis: 2_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

async function untilAnswers(): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await query("select 1");
      return;
    } catch (error) {
      if (tries > 300) throw error;
      await sleep(100);
    }
  }
}

describe("the embedded Postgres", () => {
  it("is started again after kill -9, at the same address, with everything that was committed", async () => {
    server = await startPostgres({ dir, database: "indium" });
    const { url } = server;
    const said: string[] = [];
    server.keepRunning((sentence) => said.push(sentence));
    await query("create table kept (n int)");
    for (let round = 1; round <= 3; round++) {
      await query(`insert into kept values (${round})`);
      const { pid } = server;
      // A backend at work outlives its postmaster for a moment, and holds the shared memory.
      const busy = query("select pg_sleep(1)").catch(() => {});
      await sleep(50);
      process.kill(pid, "SIGKILL");
      await untilAnswers();
      expect(server.pid).not.toBe(pid);
      expect(server.url).toBe(url);
      expect(await query("select count(*)::int as n from kept")).toEqual([{ n: round }]);
      await busy;
    }
    expect(said.filter((sentence) => sentence.includes("starting it again"))).toHaveLength(3);
  });

  it("stays ended once it is stopped", async () => {
    const { pid } = server;
    await server.stop();
    await sleep(600);
    expect(() => process.kill(pid, 0)).toThrow();
    await expect(query("select 1")).rejects.toThrow();
  });

  it("starts after a kill -9 of launcher and postmaster while a backend is at work", async () => {
    server = await startPostgres({ dir, database: "indium" });
    const busy = query("select pg_sleep(1)").catch(() => {});
    await sleep(50);
    const { pid } = server;
    process.kill(pid, "SIGKILL");
    while (existsSync(`/proc/${pid}`)) await sleep(1);
    server = await startPostgres({ dir, database: "indium" });
    expect(server.adopted).toBe(false);
    expect(await query("select count(*)::int as n from kept")).toEqual([{ n: 3 }]);
    await busy;
  });
});
