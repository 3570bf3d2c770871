import { AppError } from "@indium/contract/errors";
import type { HostDocument } from "@indium/contract/host-document";
import type { HostId, InstanceId } from "@indium/contract/ids";
import type { DesiredImage } from "@indium/contract/image";
import type { DesiredInstance, GuestSecrets, PowerRequest } from "@indium/contract/instance";
import type { DesiredNetwork } from "@indium/contract/network";
import { newId } from "@indium/contract/plain/ids";
import type { InstanceObservation, InstanceStepReport, ReportBody } from "@indium/contract/report";
import { signEnvelope } from "@indium/tunnel/envelope";
import { generateSigningKeyPair } from "@indium/tunnel/keys";
import { SimulatedHypervisor } from "../../drivers/simulated/simulated-hypervisor";
import { SimulatedMachine } from "../../drivers/simulated/simulated-machine";
import { SimulatedMetadataService } from "../../drivers/simulated/simulated-metadata";
import { SimulatedNetworkManager } from "../../drivers/simulated/simulated-network";
import { SimulatedImageStore, SimulatedVolumeStore } from "../../drivers/simulated/simulated-storage";
import { Ledger } from "../../ledger/ledger";
import { MemoryLedgerStore } from "../../ledger/ledger-store";
import { FakeClock } from "../../system/fake-clock";
import { silentLog } from "../../system/log";
import { Reconciler } from "../reconciler";
import { Life } from "./life";

export const centre = generateSigningKeyPair();

export const NETWORK: DesiredNetwork = {
  id: "net-00000000000000001",
  name: "default",
  kind: "nat",
  ipv4: { cidr: "10.77.0.0/24", gateway: "10.77.0.1" },
  ipv6: null,
  dnsServers: ["10.77.0.1"],
  mtu: 1500,
  bridgeInterface: null,
};

export const IMAGE: DesiredImage = {
  id: "img-00000000000000001",
  name: "Debian 12",
  sha256: "a".repeat(64),
  sizeBytes: 300_000_000,
  source: { kind: "centre", path: "/images/a?signature=1" },
};

export function desiredInstance(changes: Partial<DesiredInstance> = {}): DesiredInstance {
  const id = changes.id ?? newId("instance");
  return {
    id,
    name: "web-1",
    generation: 1,
    desired: "running",
    guestUuid: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    power: null,
    stopGraceMs: 60_000,
    vcpus: 1,
    memoryBytes: 512 * 1024 * 1024,
    firmware: "bios",
    rootVolume: { id: `vol-${id.slice(2)}`, imageId: IMAGE.id, sizeBytes: 10_000_000_000 },
    nics: [
      {
        id: `nic-${id.slice(2)}`,
        networkId: NETWORK.id,
        macAddress: "52:54:00:12:34:56",
        addressMode: "assigned",
        ipv4: { address: "10.77.0.10", prefixLength: 24, gateway: "10.77.0.1" },
        ipv6: null,
      },
    ],
    metadata: { hostname: "web-1", sshKeys: [], tags: {}, availabilityZone: "here" },
    guestAgent: "cloud-init",
    dialect: "openstack",
    metadataTokens: "optional",
    metadataHopLimit: 1,
    sealedSecrets: null,
    ...changes,
  };
}

/** A simulated host with its clock in the test's hand, and a centre that signs its documents. The machine outlives agents. */
export class TestHost {
  readonly hostId: HostId = newId("host");
  readonly clock = new FakeClock();
  readonly machine = new SimulatedMachine({ clock: this.clock, statePath: null });
  readonly store = new MemoryLedgerStore();
  readonly reports: ReportBody[] = [];
  readonly metadata = new SimulatedMetadataService(this.machine);
  secrets: GuestSecrets | null = null;
  centreEpoch = 1;
  generation = 0;
  #desired = new Map<InstanceId, DesiredInstance>();
  #agent: { reconciler: Reconciler; ledger: Ledger } | null = null;

  get reconciler(): Reconciler {
    if (this.#agent === null) throw new Error("no agent runs");
    return this.#agent.reconciler;
  }

  get ledger(): Ledger {
    if (this.#agent === null) throw new Error("no agent runs");
    return this.#agent.ledger;
  }

  /** How long the agent that is started next lives. */
  life = new Life();

  async startAgent(): Promise<void> {
    const { life } = this;
    const ledger = await Ledger.load(life.of(this.store));
    const reconciler = new Reconciler({
      hostId: this.hostId,
      centrePublicKey: centre.publicKey,
      hostname: "host-1",
      ledger,
      hypervisor: life.of(new SimulatedHypervisor(this.machine)),
      networks: life.of(new SimulatedNetworkManager(this.machine)),
      images: life.of(new SimulatedImageStore(this.machine)),
      volumes: life.of(new SimulatedVolumeStore(this.machine)),
      metadata: life.of(this.metadata),
      clock: life.clock(this.clock),
      log: silentLog,
      report: (body) => !life.isOver && this.reports.push(body),
      openSecrets: () => this.secrets,
    });
    this.#agent = { reconciler, ledger };
    reconciler.start();
    await this.clock.settle();
  }

  /** Ends the agent in order; VMs run on. */
  async stopAgent(): Promise<void> {
    let ended = false;
    const closing = this.reconciler.close().then(() => {
      ended = true;
    });
    // What cannot be cancelled (a start under way) needs its time.
    for (let turn = 0; turn < 100 && !ended; turn++) await this.clock.advance(50);
    await closing;
    this.#agent = null;
  }

  /** As kill -9: nothing is told, what was not written is lost. The old reconciler's timers must not act any more. */
  async killAgent(): Promise<void> {
    const kept = { ledger: structuredClone(this.store.ledger), instances: structuredClone([...this.store.instances]) };
    await this.stopAgent();
    this.store.ledger = kept.ledger;
    this.store.instances.clear();
    for (const [id, record] of kept.instances) this.store.instances.set(id, record);
  }

  /** After a life that ended at one of its calls: the next agent, and the centre's document to it. */
  async revive(life = new Life()): Promise<void> {
    this.life.end();
    this.life = life;
    this.#agent = null;
    // Whoever starts agents waits that long, and their children (QEMU being started, a disk being made) go on meanwhile.
    await this.clock.advance(500);
    await Promise.race([this.startAgent(), life.over]);
    if (!life.isOver) await Promise.race([this.apply(this.document()), life.over]);
  }

  /** The whole machine goes down and comes back: no VM runs. */
  async rebootHost(): Promise<void> {
    await this.killAgent();
    for (const id of Object.keys(this.machine.state.vms) as InstanceId[]) this.machine.end(id, null);
    this.machine.state.nics = {};
    this.machine.state.networks = [];
    await this.startAgent();
  }

  document(changes: Partial<HostDocument> = {}): HostDocument {
    return {
      formatVersion: 1,
      hostId: this.hostId,
      centreEpoch: this.centreEpoch,
      generation: this.generation,
      issuedAt: this.clock.now(),
      networks: [NETWORK],
      images: [IMAGE],
      instances: [...this.#desired.values()],
      ...changes,
    };
  }

  apply(document: HostDocument): Promise<number> {
    return this.reconciler.apply(signEnvelope("desired-document", document, centre.privateKey));
  }

  /** What the centre wishes of it now, whether or not an agent has heard of it. */
  wished(id: InstanceId): DesiredInstance | null {
    return this.#desired.get(id) ?? null;
  }

  /** A new wish for an instance, sent in a new document. @returns the instance as wished. */
  async wish(instance: DesiredInstance): Promise<DesiredInstance> {
    const before = this.#desired.get(instance.id);
    const next = before === undefined ? instance : { ...instance, generation: before.generation + 1 };
    this.#desired.set(instance.id, next);
    this.generation += 1;
    await this.apply(this.document());
    return next;
  }

  change(id: InstanceId, changes: Partial<DesiredInstance>): Promise<DesiredInstance> {
    const before = this.#desired.get(id);
    if (before === undefined) throw new Error(`no instance ${id}`);
    return this.wish({ ...before, ...changes });
  }

  /** The centre forgets it without a tombstone (or after one was confirmed). */
  async omit(id: InstanceId): Promise<void> {
    this.#desired.delete(id);
    this.generation += 1;
    await this.apply(this.document());
  }

  power(kind: PowerRequest["kind"], lifetimeMs = 120_000): PowerRequest {
    return { requestId: newId("request"), kind, expiresAt: this.clock.now() + lifetimeMs };
  }

  /** A new instance, running and settled. */
  async running(changes: Partial<DesiredInstance> = {}): Promise<DesiredInstance> {
    const instance = await this.wish(desiredInstance(changes));
    await this.clock.advance(20_000);
    return instance;
  }

  observed(id: InstanceId): InstanceObservation {
    const last = this.observations(id).at(-1);
    if (last === undefined) throw new Error(`nothing was observed of ${id}`);
    return last;
  }

  observations(id: InstanceId): InstanceObservation[] {
    return this.reports.filter((body) => body.kind === "instance.observed").filter((body) => body.instanceId === id);
  }

  steps(id: InstanceId): InstanceStepReport[] {
    return this.reports.filter((body) => body.kind === "instance.step").filter((body) => body.instanceId === id);
  }

  /** States in the order they were told, repetitions apart. */
  states(id: InstanceId): string[] {
    return this.observations(id)
      .map((body) => body.state)
      .filter((state, index, all) => state !== all[index - 1]);
  }
}

export const failure = (code: ConstructorParameters<typeof AppError>[0], message: string): AppError =>
  new AppError(code, message, { detail: "its own words" });
