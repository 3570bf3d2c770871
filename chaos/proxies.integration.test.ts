import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { type ApiClient, anonymousClient, type CookieJar, clientFor, sessionOf } from "../e2e/api-client";
import { LiveListener } from "./live-listener";
import { type ProxyName, programOf, proxyStarter } from "./real-proxies";
import { ENTRIES, ReplicaSet } from "./replica-set";

/**
 * `deploy/proxies` tried: TLS before two webs, a relay and two hosts. nginx and Caddy are no part of what tests install; where there are
 * none, INDIUM_NGINX and INDIUM_CADDY may name the programs of unpacked packages.
 */
const OWNER = { name: "Owner", email: "owner@example.org", password: "a long proxies password" };
const built = Object.values(ENTRIES).every((file) => existsSync(file));

async function until<T>(what: string, look: () => Promise<T | null | false> | T | null | false, limitMs = 60_000): Promise<T> {
  const began = performance.now();
  for (;;) {
    const found = await look();
    if (found !== null && found !== false) return found;
    if (performance.now() - began > limitMs) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await sleep(50);
  }
}

for (const name of ["nginx", "caddy"] as const satisfies readonly ProxyName[]) {
  const may = built && programOf(name) !== null;
  if (!may) console.log(`${name} is not tried: ${built ? "it is not installed" : "npm run build has not run"}`);
  describe.skipIf(!may)(`behind ${name}`, () => {
    let set: ReplicaSet;
    let sql: pg.Pool;
    let jar: CookieJar;
    let api: ApiClient;
    let organizationId: `org-${string}`;
    const rejects = process.env.NODE_TLS_REJECT_UNAUTHORIZED;

    beforeAll(async () => {
      // The certificate is of the test's own making, and this process talks to nobody else.
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
      set = new ReplicaSet({ startProxy: proxyStarter(name) });
      await set.start();
      sql = new pg.Pool({ connectionString: set.databaseUrl, max: 1 });
      sql.on("error", () => {});
      const token = new URL(String((await set.admin("setup-link")).url)).searchParams.get("token") ?? "";
      await anonymousClient(set.publicUrl).setup.complete.mutate({ ...OWNER, token, organizationName: "Proxies", siteName: "Here" });
      jar = await sessionOf(set.publicUrl, OWNER.email, OWNER.password);
      api = clientFor(set.publicUrl, jar);
      organizationId = (await api.session.get.query()).organizations[0]?.id as `org-${string}`;
    });
    afterAll(async () => {
      await sql?.end();
      await set?.stop();
      if (rejects === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = rejects;
    });

    it("hosts link, pages are live, and a console is a websocket through it all", async () => {
      const hosts = await until("two hosts are online", async () => {
        const all = await api.host.list.query({ organizationId });
        return all.length === 2 && all.every(({ state }) => state === "online") ? all : null;
      });
      const listener = new LiveListener(set.publicUrl, jar.header(), organizationId);
      try {
        await listener.hear(/resync/, 0);
        const heard = listener.hear(/"changed".*"host"/, listener.mark);
        await api.host.rename.mutate({ hostId: hosts[0]?.id as `h-${string}`, name: "renamed" });
        console.log(`${name}: a change was heard after ${Math.round(await heard)} ms`);
        const [image] = (await api.image.list.query({ organizationId })).filter(({ state }) => state === "ready");
        const [size] = (await api.size.list.query()).filter(({ memoryBytes }) => memoryBytes === 1024 ** 3);
        const wish = { organizationId, name: "behind", imageId: image?.id as `img-${string}`, sizeId: size?.id as `size-${string}` };
        const instanceId = (await api.instance.create.mutate({ ...wish, userData: null, requestKey: "behind-a-proxy" }))
          .instanceId as `i-${string}`;
        await until("it runs", async () => (await api.instance.get.query({ instanceId })).state === "running");
        const { url } = await api.instance.openConsole.mutate({ instanceId, kind: "serial" });
        expect(url).toMatch(/^wss:/);
        const socket = new WebSocket(url, ["binary"]);
        let echo = "";
        socket.on("message", (data: Buffer) => (echo += data.toString("latin1")));
        await new Promise<void>((resolve, reject) => socket.once("open", resolve).once("error", reject));
        socket.send(Buffer.from("hello proxy\r"));
        await until("the guest echoes", () => echo.includes("hello proxy"));
        socket.close();
      } catch (thrown) {
        throw new Error(set.lastWords(), { cause: thrown });
      } finally {
        await listener.close();
      }
    });

    it("believes no client about where it comes from, compresses what may be, and leaves pages as they are", async () => {
      const signIn = await fetch(`${set.publicUrl}/sign-in`, { headers: { "accept-encoding": "gzip" } });
      expect([signIn.status, signIn.headers.get("content-encoding")]).toEqual([200, null]);
      const script = /\/_next\/static\/[^"]+\.js/.exec(await signIn.text())?.[0] ?? "";
      const file = await fetch(`${set.publicUrl}${script}`, { headers: { "accept-encoding": "gzip" } });
      expect([file.status, file.headers.get("content-encoding")]).toEqual([200, "gzip"]);
      await fetch(`${set.publicUrl}/api/trpc/site.create?batch=1`, {
        method: "POST",
        headers: {
          ...{ cookie: jar.header(), origin: set.publicUrl, "content-type": "application/json" },
          "x-forwarded-for": "6.6.6.6",
        },
        body: JSON.stringify({ 0: { json: { organizationId, name: "Spoofed" } } }),
      });
      const { rows } = await sql.query<{ remoteAddress: string }>(
        `SELECT "remoteAddress" FROM "AuditEvent" WHERE action = 'site.create' ORDER BY id DESC LIMIT 1`,
      );
      expect(rows).toEqual([{ remoteAddress: "127.0.0.1" }]);
    });

    it("a web that is killed costs nobody who asks afterwards", async () => {
      await set.kill("web-a");
      const failures: string[] = [];
      for (let count = 0; count < 40; count++) await api.session.get.query().catch((error: unknown) => failures.push(String(error)));
      // Kept connections to the killed one may break what was sent on them, once each.
      expect(failures.length).toBeLessThanOrEqual(1);
      console.log(`${name}: of 40 requests after a web's death ${failures.length} failed`);
    });
  });
}
