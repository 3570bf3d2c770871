import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnrolRequest } from "@indium/contract/enrolment";
import type { HostFacts } from "@indium/contract/host";
import { HostDocument } from "@indium/contract/host-document";
import { type HostId, newId, type OrganizationId } from "@indium/contract/ids";
import type { DesiredInstance } from "@indium/contract/instance";
import { internalApi, relayApi } from "@indium/contract/internal-api";
import { PROTOCOL_VERSION } from "@indium/contract/protocol";
import type { InstanceObservation, ReportBody } from "@indium/contract/report";
import { openEnvelope } from "@indium/tunnel/envelope";
import { generateSealingKeyPair, generateSigningKeyPair, type KeyPair, publicKeyToPem, signText } from "@indium/tunnel/keys";
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
  const ask = <K extends keyof typeof internalApi>(
    name: K,
    input: z.input<(typeof internalApi)[K]["input"]>,
  ): Promise<z.output<(typeof internalApi)[K]["output"]>> =>
    signedCall(`${api.url}/internal`, name, input, {
      privateKey: relayKey.privateKey,
      peerPublicKey: signer.publicKey,
      outputSchema: internalApi[name].output as unknown as z.ZodType<z.output<(typeof internalApi)[K]["output"]>>,
      timeoutMs: 10_000,
      peerName: "the centre",
      now: () => clock.now,
    });
  return {
    ...push,
    push,
    clock,
    keysDir,
    relay,
    ask,
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
    report: (host: FakeHost, ...bodies: ReportBody[]) => ask("ingestReports", host.batch(clock.now, bodies)),
    stop: async () => {
      await api.stop();
      await relay.stop();
      await rm(keysDir, { recursive: true, force: true });
    },
  };

  async function connect(host: FakeHost): Promise<void> {
    const answer = await ask("connectHost", {
      relayName: "test",
      publicKey: host.key.publicKey,
      protocol: PROTOCOL_VERSION,
      agentVersion: "0.1.0",
      remoteAddress: "192.0.2.1",
    });
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
    return { hostId: this.id, linkEpoch: this.linkEpoch, batch: { ledgerId: this.ledgerId, items } };
  }
}
type InstanceState = InstanceObservation["state"];

async function startFakeRelay(key: KeyPair, centreKey: string, hosts: ReadonlyMap<string, FakeHost>) {
  const dropped: string[] = [];
  const endedUsers: string[] = [];
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
        const result = path === "document.apply" ? host.apply(decoded) : { text: "login: ", totalBytes: 7 };
        return { ok: true as const, result: superjson.serialize(result) };
      },
      dropHost: async ({ hostId }) => {
        dropped.push(hostId);
        return {};
      },
      endStreams: async ({ userId }) => {
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
