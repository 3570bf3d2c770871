import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InstanceCreateInput } from "@indium/contract/api/instance-views";
import { PROTOCOL_HISTORY, SUPPORTED_PROTOCOL_VERSIONS } from "@indium/contract/protocol";
import { signEnvelope } from "@indium/tunnel/envelope";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { z } from "zod";
import { type Relay, startRelay } from "../../../relay/src/relay";
import { createFront, type FrontOptions } from "../front/server";
import { startInternalApi } from "../internal-api";
import { applyDocument, documentStatus, serialTail } from "./hosts/host-calls";
import { migrateJobs } from "./operations/job-runner";
import { type PushContext, pushDocument } from "./reconcile/push-document";
import { giveTicket } from "./services/consoles";
import { createEnrolment } from "./services/enrolments";
import { buildDocument } from "./services/host-documents";
import { actOnInstance, hostIsOnline } from "./services/instances";
import { createInstance } from "./services/instances-create";
import { newSecretKey, parseKeyring } from "./services/secrets";
import type { Signer } from "./services/signing";
import { seedOrganization } from "./test-centre";
import { startTestDatabase, type TestDatabase } from "./test-database";
import { makeUser } from "./test-fixtures";

/**
 * Agents as they were recorded (`npm run skew:record`), over simulated VMs, against today's web, front and relay: whoever renames a field, or
 * makes one needed that they do not send, reads here which hosts that breaks.
 */
const here = fileURLToPath(new URL("../../../../skew/", import.meta.url));
const Recorded = z.object({ protocol: z.number(), commit: z.string().length(40), sha256: z.string().length(64) });
const recorded = readdirSync(here)
  .filter((name) => name.startsWith("agent-v"))
  .map((name) => ({
    folder: join(here, name),
    about: Recorded.parse(JSON.parse(readFileSync(join(here, name, "recorded.json"), "utf8"))),
  }));
const WAIT_MS = 60_000;

let database: TestDatabase;
let dir: string;
let signer: Signer;
let push: PushContext;
let origin: string;
let relay: Relay;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await startTestDatabase();
  await migrateJobs(database.url);
  dir = await mkdtemp(join(tmpdir(), `indium-skew-${process.pid}-`));
  const ports: { -readonly [K in keyof FrontOptions]: FrontOptions[K] } = { tls: null, webPort: 0, relayPort: 0 };
  const front = createFront(ports);
  origin = `http://127.0.0.1:${await listen(front)}`;
  const keysDir = join(dir, "keys");
  // The routes read their configuration from the environment, once: it is set before they are loaded.
  Object.assign(process.env, {
    DATABASE_URL: database.url,
    INDIUM_STATE_DIR: dir,
    INDIUM_KEYS_DIR: keysDir,
    INDIUM_BLOBS_DIR: join(dir, "blobs"),
    INDIUM_PUBLIC_URL: origin,
  });
  ({ signer } = await (await import("./services/centre")).centre());
  push = { db: database.db, signer, keyring: parseKeyring(newSecretKey()), blobsDir: join(dir, "blobs"), now: Date.now };
  const { POST } = await import("../app/api/enrol/route");
  const web = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      POST(new Request(`${origin}${request.url}`, { method: "POST", body: Buffer.concat(chunks) }))
        .then(async (answer) => response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer())))
        .catch(() => response.destroy());
    });
  });
  ports.webPort = await listen(web);
  const api = await startInternalApi({ db: database.db, signer, keysDir, host: "127.0.0.1", port: 0 });
  relay = await startRelay(
    {
      name: "skew",
      keysDirectory: keysDir,
      internalUrls: [api.url],
      trustedProxies: [],
      bind: "127.0.0.1",
      port: 0,
      rpcBind: "127.0.0.1",
      rpcPort: 0,
      rpcUrl: null,
      publicUrl: origin,
      maxLinks: 20_000,
      drainMs: 0,
      overlay: { off: "Not in this test.", port: 0, endpoint: null, peersFile: join(dir, "overlay.json") },
    },
    () => {},
  );
  ports.relayPort = relay.port;
  closing.push(
    () => relay.close(),
    () => api.stop(),
    () => close(front),
    () => close(web),
    async () => (await import("./db")).db().$disconnect(),
    () => database.stop(),
    () => rm(dir, { recursive: true, force: true }),
  );
  await until("the relay has registered", async () => (await database.db.relay.count()) === 1);
});
afterAll(async () => {
  for (const each of closing) await each();
});

it("every version that the centre speaks and is not today's own has its agent here, as it was recorded", () => {
  const versions = recorded.map(({ about }) => about.protocol);
  const newest = Math.max(...PROTOCOL_HISTORY.map(({ version }) => version));
  expect(versions).toEqual(expect.arrayContaining(SUPPORTED_PROTOCOL_VERSIONS.filter((version) => version < newest)));
  expect(versions.length, "run npm run skew:record").toBeGreaterThan(0);
  for (const { folder, about } of recorded) {
    const code = readFileSync(join(folder, "agent.mjs"));
    expect(createHash("sha256").update(code).digest("hex"), folder).toBe(about.sha256);
    expect(code.length).toBeLessThan(1_500_000);
    expect(existsSync(join(folder, "LICENSES"))).toBe(true);
  }
});

const spoken = recorded.filter(({ about }) => SUPPORTED_PROTOCOL_VERSIONS.includes(about.protocol));
describe.each(spoken.map((each) => ({ ...each, name: `protocol ${each.about.protocol} (${each.about.commit.slice(0, 10)})` })))(
  "an agent of $name",
  ({ folder, about }) => {
    let agent: ReturnType<typeof run>;
    let hostId: string;
    let instanceId: string;
    let organizationId: string;
    const state = join(tmpdir(), `indium-skew-agent-${process.pid}-${about.protocol}`);
    afterAll(async () => {
      agent?.child.kill("SIGKILL");
      await rm(state, { recursive: true, force: true });
    });
    const host = () => database.db.host.findUniqueOrThrow({ where: { id: hostId } });
    const runtime = () => database.db.instanceRuntime.findUnique({ where: { instanceId } });

    it("enrols, links and says what it is", async () => {
      const seed = await seedOrganization(database, `Skew ${about.protocol}`);
      organizationId = seed.organizationId;
      const { token } = await createEnrolment(
        database.db,
        { organizationId, siteId: seed.siteId, local: false, createdById: null },
        Date.now(),
      );
      agent = run(folder, state, token);
      await until("a host that is online", async () => {
        const row = await database.db.host.findFirst({ where: { organizationId } });
        if (row === null || !hostIsOnline(row, Date.now()) || row.ledgerId === null) return false;
        hostId = row.id;
        return true;
      });
      expect(await host()).toMatchObject({ protocol: about.protocol, simulated: true, revokedAt: null });
      const form = {
        organizationId: seed.organizationId,
        name: "old-host",
        imageId: seed.imageId,
        sizeId: seed.sizeId,
        requestKey: `skew-${about.protocol}-request`,
      };
      const context = { db: database.db, keyring: push.keyring, actorId: null, remoteAddress: null, nowMs: Date.now() };
      ({ instanceId } = await createInstance(
        context,
        InstanceCreateInput.parse({ ...form, password: "correct horse", userData: "#cloud-config\n" }),
      ));
    });

    it("takes today's document, starts what is in it, and its reports are all understood", async () => {
      expect(await pushDocument(push, hostId)).toBe("accepted");
      await until("the instance runs", async () => (await runtime())?.observedState === "running");
      await until("usage", async () => (await host()).usage !== null);
      await until("a step after the start", async () => (await database.db.instanceStep.count({ where: { instanceId } })) > 3);
      expect(
        await database.db.hostEvent.findMany({ where: { hostId, code: { in: ["report_dropped", "relay_forgery", "document_refused"] } } }),
      ).toEqual([]);
    });

    it("answers today's questions under its own signature", async () => {
      const status = await documentStatus(push, hostId);
      expect(status.instances).toMatchObject([{ instanceId, state: "running" }]);
      expect((await serialTail(push, hostId, { instanceId: instanceId as `i-${string}`, bytes: 1_000 })).totalBytes).toBeGreaterThanOrEqual(
        0,
      );
    });

    it("opens consoles", async () => {
      const { userId } = await makeUser(database.db, { grants: [[organizationId, "owner"]] });
      for (const kind of ["vnc", "serial"] as const) {
        const request = {
          organizationId,
          instanceId,
          userId,
          kind,
          mode: "control",
          publicUrl: origin,
          remoteAddress: null,
          nowMs: Date.now(),
        } as const;
        const { url } = await giveTicket(database.db, signer, request);
        expect(await firstMessage(url), kind).toMatch(kind === "vnc" ? /^RFB 003\.008/ : /"history"/);
      }
    });

    it("passes over what it does not know, wherever it stands in a document", async () => {
      await database.db.host.update({ where: { id: hostId }, data: { desiredGeneration: { increment: 1 } } });
      const document = await buildDocument({ ...push, nowMs: Date.now() }, hostId);
      const newer = withUnknown(document) as { generation: number };
      const reply = await applyDocument(push, hostId, signEnvelope("desired-document", newer, signer.keyPair.privateKey));
      expect(reply).toEqual({ accepted: true, generation: newer.generation });
      expect((await documentStatus(push, hostId)).instances).toMatchObject([{ instanceId, state: "running" }]);
    });

    it("stops an instance when it is told to", async () => {
      const wish = { organizationId, instanceId, action: "forceStop", actorId: null, remoteAddress: null, nowMs: Date.now() } as const;
      await actOnInstance(database.db, wish);
      await pushDocument(push, hostId);
      await until("the instance is stopped", async () => (await runtime())?.observedState === "stopped");
    });

    it("goes, and the centre knows", async () => {
      agent.child.kill("SIGTERM");
      expect(await agent.ended, agent.said()).toBe(0);
      await until("it is offline", async () => !hostIsOnline(await host(), Date.now()));
      expect(relay.sessions.registry.size).toBe(0);
    });

    it("is told to upgrade once its protocol is no longer spoken", async () => {
      const old = join(state, "old");
      const code = readFileSync(join(folder, "agent.mjs"), "utf8");
      const older = code.replace(/this\.hello=\{protocol:[\w$]+,/, "this.hello={protocol:0,");
      expect(older).not.toBe(code);
      await writeFile(`${old}.mjs`, older);
      const again = run(`${old}.mjs`, state, null);
      try {
        await until("it says why", async () => again.said().includes("Run the install script again on the host."));
        expect(hostIsOnline(await host(), Date.now())).toBe(false);
      } finally {
        again.child.kill("SIGKILL");
        await again.ended;
      }
    });
  },
);

function run(
  program: string,
  state: string,
  token: string | null,
): { child: ChildProcess; ended: Promise<number | null>; said: () => string } {
  const file = program.endsWith(".mjs") ? program : join(program, "agent.mjs");
  const child = spawn(process.execPath, [file, "run", "--count", "1", "--url", origin, "--state-dir", state], {
    env: { NODE_ENV: "test", PATH: process.env.PATH, HOME: state, ...(token === null ? {} : { INDIUM_ENROL_TOKENS: token }) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-20_000);
    });
  }
  const ended = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
  return { child, ended, said: () => said };
}

/** The same with a field more in every object of it, as a version to come might send. */
function withUnknown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknown);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, key === "tags" ? each : withUnknown(each)]);
  return { ...Object.fromEntries(entries), fromTheFuture: { of: ["an", { object: 1 }] } };
}

function firstMessage(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ["binary"]);
    socket.once("message", (data: Buffer) => {
      resolve(data.toString("latin1"));
      socket.close();
    });
    socket.once("close", (code, reason) => reject(new Error(`closed with ${code} ${reason.toString()}`)));
    socket.once("error", reject);
  });
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
