import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConsoleTicket } from "@indium/contract/console";
import type { SignedEnvelope } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import type { HostFacts } from "@indium/contract/host";
import type { HostId, InstanceId } from "@indium/contract/ids";
import { internalApi } from "@indium/contract/internal-api";
import type { LinkClaim, RelayCertificate } from "@indium/contract/link";
import { newId } from "@indium/contract/plain/ids";
import { type ReportAck, ReportItem, SignedReports } from "@indium/contract/report";
import { signEnvelope } from "@indium/tunnel/envelope";
import { loadOrCreateKeyPair } from "@indium/tunnel/key-files";
import { type KeyPair, keyId } from "@indium/tunnel/keys";
import { createSignedHandler, type SignedHandlers } from "@indium/tunnel/signed-http";
import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import WebSocket from "ws";
import { createConsoleServer } from "../../../agent/src/console/server";
import type { VmHandle } from "../../../agent/src/drivers/types";
import { Link } from "../../../agent/src/link/dial";
import { type Identity, loadIdentity } from "../../../agent/src/link/identity";
import type { LinkState } from "../../../agent/src/link/link-state";
import { createStreams } from "../../../agent/src/link/streams";
import type { RelayEnv } from "../env";
import { type Relay, startRelay } from "../relay";

/** A real relay, a real agent's link and console server, a fake centre behind the real signed API, and a VM that is a loopback socket. */

const t = initTRPC.context<object>().create({ transformer: superjson });
export const slowCalls = { count: 0 };
export const testRouter = t.router({
  clock: t.procedure.query(() => ({ at: new Date(5) })),
  /** Answers after a while with how often it was carried out. */
  slow: t.procedure.mutation(async () => {
    slowCalls.count += 1;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return slowCalls.count;
  }),
  full: t.procedure.mutation(() => {
    throw new AppError("disk_full", "No room.");
  }),
});

export type CentreHandlers = { -readonly [N in keyof SignedHandlers<typeof internalApi>]: SignedHandlers<typeof internalApi>[N] };

export class FakeCentre {
  readonly calls: { name: string; input: unknown }[] = [];
  readonly hosts = new Map<string, HostId>();
  handlers: Partial<CentreHandlers> = {};
  /** The last epoch given to each host. */
  readonly epochs = new Map<HostId, number>();
  registerOverlay: (offer: { publicKey: string }) => { prefix: string; address: string } | undefined = () => undefined;
  epoch = 0;
  readonly #keys: KeyPair;
  readonly #relayKey: () => Promise<string>;
  #server: Server | null = null;
  port = 0;

  constructor(keys: KeyPair, relayKey: () => Promise<string>) {
    this.#keys = keys;
    this.#relayKey = relayKey;
  }

  async start(): Promise<void> {
    const handle = <N extends keyof CentreHandlers>(name: N, usual: CentreHandlers[N]): CentreHandlers[N] =>
      (async (input: never, caller: never) => {
        this.calls.push({ name, input });
        return await ((this.handlers[name] ?? usual) as (input: never, caller: never) => Promise<unknown>)(input, caller);
      }) as CentreHandlers[N];
    this.#server = createServer(
      createSignedHandler({
        api: internalApi,
        prefix: "/internal/",
        privateKey: this.#keys.privateKey,
        trustedKey: async (id) => {
          const key = await this.#relayKey();
          return keyId(key) === id ? key : null;
        },
        handlers: {
          registerRelay: handle("registerRelay", async ({ name, publicKey, overlay }) => ({
            certificate: signEnvelope(
              "relay-certificate",
              { relayName: name, publicKey, expiresAt: Date.now() + 3_600_000 } satisfies RelayCertificate,
              this.#keys.privateKey,
            ),
            centrePublicKey: this.#keys.publicKey,
            overlay: overlay === undefined ? undefined : this.registerOverlay(overlay),
          })),
          linkNonce: handle("linkNonce", async () => ({ nonce: randomBytes(32).toString("base64") })),
          connectHost: handle("connectHost", async ({ publicKey, relayName, agentNonce }) => {
            const hostId = this.hosts.get(publicKey);
            if (hostId === undefined) throw new AppError("not_found", "No host has this key; enrol it again.");
            this.epoch += 1;
            this.epochs.set(hostId, this.epoch);
            const claim: LinkClaim = { hostId, relayName, linkEpoch: this.epoch, agentNonce };
            return { hostId, linkEpoch: this.epoch, claim: signEnvelope("link-claim", claim, this.#keys.privateKey) };
          }),
          standbyHost: handle("standbyHost", async ({ publicKey }) => {
            const hostId = this.hosts.get(publicKey);
            if (hostId === undefined) throw new AppError("not_found", "No host has this key; enrol it again.");
            return { hostId };
          }),
          disconnectHost: handle("disconnectHost", async () => ({})),
          renewLeases: handle("renewLeases", async () => ({ lost: [] })),
          joinOverlay: handle("joinOverlay", async () => {
            throw new AppError("unsupported", "There is no overlay here.");
          }),
          overlayPairs: handle("overlayPairs", async () => ({ revision: 0, pairs: [] })),
          ingestReports: handle("ingestReports", async ({ reports }) => ({ ack: this.ackOf(reports) })),
          ingestUsage: handle("ingestUsage", async () => ({})),
          consoleEvent: handle("consoleEvent", async () => ({})),
        },
      }),
    );
    const server = this.#server;
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  /** Of all that is in the batch, as the centre signs it. */
  ackOf(reports: SignedEnvelope, change: Partial<ReportAck> = {}, signer = this.#keys): SignedEnvelope {
    const { hostId, linkEpoch, ledgerId, items } = reportsIn(reports);
    const ackedSeq = ReportItem.safeParse(items.at(-1)).data?.seq ?? 0;
    return signEnvelope("report-ack", { hostId, linkEpoch, ledgerId, ackedSeq, ...change }, signer.privateKey);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
}

/** Unchecked: tests of signatures open it themselves. */
export const reportsIn = (reports: SignedEnvelope): SignedReports => SignedReports.parse(JSON.parse(reports.payload));

export interface TestAgent {
  readonly hostId: HostId;
  readonly link: Link<typeof testRouter>;
  readonly identity: Identity;
  readonly states: LinkState[];
  readonly consoles: ReturnType<typeof createConsoleServer>;
}

export interface Fixture {
  readonly relay: Relay;
  readonly centre: FakeCentre;
  readonly centreKeys: KeyPair;
  readonly instanceId: InstanceId;
  readonly url: string;
  readonly logged: string[];
  /** What the VM's console does with each connection. */
  onVm: (socket: Socket) => void;
  /** What of the VM's serial port is kept. */
  serialLog: Buffer;
  addAgent(options?: { name?: string; origin?: string; running?: () => boolean; tlsPin?: string }): Promise<TestAgent>;
  ticket(agent: TestAgent, change?: Partial<ConsoleTicket>, signer?: KeyPair): string;
  restartRelay(): Promise<void>;
  close(): Promise<void>;
}

export async function createFixture(options: { directory?: string; env?: Partial<RelayEnv> } = {}): Promise<Fixture> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), `indium-relay-${process.pid}-`)));
  const centreKeys = await loadOrCreateKeyPair(join(directory, "keys", "centre"), "ed25519");
  const relayKey = async () => (await loadOrCreateKeyPair(join(directory, "keys", "relays", "test"), "ed25519")).publicKey;
  const centre = new FakeCentre(centreKeys, relayKey);
  await centre.start();
  const logged: string[] = [];
  const env = {
    name: "test",
    keysDirectory: join(directory, "keys"),
    internalUrls: [`http://127.0.0.1:${centre.port}`],
    trustedProxies: [],
    bind: "127.0.0.1",
    port: 0,
    rpcBind: "127.0.0.1",
    rpcPort: 0,
    rpcUrl: null,
    publicUrl: null,
    maxLinks: 20_000,
    drainMs: 0,
    overlay: { off: "Not in this test.", port: 0, endpoint: null, peersFile: join(directory, "relay", "test-overlay.json") },
    ...options.env,
  };
  const log = (_level: string, message: string) => logged.push(message);
  let relay = await startRelay(env, log);
  const agents: TestAgent[] = [];
  const vmServer = createTcpServer((socket) => {
    socket.on("error", () => {});
    fixture.onVm(socket);
  });
  await new Promise<void>((resolve) => vmServer.listen(0, "127.0.0.1", resolve));
  const openVm = async () => {
    const socket = connect((vmServer.address() as AddressInfo).port, "127.0.0.1");
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return socket;
  };
  const instanceId = newId("instance");

  const fixture: Fixture = {
    get relay() {
      return relay;
    },
    centre,
    centreKeys,
    instanceId,
    get url() {
      return `http://127.0.0.1:${relay.port}`;
    },
    logged,
    onVm: (socket) => socket.pipe(socket),
    serialLog: Buffer.alloc(0),
    addAgent: async ({ name = `agent-${agents.length}`, origin = fixture.url, running = () => true, tlsPin } = {}) => {
      const identity = await loadIdentity(join(directory, name));
      const known = centre.hosts.get(identity.signing.publicKey);
      const hostId = known ?? newId("host");
      centre.hosts.set(identity.signing.publicKey, hostId);
      const states: LinkState[] = [];
      const consoles = createConsoleServer({
        findVm: async (id) =>
          id === instanceId && running() ? ({ instanceId, pid: 1, openVnc: openVm, openSerial: openVm } as unknown as VmHandle) : null,
        serialLog: async () => fixture.serialLog,
      });
      const membership = {
        formatVersion: 1 as const,
        hostId,
        centrePublicKey: centreKeys.publicKey,
        relayUrls: [origin],
        origin,
        tlsPin: tlsPin ?? null,
      };
      const link = new Link({
        identity,
        membership,
        agentVersion: "0.0.0-test",
        router: testRouter,
        createContext: () => ({}),
        onReady: createStreams({ membership, server: consoles }),
        onState: (state) => states.push(state),
        random: () => 0.05,
      });
      link.start();
      const agent = { hostId, link, identity, states, consoles };
      agents.push(agent);
      return agent;
    },
    ticket: (agent, change = {}, signer = centreKeys) => {
      const now = Date.now();
      const ticket: ConsoleTicket = {
        id: newId("ticket"),
        instanceId,
        hostId: agent.hostId,
        userId: newId("user"),
        relayName: "test",
        kind: "vnc",
        mode: "control",
        issuedAt: now,
        expiresAt: now + 30_000,
        ...change,
      };
      return Buffer.from(JSON.stringify(signEnvelope("console-ticket", ticket, signer.privateKey))).toString("base64url");
    },
    restartRelay: async () => {
      const { port, rpcPort } = relay;
      await relay.close();
      relay = await startRelay({ ...env, port, rpcPort }, log);
    },
    close: async () => {
      for (const agent of agents) await agent.link.stop();
      await relay.close();
      await centre.stop();
      vmServer.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return fixture;
}

/** Waits for a condition that other processes or sockets bring about. */
export async function until(what: string, condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const isReady = (agent: TestAgent): boolean => agent.link.state.kind === "ready";

export interface Viewer {
  readonly socket: WebSocket;
  received(): Buffer;
  /** Text frames: what the host says of the stream. */
  notes(): unknown[];
  readonly closed: Promise<{ code: number; reason: string }>;
}

/** A console websocket as a browser would open it, cookies and all. */
export function openViewer(url: string, ticket: string): Viewer {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/relay/console?ticket=${ticket}`, ["binary"], {
    headers: { Cookie: "session=secret-cookie", Authorization: "Bearer secret-bearer", Origin: "https://secret-origin.example" },
    rejectUnauthorized: false,
  });
  const chunks: Buffer[] = [];
  const notes: unknown[] = [];
  let joined = Buffer.alloc(0);
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) chunks.push(data);
    else notes.push(JSON.parse(data.toString("utf8")));
  });
  socket.on("error", () => {});
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  const received = () => {
    joined = Buffer.concat([joined, ...chunks.splice(0)]);
    return joined;
  };
  return { socket, received, notes: () => notes, closed };
}

export const testFacts = (): HostFacts => ({
  hostname: "test",
  operatingSystem: "Debian GNU/Linux 12",
  kernel: "6.1",
  architecture: "x86_64",
  agentVersion: "0.0.0-test",
  driver: "simulated",
  hypervisorVersion: null,
  acceleration: "simulated",
  accelerationReason: null,
  cpu: { model: "test", sockets: 1, cores: 1, threads: 1 },
  memoryBytes: 1,
  disks: [],
  nics: [],
  storage: { path: "/", sizeBytes: 1 },
  bootedAt: 1,
  warnings: [],
});
