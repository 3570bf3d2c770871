import type { HostDocument } from "@indium/contract/host-document";
import type { InstanceId } from "@indium/contract/ids";
import type { DesiredImage } from "@indium/contract/image";
import type { DesiredInstance } from "@indium/contract/instance";
import type { DesiredNetwork } from "@indium/contract/network";
import { newId } from "@indium/contract/plain/ids";
import type { DesiredSecurityGroup } from "@indium/contract/security-group";
import { acceptInstance, judgeInstance } from "./acceptance";
import { documentContentHash, instanceContentHash } from "./content-hash";
import { type InstanceRecord, LEDGER_FORMAT, type LedgerFile, newInstanceRecord } from "./format";
import type { LedgerStore } from "./ledger-store";

/**
 * Observations may have been sent that a power cut kept from the instance's file. The counter leaps this far for each start of the agent
 * since the file was written, so that the centre, which writes only a larger one, never takes a fresh observation for a stale one: nor when
 * the power fails twice in a row, each time between the report and the file.
 */
const OBSERVED_GENERATION_LEAP = 200;

/**
 * The host's memory: the last accepted document and, per instance, what no process can be asked for.
 *
 * Invariants: `ledger.json` is the commit point of an acceptance (a crash between it and the instances' files is repaired at
 * load); an instance's record is written by its own driver only; nothing leaves because a document does not mention it.
 */
export class Ledger {
  readonly #store: LedgerStore;
  readonly #file: LedgerFile;
  readonly #records = new Map<InstanceId, InstanceRecord>();
  readonly #writers = new Map<string, Writer>();

  private constructor(store: LedgerStore, file: LedgerFile) {
    this.#store = store;
    this.#file = file;
  }

  /** @throws AppError `unsupported` when a newer agent wrote it, `internal` when it is damaged. */
  static async load(store: LedgerStore): Promise<Ledger> {
    const found = await store.readLedger();
    const file: LedgerFile = found ?? {
      formatVersion: LEDGER_FORMAT,
      ledgerId: newId("ledger"),
      centreEpoch: 0,
      generation: 0,
      contentHash: null,
      networks: [],
      networksMade: [],
      images: [],
      securityGroups: [],
      instances: [],
      starts: 0,
    };
    file.starts += 1;
    const ledger = new Ledger(store, file);
    for (const record of await store.readInstances()) {
      record.observedGeneration += OBSERVED_GENERATION_LEAP * Math.max(1, file.starts - record.savedAtStart);
      record.savedAtStart = file.starts;
      // By this version's reading: a field that came with it has its default on both sides, and is no other content.
      record.contentHash = instanceContentHash(record.desired);
      ledger.#records.set(record.desired.id, record);
    }
    // A crash after the commit point: the document knows instances that have no file, or an older one.
    for (const desired of file.instances) {
      const record = ledger.#records.get(desired.id);
      if (record === undefined) {
        const fresh = newInstanceRecord(desired, file.centreEpoch, instanceContentHash(desired));
        // The agent that accepted it may have told of it before it wrote its file.
        fresh.observedGeneration = OBSERVED_GENERATION_LEAP * file.starts;
        ledger.addRecord(fresh);
      } else if (judgeInstance(record, desired, file.centreEpoch).verdict === "accept") acceptInstance(record, desired, file.centreEpoch);
    }
    await store.writeLedger(file);
    return ledger;
  }

  get ledgerId(): LedgerFile["ledgerId"] {
    return this.#file.ledgerId;
  }
  get centreEpoch(): number {
    return this.#file.centreEpoch;
  }
  get generation(): number {
    return this.#file.generation;
  }
  get contentHash(): string | null {
    return this.#file.contentHash;
  }
  get networks(): readonly DesiredNetwork[] {
    return this.#file.networks;
  }
  get networksMade(): readonly DesiredNetwork["id"][] {
    return this.#file.networksMade;
  }
  /**
   * Networks that are made without an instance: those that ask for a bridge of one of the host's uplinks. `wanted` is in the last
   * document; `kept` is not to be removed, and is more than that while it is not known what the last document names.
   */
  get lanBridges(): { readonly wanted: readonly DesiredNetwork["id"][]; readonly kept: readonly DesiredNetwork["id"][] } {
    const asking = this.#file.networks.filter((network) => network.uplinkInterface !== undefined).map((network) => network.id);
    const told = this.#file.documentNetworks;
    if (told === undefined) return { wanted: [], kept: asking };
    const wanted = asking.filter((id) => told.includes(id));
    return { wanted, kept: wanted };
  }
  get records(): ReadonlyMap<InstanceId, InstanceRecord> {
    return this.#records;
  }

  network(id: DesiredNetwork["id"]): DesiredNetwork | null {
    return this.#file.networks.find((network) => network.id === id) ?? null;
  }

  image(id: DesiredImage["id"]): DesiredImage | null {
    return this.#file.images.find((image) => image.id === id) ?? null;
  }

  securityGroup(id: DesiredSecurityGroup["id"]): DesiredSecurityGroup | null {
    return this.#file.securityGroups.find((group) => group.id === id) ?? null;
  }

  get images(): readonly DesiredImage[] {
    return this.#file.images;
  }

  /** Ids of the last document's instances. */
  get claimed(): ReadonlySet<InstanceId> {
    return new Set(this.#file.instances.map((instance) => instance.id));
  }

  /** Keeps an accepted document: on disk before this resolves. Instances' records follow by `accept` of their drivers. */
  async acceptDocument(document: HostDocument): Promise<void> {
    const file = this.#file;
    const needed = new Set([...this.#records.values()].filter((record) => !record.gone).flatMap((record) => networkIdsOf(record)));
    for (const id of file.networksMade) needed.add(id);
    const told = new Set(document.networks.map((network) => network.id));
    file.networks = [...document.networks, ...file.networks.filter((network) => !told.has(network.id) && needed.has(network.id))];
    file.documentNetworks = [...told];
    file.securityGroups = this.#groupsWith(document.securityGroups ?? []);
    file.centreEpoch = document.centreEpoch;
    file.generation = document.generation;
    file.contentHash = documentContentHash(document);
    file.images = [...document.images];
    file.instances = [...document.instances];
    await this.#saveLedger();
  }

  /** Those told, and older ones that an instance here still names. */
  #groupsWith(told: readonly DesiredSecurityGroup[]): DesiredSecurityGroup[] {
    const named = new Set([...this.#records.values()].filter((record) => !record.gone).flatMap((record) => groupIdsOf(record.desired)));
    const ids = new Set(told.map((group) => group.id));
    return [...told, ...this.#file.securityGroups.filter((group) => !ids.has(group.id) && named.has(group.id))];
  }

  /** A resent document may name other members of a group. */
  async refreshSecurityGroups(told: readonly DesiredSecurityGroup[]): Promise<void> {
    const groups = this.#groupsWith(told);
    if (JSON.stringify(groups) === JSON.stringify(this.#file.securityGroups)) return;
    this.#file.securityGroups = groups;
    await this.#saveLedger();
  }

  /** A resent document may carry fresh signatures in images' addresses. */
  async refreshImages(images: readonly DesiredImage[]): Promise<void> {
    if (JSON.stringify(images) === JSON.stringify(this.#file.images)) return;
    this.#file.images = [...images];
    await this.#saveLedger();
  }

  async markNetworkMade(id: DesiredNetwork["id"], made: boolean): Promise<void> {
    if (this.#file.networksMade.includes(id) === made) return;
    this.#file.networksMade = made ? [...this.#file.networksMade, id] : this.#file.networksMade.filter((other) => other !== id);
    await this.#saveLedger();
  }

  addRecord(record: InstanceRecord): void {
    record.savedAtStart = this.#file.starts;
    this.#records.set(record.desired.id, record);
  }

  /** Resolves once everything changed in the record before this call is on disk. Calls at the same time share a write. */
  saveRecord(record: InstanceRecord): Promise<void> {
    return this.#writer(record.desired.id, () => this.#store.writeInstance(record)).save();
  }

  /** Forgets an instance that is gone and that the centre no longer mentions. */
  async dropRecord(id: InstanceId): Promise<void> {
    this.#records.delete(id);
    await this.#writer(id, () => Promise.resolve()).settled();
    this.#writers.delete(id);
    await this.#store.deleteInstance(id);
  }

  async settled(): Promise<void> {
    await Promise.allSettled([...this.#writers.values()].map((writer) => writer.settled()));
  }

  #saveLedger(): Promise<void> {
    return this.#writer("ledger", () => this.#store.writeLedger(this.#file)).save();
  }

  #writer(key: string, write: () => Promise<void>): Writer {
    const known = this.#writers.get(key);
    if (known !== undefined) return known;
    const writer = new Writer(write);
    this.#writers.set(key, writer);
    return writer;
  }
}

export function networkIdsOf(record: InstanceRecord): readonly DesiredNetwork["id"][] {
  return record.desired.nics.map((nic) => nic.networkId);
}

/** One write at a time; whoever asks during one shares the next. */
class Writer {
  readonly #write: () => Promise<void>;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(write: () => Promise<void>) {
    this.#write = write;
  }

  save(): Promise<void> {
    if (this.#running === null) {
      this.#running = this.#write().finally(() => {
        this.#running = null;
      });
      return this.#running;
    }
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = null;
        return this.save();
      });
    return this.#next;
  }

  async settled(): Promise<void> {
    while (this.#running !== null || this.#next !== null) await (this.#next ?? this.#running)?.catch(() => {});
  }
}

const groupIdsOf = (desired: DesiredInstance): readonly DesiredSecurityGroup["id"][] =>
  desired.nics.flatMap((nic) => nic.securityGroups ?? []);
