import type { DesiredPeer } from "@indium/contract/direct";
import type { SignedEnvelope } from "@indium/contract/envelope";
import { AppError, toAppError } from "@indium/contract/errors";
import { HostDocument } from "@indium/contract/host-document";
import type { HostId, InstanceId } from "@indium/contract/ids";
import type { DesiredImage } from "@indium/contract/image";
import type { DesiredInstance, GuestSecrets } from "@indium/contract/instance";
import type { ReportBody } from "@indium/contract/report";
import { openEnvelope } from "@indium/tunnel/envelope";
import type { Hypervisor } from "../drivers/types";
import { InstanceDriver } from "../instance/driver";
import type { InstancePorts } from "../instance/ports";
import { judgeDocument } from "../ledger/acceptance";
import { instanceContentHash } from "../ledger/content-hash";
import { newInstanceRecord } from "../ledger/format";
import { type Ledger, networkIdsOf } from "../ledger/ledger";
import type { MetadataService } from "../metadata/types";
import type { NetworkManager } from "../network/types";
import type { ImageStore, VolumeStore } from "../storage/types";
import type { Clock } from "../system/clock";
import { describeError, type Log } from "../system/log";
import { KeyedMutex } from "../system/mutex";
import { HostNetworks } from "./host-networks";
import { type HostStep, planHost } from "./plan";
import { ReportedImages } from "./reported-images";

export interface ReconcilerOptions {
  readonly hostId: HostId;
  /** Documents signed by any other key are refused. */
  readonly centrePublicKey: string;
  readonly hostname: string;
  readonly ledger: Ledger;
  readonly hypervisor: Hypervisor;
  readonly networks: NetworkManager;
  readonly images: ImageStore;
  readonly volumes: VolumeStore;
  readonly metadata: MetadataService;
  readonly clock: Clock;
  readonly log: Log;
  report(body: ReportBody): void;
  openSecrets(instance: DesiredInstance): GuestSecrets | null;
}

const SWEEP_MS = 30_000;

/**
 * Makes the host what its last accepted document says, by one driver per instance. It runs from the ledger alone, before any
 * link; on a document, on a signal, and every 30 s.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #drivers = new Map<InstanceId, InstanceDriver>();
  readonly #networks: HostNetworks;
  readonly #images: ReportedImages;
  readonly #ports: InstancePorts;
  readonly #serial = new KeyedMutex();
  #stopTimer: () => void = () => {};
  #stopListening: () => void = () => {};
  #unclaimedTold = "[]";
  #peers: Pick<HostDocument, "centreEpoch" | "generation" | "issuedAt"> & { readonly told: readonly DesiredPeer[] } = {
    ...{ centreEpoch: 0, generation: 0, issuedAt: 0 },
    told: [],
  };
  #peersListener: (peers: readonly DesiredPeer[]) => void = () => {};
  #sweepAsked = false;
  #lastPlan: { readonly at: number; readonly steps: string[] } | null = null;
  #closed = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    const { ledger, clock, report } = options;
    this.#networks = new HostNetworks({ manager: options.networks, ledger, report, hostname: options.hostname, clock });
    this.#images = new ReportedImages({ store: options.images, report, clock });
    this.#ports = {
      hypervisor: options.hypervisor,
      images: this.#images,
      volumes: options.volumes,
      networks: this.#networks,
      metadata: options.metadata,
      ledger,
      clock,
      log: options.log,
      hostname: options.hostname,
      report,
      openSecrets: options.openSecrets,
      image: (id) => ledger.image(id),
    };
  }

  get drivers(): ReadonlyMap<InstanceId, InstanceDriver> {
    return this.#drivers;
  }

  /** The last sweep's, for `doctor`. */
  get lastPlan(): { readonly at: number; readonly steps: string[] } | null {
    return this.#lastPlan;
  }

  /** Takes up every instance the ledger knows. */
  start(): void {
    for (const record of this.#options.ledger.records.values()) this.#drive(record.desired.id);
    const stopGuests = this.#options.metadata.onGuestEvent((id, event) => this.#drivers.get(id)?.onGuestEvent(event));
    const stopAddresses = this.#options.networks.onAddressLearned((id) => this.#drivers.get(id)?.onAddressLearned());
    this.#stopListening = () => {
      stopGuests();
      stopAddresses();
    };
    this.#stopTimer = this.#options.clock.every(SWEEP_MS, () => {
      for (const driver of this.#drivers.values()) driver.wake();
      this.sweepSoon();
    });
    this.sweepSoon();
  }

  /**
   * Judges a signed document and, when it is accepted, tells every driver its part.
   * @returns the generation held now. @throws AppError `signature_invalid`, `bad_request`, `forbidden`, `stale_generation`, `conflict`.
   */
  async apply(envelope: SignedEnvelope): Promise<number> {
    const { ledger } = this.#options;
    const document = openEnvelope(envelope, {
      purpose: "desired-document",
      publicKeys: [this.#options.centrePublicKey],
      schema: HostDocument,
    });
    return this.#serial.run("document", async () => {
      const before = ledger.centreEpoch;
      const judged = judgeDocument(
        { hostId: this.#options.hostId, centreEpoch: before, generation: ledger.generation, contentHash: ledger.contentHash },
        document,
      );
      switch (judged.verdict) {
        case "refuse":
          this.#options.log.warn("document refused", { generation: document.generation, ...describeError(judged.error) });
          throw judged.error;
        case "unchanged":
          await ledger.refreshImages(document.images);
          await ledger.refreshSecurityGroups(document.securityGroups ?? []);
          break;
        case "accept":
          await ledger.acceptDocument(document);
          this.#options.log.info("document accepted", {
            epoch: document.centreEpoch,
            generation: document.generation,
            instances: document.instances.length,
          });
          break;
      }
      this.#takePeers(document);
      for (const desired of document.instances) this.#submit(desired, document.centreEpoch);
      // Also for a repeated one: the centre may have asked again because the answer was lost.
      this.#options.report({ kind: "document.accepted", centreEpoch: ledger.centreEpoch, generation: ledger.generation });
      if (before !== 0 && document.centreEpoch > before) this.#repeatEverything();
      this.sweepSoon();
      return ledger.generation;
    });
  }

  /** Tells of the hosts that this one may reach, now and with every document. */
  onPeers(listener: (peers: readonly DesiredPeer[]) => void): void {
    this.#peersListener = listener;
    listener(this.#peers.told);
  }

  /**
   * Removes an image's copy that no instance here is made of, or is to be. No document is taken meanwhile: none can bring one.
   * @returns the bytes freed. @throws AppError `conflict` naming who needs it.
   */
  evictImage(imageId: DesiredImage["id"], sha256: string): Promise<number> {
    const { ledger, volumes, hostname } = this.#options;
    return this.#serial.run("document", async () => {
      const records = [...ledger.records.values()].filter((record) => !record.gone);
      const users = records.filter((record) => {
        const wanted = record.desired.rootVolume.imageId;
        return wanted === imageId || ledger.image(wanted)?.sha256 === sha256 || record.diskImageSha256 === sha256;
      });
      if (users.length > 0) {
        const names = users.slice(0, 5).map((record) => record.desired.name);
        throw new AppError("conflict", `The copy on host ${hostname} is the base of ${names.join(", ")}. Delete or rebuild these first.`);
      }
      // Also of disks that the ledger knows nothing of.
      for (const id of await volumes.list()) {
        const base = (await volumes.inspect(id))?.basePath ?? null;
        if (base?.endsWith(`/${sha256}`) === true)
          throw new AppError(
            "conflict",
            `The copy on host ${hostname} is the base of the disk ${id} there, which Indium knows nothing of.`,
          );
      }
      this.#options.log.info("image copy removed", { image: imageId, sha256 });
      return this.#images.evict(sha256);
    });
  }

  /** One more look at the host as a whole, soon; asked for many times it is done once. */
  sweepSoon(): void {
    if (this.#sweepAsked || this.#closed) return;
    this.#sweepAsked = true;
    void this.#serial.run("sweep", async () => {
      this.#sweepAsked = false;
      if (this.#closed) return;
      await this.#sweep().catch((error: unknown) => this.#options.log.error("sweep failed", describeError(error)));
    });
  }

  /** Lets go of everything; VMs run on. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTimer();
    this.#stopListening();
    await Promise.all([...this.#drivers.values()].map((driver) => driver.close()));
    await this.#serial.run("sweep", () => Promise.resolve());
    await this.#options.ledger.settled();
  }

  /**
   * In memory only: without a link there is no overlay, and a link brings a document. A pair that is allowed or revoked raises the generation, so that no document
   * of before is taken; among those of one generation, which tell where the others are, the one issued last holds.
   */
  #takePeers(document: HostDocument): void {
    const { centreEpoch, generation, issuedAt } = document;
    const held = this.#peers;
    if (centreEpoch === held.centreEpoch && generation === held.generation && issuedAt < held.issuedAt) return;
    this.#peers = { centreEpoch, generation, issuedAt, told: document.peers ?? [] };
    this.#peersListener(this.#peers.told);
  }

  #submit(desired: DesiredInstance, centreEpoch: number): void {
    const { ledger } = this.#options;
    if (!ledger.records.has(desired.id)) {
      const record = newInstanceRecord(desired, centreEpoch, instanceContentHash(desired));
      ledger.addRecord(record);
      ledger.saveRecord(record).catch((error: unknown) => this.#options.log.error("record not saved", describeError(error)));
      this.#drive(desired.id);
      return;
    }
    const submission = this.#drive(desired.id)?.submit(desired, centreEpoch);
    if (submission?.verdict === "denied") this.#deny(desired, submission.error);
  }

  /** One instance's refusal does not stop the others': the rest of the document holds. */
  #deny(desired: DesiredInstance, error: AppError): void {
    this.#options.log.error("instance denied", { instance: desired.id, ...describeError(error) });
    this.#options.report({ kind: "host.event", level: "error", code: "instance_denied", message: error.message });
  }

  #drive(id: InstanceId): InstanceDriver | null {
    const known = this.#drivers.get(id);
    if (known !== undefined) return known;
    const record = this.#options.ledger.records.get(id);
    if (record === undefined || this.#closed) return null;
    const driver = new InstanceDriver(this.#ports, record, () => this.sweepSoon());
    this.#drivers.set(id, driver);
    driver.start();
    return driver;
  }

  #repeatEverything(): void {
    this.#networks.forgetTold();
    this.#images.forgetTold();
    this.#unclaimedTold = "";
    for (const driver of this.#drivers.values()) driver.repeat();
  }

  async #sweep(): Promise<void> {
    const { ledger, hypervisor, networks } = this.#options;
    const steps = planHost({
      documentAccepted: ledger.centreEpoch > 0,
      claimed: ledger.claimed,
      runningVms: await hypervisor.list(),
      nicsOnHost: await networks.listNics(),
      networksMade: ledger.networksMade,
      lanBridges: ledger.lanBridges,
      // Last, without a wait in between: a record made while the host was being asked is in it.
      records: [...ledger.records.values()].map((record) => ({
        id: record.desired.id,
        gone: record.gone,
        nics: [...record.nics, ...record.desired.nics.map((nic) => nic.id)],
        networks: networkIdsOf(record),
      })),
    });
    this.#lastPlan = { at: this.#options.clock.now(), steps: steps.map((step) => step.kind) };
    for (const step of steps) {
      await this.#carryOut(step).catch((thrown: unknown) => {
        this.#options.log.error("sweep step failed", { step: step.kind, ...describeError(thrown) });
        const error = toAppError(thrown, `Cleaning up on host ${this.#options.hostname} failed (${step.kind}).`);
        this.#options.report({ kind: "host.event", level: "warning", code: "clean_up_failed", message: error.message });
      });
    }
    await this.#networks.refreshSecurity().catch((error: unknown) => {
      this.#options.log.error("security groups not set", describeError(error));
      const message = toAppError(error, `Security groups could not be changed on host ${this.#options.hostname}.`).message;
      this.#options.report({ kind: "host.event", level: "error", code: "security_groups_failed", message });
    });
    for (const image of ledger.images) await this.#images.get(image).catch(() => {});
  }

  async #carryOut(step: HostStep): Promise<void> {
    switch (step.kind) {
      case "dropRecord": {
        const driver = this.#drivers.get(step.instanceId);
        this.#drivers.delete(step.instanceId);
        await driver?.close();
        await this.#options.ledger.dropRecord(step.instanceId);
        return;
      }
      case "deleteNic":
        this.#options.log.info("removing an orphaned NIC", { nic: step.nicId });
        await this.#networks.disconnect(step.nicId);
        return;
      case "deleteNetwork":
        await this.#networks.remove(step.networkId);
        return;
      case "ensureNetwork":
        return this.#networks.ensureStanding(step.networkId);
      case "reportUnclaimed": {
        const text = JSON.stringify(step.instanceIds);
        if (text === this.#unclaimedTold) return;
        this.#unclaimedTold = text;
        this.#options.report({ kind: "host.unclaimed", instanceIds: step.instanceIds.slice(0, 2_000) });
        return;
      }
    }
  }
}
