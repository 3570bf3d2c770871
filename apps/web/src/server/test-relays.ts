import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InstanceCreateInput } from "@indium/contract/api/instance-views";
import { HostUsage } from "@indium/contract/host";
import type { Upstream } from "../front/junction";
import { createFront } from "../front/server";
import { startInternalApi } from "../internal-api";
import { migrateJobs, startJobRunner } from "./operations/job-runner";
import { startDocumentPusher } from "./reconcile/document-pusher";
import type { PushContext } from "./reconcile/push-document";
import { createEnrolment } from "./services/enrolments";
import { hostIsOnline } from "./services/instances";
import { createInstance } from "./services/instances-create";
import { newSecretKey, parseKeyring } from "./services/secrets";
import { seedOrganization } from "./test-centre";
import { startTestDatabase } from "./test-database";

/**
 * An installation with several relays, each a process of its own, behind one front but for the last, which has an origin of its own; its hosts are
 * simulated ones in another process. Centre,
 * database, wire and agents are the real ones: what dies here, dies as it would.
 */
const root = fileURLToPath(new URL("../../../../", import.meta.url));
const WAIT_MS = 60_000;

export interface RelayProcess {
  readonly name: string;
  /** Where hosts and browsers reach it. */
  readonly origin: string;
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  said(): string;
}

export async function startRelayRig(names: readonly string[], hosts: number) {
  const database = await startTestDatabase();
  const { db } = database;
  await migrateJobs(database.url);
  const dir = await mkdtemp(join(tmpdir(), `indium-relays-${process.pid}-`));
  const keysDir = join(dir, "keys");
  const routes = new Map<string, Upstream>();
  const ports = { tls: null, webPort: 0, relayPort: 1, relays: routes };
  const front = createFront(ports);
  const origin = `http://127.0.0.1:${await listen(front)}`;
  // The routes read their configuration from the environment, once: it is set before they are loaded.
  Object.assign(process.env, {
    DATABASE_URL: database.url,
    INDIUM_STATE_DIR: dir,
    INDIUM_KEYS_DIR: keysDir,
    INDIUM_BLOBS_DIR: join(dir, "blobs"),
    INDIUM_PUBLIC_URL: origin,
  });
  const { signer } = await (await import("./services/centre")).centre();
  const push: PushContext = { db, signer, keyring: parseKeyring(newSecretKey()), blobsDir: join(dir, "blobs"), now: Date.now };
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
  const api = await startInternalApi({ db, signer, keysDir, host: "127.0.0.1", port: 0 });
  const jobs = await startJobRunner(database.url, db, Date.now);
  const stopPusher = await startDocumentPusher(database.url, push);

  const children: ChildProcess[] = [];
  const start = (program: string, args: readonly string[], env: Readonly<Record<string, string>>) => {
    const child = spawn(process.execPath, ["--import", "tsx", join(root, program), ...args], {
      cwd: root,
      env: { NODE_ENV: "test", PATH: process.env.PATH, HOME: dir, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-100_000);
      });
    const ended = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
    return { child, ended, said: () => said };
  };

  let ownPort = 0;
  const startRelay = async (name: string): Promise<RelayProcess> => {
    const alone = name === names.at(-1);
    // The same each time it is started: hosts keep what they were told.
    if (alone && ownPort === 0) ownPort = await freePort();
    const relay = start("apps/relay/src/main.ts", [], {
      INDIUM_STATE_DIR: dir,
      INDIUM_KEYS_DIR: keysDir,
      INDIUM_INTERNAL_URL: api.url,
      INDIUM_RELAY_NAME: name,
      INDIUM_RELAY_PORT: String(alone ? ownPort : 0),
      ...(alone ? { INDIUM_RELAY_PUBLIC_URL: `http://127.0.0.1:${ownPort}` } : {}),
      INDIUM_RELAY_RPC_PORT: "0",
      INDIUM_PUBLIC_URL: origin,
      INDIUM_OVERLAY: "off",
      INDIUM_RELAY_DRAIN_SECONDS: "30",
    });
    await until(`relay ${name} is registered`, async () => relay.said().includes("registered with the centre"));
    const port = Number(/listening .*? port=(\d+)/.exec(relay.said())?.[1]);
    if (!alone) {
      routes.set(name, { host: "127.0.0.1", port });
      ports.relayPort = port;
    }
    return { name, origin: alone ? `http://127.0.0.1:${port}` : origin, ...relay };
  };
  const relays = await Promise.all(names.map(startRelay));

  const seed = await seedOrganization(database, "Many relays");
  const { organizationId } = seed;
  const enrolment = { organizationId, siteId: seed.siteId, local: false, createdById: null };
  const tokens = await Promise.all(Array.from({ length: hosts }, () => createEnrolment(db, enrolment, Date.now())));
  const agents = start("apps/agent/src/bin/agent-simulated.ts", ["run", "--count", String(hosts), "--url", origin], {
    INDIUM_AGENT_STATE_DIR: join(dir, "agents"),
    INDIUM_ENROL_TOKENS: tokens.map(({ token }) => token).join(","),
  });
  const online = async () => {
    const rows = await db.host.findMany({ where: { organizationId }, orderBy: { id: "asc" } });
    return rows.filter((row) => hostIsOnline(row, Date.now()) && row.ledgerId !== null);
  };
  /** By host: the relay that stands by, as the host says every 5 s; null when it says that none does. */
  const standbys = async () => new Map((await online()).map((row) => [row.id, HostUsage.safeParse(row.usage).data?.standby ?? null]));
  await until("every host is online", async () => (await online()).length === hosts).catch((thrown: unknown) => {
    throw new Error(`${String(thrown)}\n${agents.said()}`);
  });

  return {
    db,
    push,
    origin,
    organizationId,
    relays,
    agents,
    startRelay,
    online,
    standbys,
    /** Every host has a second link, on another relay than its link, and neither on one of `not`. */
    twoLinks: (...not: readonly string[]) =>
      until(`every host has two links${not.length === 0 ? "" : `, none on ${not.join(" or ")}`}`, async () => {
        const rows = await online();
        const at = await standbys();
        const good = (relay: string | null | undefined) => typeof relay === "string" && !not.includes(relay);
        return (
          rows.length === hosts && rows.every((row) => good(row.relayName) && good(at.get(row.id)) && at.get(row.id) !== row.relayName)
        );
      }),
    /** One instance for each host that has none; resolves when all of them run. */
    fill: async () => {
      const context = { db, keyring: push.keyring, actorId: null, remoteAddress: null, nowMs: Date.now() };
      for (let at = 0; at < hosts; at += 1)
        await createInstance(
          context,
          InstanceCreateInput.parse({
            ...{ organizationId, imageId: seed.imageId, sizeId: seed.sizeId },
            name: `vm-${at}`,
            requestKey: `many-relays-request-${at}`,
          }),
        );
      await until("every instance runs", async () => (await db.instanceRuntime.count({ where: { observedState: "running" } })) === hosts);
      return db.instance.findMany({ where: { organizationId }, orderBy: { id: "asc" } });
    },
    stop: async () => {
      for (const child of children) child.kill("SIGKILL");
      await stopPusher();
      await jobs.stop();
      await api.stop();
      // What a killed relay had asked is still being written.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      for (const server of [front, web]) server.close().closeAllConnections();
      await (await import("./db")).db().$disconnect();
      await database.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
export type RelayRig = Awaited<ReturnType<typeof startRelayRig>>;

export async function until(what: string, condition: () => Promise<boolean>, timeoutMs = WAIT_MS): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
