import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnrolRequest } from "@indium/contract/enrolment";
import { SignedEnvelope } from "@indium/contract/envelope";
import type { HostFacts, HostUsage } from "@indium/contract/host";
import { HostDocument } from "@indium/contract/host-document";
import type { HostId, OrganizationId } from "@indium/contract/ids";
import type { DesiredInstance } from "@indium/contract/instance";
import { internalApi, relayApi } from "@indium/contract/internal-api";
import type { MetricSample } from "@indium/contract/metrics";
import { newId } from "@indium/contract/plain/ids";
import { PROTOCOL_VERSION } from "@indium/contract/protocol";
import { type InstanceObservation, ReportAck, type ReportBody } from "@indium/contract/report";
import { openEnvelope, signEnvelope } from "@indium/tunnel/envelope";
import { signHostReply } from "@indium/tunnel/host-reply";
import { generateSealingKeyPair, generateSigningKeyPair, type KeyPair, publicKeyToPem, signText } from "@indium/tunnel/keys";
import { type ProofUse, signHostProof } from "@indium/tunnel/link-proof";
import { open } from "@indium/tunnel/sealed-box";
import { createSignedHandler, signedCall } from "@indium/tunnel/signed-http";
import superjson from "superjson";
import { z } from "zod";
import { startInternalApi } from "../internal-api";
import type { PushContext } from "./reconcile/push-document";
import { createEnrolment, enrolHost } from "./services/enrolments";
import { newSecretKey, parseKeyring } from "./services/secrets";
import { signerOf } from "./services/signing";
import type { TestDatabase } from "./test-database";

export const GIB = 1024 ** 3;

export const FACTS: HostFacts = {
  hostname: "lab-1.example",
  operatingSystem: "Debian 12",
  kernel: "6.1",
  architecture: "x86_64",
  agentVersion: "0.1.0",
  driver: "qemu",
  hypervisorVersion: "7.2",
  acceleration: "kvm",
  accelerationReason: null,
  cpu: { model: "test", sockets: 1, cores: 4, threads: 8 },
  memoryBytes: 16 * GIB,
  changesDisks: true,
  disks: [],
  nics: [
    { name: "eth0", macAddress: "52:54:00:00:00:01", addresses: ["192.0.2.10/24"], speedMbps: null, up: true, uplink: true, bridge: false },
  ],
  storage: { path: "/var/lib/indium-agent", sizeBytes: 100 * GIB },
  bootedAt: 1,
  warnings: [],
};

/**
 * The centre over a real Postgres, with a relay and hosts that are played: the wire between them (signed HTTP, envelopes, sealed boxes) is
 * real, the VMs are not. `clock.now` is everybody's time.
 */
export async function startTestCentre(database: TestDatabase) {
  const clock = { now: Date.parse("2026-11-21T12:00:00Z") };
  const keysDir = await mkdtemp(join(tmpdir(), `indium-centre-${process.pid}-`));
  const relayKey = generateSigningKeyPair();
  await mkdir(join(keysDir, "relays"));
  await writeFile(join(keysDir, "relays", "test.pub"), publicKeyToPem("ed25519", relayKey.publicKey));
  const signer = signerOf(generateSigningKeyPair());
  const api = await startInternalApi({ db: database.db, signer, keysDir, host: "127.0.0.1", port: 0, now: () => clock.now });
  const push: PushContext = {
    db: database.db,
    signer,
    keyring: parseKeyring(newSecretKey()),
    blobsDir: join(keysDir, "blobs"),
    now: () => clock.now,
  };
  const hosts = new Map<string, FakeHost>();
  const relay = await startFakeRelay(relayKey, signer.publicKey, hosts);
  /** As the relay of this key, whose `.pub` is in the keys folder, or not. */
  const askAs = <K extends keyof typeof internalApi>(
    key: KeyPair,
    name: K,
    input: z.input<(typeof internalApi)[K]["input"]>,
  ): Promise<z.output<(typeof internalApi)[K]["output"]>> =>
    signedCall(`${api.url}/internal`, name, input, {
      privateKey: key.privateKey,
      peerPublicKey: signer.publicKey,
      outputSchema: internalApi[name].output as unknown as z.ZodType<z.output<(typeof internalApi)[K]["output"]>>,
      timeoutMs: 10_000,
      peerName: "the centre",
      now: () => clock.now,
    });
  const ask = <K extends keyof typeof internalApi>(name: K, input: z.input<(typeof internalApi)[K]["input"]>) =>
    askAs(relayKey, name, input);
  return {
    ...push,
    push,
    clock,
    keysDir,
    relay,
    ask,
    askAs,
    registerRelay: () => ask("registerRelay", { name: "test", publicKey: relayKey.publicKey, rpcUrl: relay.url, startedAt: clock.now }),
    /** A host of the site, enrolled and linked. */
    addHost: async (organizationId: OrganizationId | null, siteId: string | null, facts: Partial<HostFacts> = {}): Promise<FakeHost> => {
      const host = new FakeHost(signer.publicKey);
      const { token } = await createEnrolment(database.db, { organizationId, siteId, local: false, createdById: null }, clock.now);
      host.id = await enrolHost(database.db, host.enrolRequest(token, facts), clock.now);
      hosts.set(host.id, host);
      await connect(host);
      return host;
    },
    connect,
    renew: (host: FakeHost) => ask("renewLeases", { relayName: "test", hosts: [{ hostId: host.id, linkEpoch: host.linkEpoch }] }),
    report: (host: FakeHost, ...bodies: ReportBody[]) => send(host.batch(clock.now, bodies)),
    send,
    relayKey,
    stop: async () => {
      await api.stop();
      await relay.stop();
      await rm(keysDir, { recursive: true, force: true });
    },
  };

  /** Hands a batch in and opens the acknowledgement. */
  async function send(batch: ReturnType<FakeHost["batch"]>): Promise<ReportAck> {
    const { ack } = await ask("ingestReports", batch);
    return openEnvelope(ack, { purpose: "report-ack", publicKeys: [signer.publicKey], schema: ReportAck });
  }

  async function connect(host: FakeHost): Promise<void> {
    const { nonce } = await ask("linkNonce", { relayName: "test", publicKey: host.key.publicKey });
    const answer = await ask("connectHost", host.linkProof("test", nonce));
    host.linkEpoch = answer.linkEpoch;
    host.linked = true;
  }
}

export type TestCentre = Awaited<ReturnType<typeof startTestCentre>>;

/** An agent's wire side: what it was told last, and reports in order. */
export class FakeHost {
  readonly key = generateSigningKeyPair();
  readonly sealing = generateSealingKeyPair();
  readonly documents: HostDocument[] = [];
  readonly #centreKey: string;
  id: HostId = newId("host");
  ledgerId = newId("ledger");
  linkEpoch = 0;
  linked = false;
  seq = 0;
  observedGeneration = 0;

  constructor(centreKey: string) {
    this.#centreKey = centreKey;
  }

  get document(): HostDocument {
    const last = this.documents.at(-1);
    if (last === undefined) throw new Error("no document came yet");
    return last;
  }

  instance(id: string): DesiredInstance {
    const found = this.document.instances.find((instance) => instance.id === id);
    if (found === undefined) throw new Error(`${id} is not in the document`);
    return found;
  }

  secretsOf(id: string): unknown {
    return JSON.parse(open(this.sealing.privateKey, this.instance(id).sealedSecrets, id).toString("utf8"));
  }

  enrolRequest(token: string, facts: Partial<HostFacts> = {}): EnrolRequest {
    const { publicKey } = this.key;
    const signature = signText(`indium:enrol\n${token}\n${publicKey}\n${this.sealing.publicKey}`, this.key.privateKey);
    return EnrolRequest.parse({
      token,
      protocol: PROTOCOL_VERSION,
      publicKey,
      sealingKey: this.sealing.publicKey,
      signature,
      facts: { ...FACTS, ...facts },
    });
  }

  /** What a relay of this name hands in once the host has signed the nonce. */
  linkProof(relayName: string, nonce: string, use: ProofUse = "host") {
    const parts = {
      relayName,
      nonce,
      agentNonce: Buffer.alloc(32, 7).toString("base64"),
      protocol: PROTOCOL_VERSION,
      agentVersion: "0.1.0",
    };
    const signature = signHostProof(parts, this.key.privateKey, use);
    return { ...parts, signature, publicKey: this.key.publicKey, remoteAddress: "192.0.2.1" };
  }

  /** As the agent's router does: what the centre signed comes in, what this host signed goes out. */
  answer(path: string, input: unknown): SignedEnvelope {
    const { document, command } = z.object({ document: SignedEnvelope.optional(), command: SignedEnvelope.optional() }).parse(input);
    const question = document ?? command;
    if (question === undefined) throw new Error("nothing signed was asked");
    const result = path === "document.apply" ? this.apply(input) : { text: "login: ", totalBytes: 7 };
    return signHostReply(question, { ok: true, result }, { hostId: this.id, privateKey: this.key.privateKey });
  }

  apply(input: unknown): unknown {
    const { document } = z.object({ document: z.unknown() }).parse(input);
    const opened = openEnvelope(document, { purpose: "desired-document", publicKeys: [this.#centreKey], schema: HostDocument });
    this.documents.push(opened);
    return { accepted: true, generation: opened.generation };
  }

  /** What is seen of an instance, newer than anything before. */
  observes(instanceId: string, state: InstanceState, over: Partial<InstanceObservation> = {}): InstanceObservation {
    this.observedGeneration += 1;
    return {
      kind: "instance.observed",
      instanceId: instanceId as `i-${string}`,
      observedGeneration: this.observedGeneration,
      appliedGeneration:
        this.documents.length === 0 ? 0 : (this.document.instances.find((instance) => instance.id === instanceId)?.generation ?? 0),
      state,
      guestPoweredOff: false,
      lastRequestId: null,
      startedAt: null,
      error: null,
      provisioning: null,
      waiting: null,
      ...over,
    };
  }

  batch(at: number, bodies: readonly ReportBody[]) {
    const items = bodies.map((body) => ({ seq: ++this.seq, at, body }));
    const { id: hostId, linkEpoch, ledgerId } = this;
    const reports = signEnvelope("host-report", { hostId, linkEpoch, ledgerId, items }, this.key.privateKey);
    return { hostId, linkEpoch, reports };
  }

  usage(number: number, usage: HostUsage, metrics?: readonly MetricSample[]) {
    const { id: hostId, linkEpoch } = this;
    return { hostId, linkEpoch, usage: signEnvelope("host-usage", { hostId, linkEpoch, number, usage, metrics }, this.key.privateKey) };
  }
}
type InstanceState = InstanceObservation["state"];

async function startFakeRelay(key: KeyPair, centreKey: string, hosts: ReadonlyMap<string, FakeHost>) {
  const dropped: string[] = [];
  const endedUsers: string[] = [];
  const ended: z.output<(typeof relayApi)["endStreams"]["input"]>[] = [];
  /** What a relay in the wrong hands makes of a host's answer. */
  const state: { forge: ((honest: SignedEnvelope, host: FakeHost) => unknown) | null } = { forge: null };
  const handler = createSignedHandler({
    api: relayApi,
    prefix: "/",
    privateKey: key.privateKey,
    trustedKey: () => centreKey,
    now: () => Date.now(),
    handlers: {
      call: async ({ hostId, linkEpoch, path, input }) => {
        const host = hosts.get(hostId);
        if (host === undefined || !host.linked || host.linkEpoch !== linkEpoch)
          return {
            ok: false as const,
            error: superjson.serialize({ message: "", data: { app: { code: "host_unreachable", message: "no link" } } }),
          };
        const decoded: unknown = superjson.deserialize(input as never);
        const honest = host.answer(path, decoded);
        return { ok: true as const, result: superjson.serialize(state.forge?.(honest, host) ?? honest) };
      },
      dropHost: async ({ hostId }) => {
        dropped.push(hostId);
        return {};
      },
      endStreams: async (what) => {
        const { userId } = what;
        ended.push(what);
        if (userId !== undefined) endedUsers.push(userId);
        return { ended: userId === undefined ? 0 : 1 };
      },
    },
  });
  const server: Server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    dropped,
    endedUsers,
    ended,
    state,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An organization with one site, a small size and a usable image. */
export async function seedOrganization(database: TestDatabase, name = "Acme") {
  const { db } = database;
  const organizationId = newId("organization");
  const siteId = newId("site");
  await db.organization.create({ data: { id: organizationId, name, sites: { create: { id: siteId, name: "Rome" } } } });
  const size = await db.size.upsert({
    where: { name: "small" },
    create: { id: newId("size"), name: "small", vcpus: 1, memoryBytes: BigInt(GIB), diskBytes: BigInt(10 * GIB), position: 1 },
    update: {},
  });
  const image = await db.image.create({
    data: {
      id: newId("image"),
      name: "Debian 12",
      origin: "url",
      url: "https://images.example/debian.qcow2",
      operatingSystem: "debian",
      defaultUser: "debian",
    },
  });
  return { organizationId, siteId, sizeId: size.id as `size-${string}`, imageId: image.id as `img-${string}` };
}
