import type { HostDocument } from "@indium/contract/host-document";
import type { LedgerId } from "@indium/contract/ids";
import { loadOrCreateKeyPair } from "@indium/tunnel/key-files";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { NameLedger } from "../network/name-ledger";
import { desiredInstance, NETWORK } from "../reconciler/testing/test-host";
import { ensureDirectory, readJsonFile, writeFileAtomic } from "../system/files";
import { CrashDisk, PowerCut } from "../system/testing/crash-disk";
import { instanceContentHash } from "./content-hash";
import { newInstanceRecord } from "./format";
import { Ledger } from "./ledger";
import { FileLedgerStore } from "./ledger-store";
import { Outbox } from "./outbox";

const world = vi.hoisted(() => ({ disk: null as unknown as CrashDisk }));
vi.mock("node:fs/promises", async () => {
  const { crashDiskModules } = await import("../system/testing/crash-disk-modules");
  const { promises } = crashDiskModules(() => world.disk);
  return { ...promises, default: promises };
});
vi.mock("node:fs", async () => {
  const { crashDiskModules } = await import("../system/testing/crash-disk-modules");
  const { sync } = crashDiskModules(() => world.disk);
  return { ...sync, default: sync };
});

/**
 * Lives a life once for each of its writes, cutting the power at that write; then looks at every disk that may be found.
 * `promised` is what the life noted as done before the cut. @returns how many disks were looked at.
 */
async function cutEverywhere<Notes>(
  prepare: () => Promise<void>,
  live: (notes: Notes) => Promise<void>,
  noted: () => Notes,
  check: (notes: Notes) => Promise<void> | void,
): Promise<number> {
  let looked = 0;
  for (let steps = 0; ; steps++) {
    world.disk = new CrashDisk();
    await prepare();
    world.disk.cutAfter(steps);
    const notes = noted();
    const whole = await live(notes).then(
      () => true,
      (error: unknown) => {
        if (!world.disk.isCut && !(error instanceof PowerCut)) throw error;
        return false;
      },
    );
    for (const found of [...world.disk.afterwards()]) {
      world.disk = found;
      await check(notes);
      looked += 1;
    }
    if (whole) return looked;
    if (steps > 2_000) throw new Error("this life never ends");
  }
}

const nothing = () => Promise.resolve();
const LEDGER_ID: LedgerId = "led-00000000000000001";

beforeEach(() => {
  world.disk = new CrashDisk();
});

describe("a power cut at any write leaves", () => {
  it("a replaced file whole: the old one or the new one, and the new one once that was said", async () => {
    const looked = await cutEverywhere(
      async () => {
        await ensureDirectory("/state");
        await writeFileAtomic("/state/file.json", JSON.stringify({ version: 0 }));
      },
      async (notes) => {
        for (const version of [1, 2, 3]) {
          notes.begun = version;
          await writeFileAtomic("/state/file.json", JSON.stringify({ version }));
          notes.done = version;
        }
      },
      () => ({ begun: 0, done: 0 }),
      async (notes) => {
        const { version } = (await readJsonFile("/state/file.json")) as { version: number };
        expect([notes.done, notes.begun]).toContain(version);
      },
    );
    expect(looked).toBeGreaterThan(40);
  });

  it("a new folder and the first file in it, once that was said", async () => {
    await cutEverywhere(
      nothing,
      async (notes) => {
        await ensureDirectory("/var/lib/agent/ledger");
        await writeFileAtomic("/var/lib/agent/ledger/a.json", "1");
        notes.done = true;
      },
      () => ({ done: false }),
      async ({ done }) => {
        const found = await readJsonFile("/var/lib/agent/ledger/a.json");
        if (done) expect(found).toBe(1);
        else expect([null, 1]).toContain(found);
      },
    );
  });

  it("a ledger that knows the last accepted document, or the one being accepted, and each instance's facts", async () => {
    const first = desiredInstance({ id: "i-00000000000000001" });
    const second = desiredInstance({ id: "i-00000000000000002" });
    const document = (generation: number, instances: HostDocument["instances"]): HostDocument => ({
      formatVersion: 1,
      hostId: "h-00000000000000001",
      centreEpoch: 1,
      generation,
      issuedAt: 1,
      networks: [NETWORK],
      images: [],
      instances,
    });
    const looked = await cutEverywhere(
      nothing,
      async (notes) => {
        const ledger = await Ledger.load(new FileLedgerStore("/state/ledger"));
        notes.ledgerId = ledger.ledgerId;
        const accept = async (generation: number, instances: HostDocument["instances"]) => {
          notes.begun = generation;
          await ledger.acceptDocument(document(generation, instances));
          notes.accepted = generation;
        };
        const record = newInstanceRecord(first, 1, instanceContentHash(first));
        await accept(1, [first]);
        ledger.addRecord(record);
        record.boot = 1;
        notes.boots = [0, 1];
        await ledger.saveRecord(record);
        notes.boots = [1];
        await accept(2, [first, second]);
        ledger.addRecord(newInstanceRecord(second, 1, instanceContentHash(second)));
        record.boot = 2;
        record.lastRequestId = "req-00000000000000001";
        notes.boots = [1, 2];
        await ledger.saveRecord(record);
        notes.boots = [2];
      },
      () => ({ ledgerId: null as string | null, begun: 0, accepted: 0, boots: [0] }),
      async (notes) => {
        const ledger = await Ledger.load(new FileLedgerStore("/state/ledger"));
        expect([notes.accepted, notes.begun]).toContain(ledger.generation);
        if (notes.ledgerId !== null) expect(ledger.ledgerId).toBe(notes.ledgerId);
        if (notes.accepted >= 1) expect(notes.boots).toContain(ledger.records.get(first.id)?.boot);
        // The document is the commit point: who is in it has a record, also when the power went before its file was written.
        expect([...ledger.records.keys()].sort()).toEqual([first.id, second.id].slice(0, ledger.generation));
        // Nothing of the broken replacements stays.
        expect(world.disk.list("/state/ledger").filter((name) => name.endsWith(".tmp"))).toEqual([]);
      },
    );
    expect(looked).toBeGreaterThan(100);
  });

  it("observations whose numbers the centre has not seen, also when the power fails again and again before they are saved", async () => {
    const desired = desiredInstance();
    const store = () => new FileLedgerStore("/state/ledger");
    const ledger = await Ledger.load(store());
    const record = newInstanceRecord(desired, 1, instanceContentHash(desired));
    ledger.addRecord(record);
    await ledger.saveRecord(record);
    let told = 0;
    for (let cut = 0; cut < 5; cut++) {
      const again = (await Ledger.load(store())).records.get(desired.id);
      // Two observations are told, and the power fails before the record is saved.
      expect((again?.observedGeneration ?? 0) + 1).toBeGreaterThan(told);
      told = (again?.observedGeneration ?? 0) + 2;
    }
  });

  it("observations of a new instance above those told before its file was written", async () => {
    const desired = desiredInstance();
    const accept = await Ledger.load(new FileLedgerStore("/state/ledger"));
    await accept.acceptDocument({
      formatVersion: 1,
      hostId: "h-00000000000000001",
      centreEpoch: 1,
      generation: 1,
      issuedAt: 1,
      networks: [NETWORK],
      images: [],
      instances: [desired],
    });
    let told = 3;
    for (let cut = 0; cut < 3; cut++) {
      const again = (await Ledger.load(new FileLedgerStore("/state/ledger"))).records.get(desired.id);
      expect((again?.observedGeneration ?? 0) + 1).toBeGreaterThan(told);
      told = (again?.observedGeneration ?? 0) + 3;
    }
  });

  it("the interface names, old or new", async () => {
    const nic = (number: number) => `nic-0000000000000000${number}` as const;
    await cutEverywhere(
      nothing,
      async (notes) => {
        const names = new NameLedger("/state", "owner");
        await names.load();
        for (const number of [1, 2]) {
          notes.begun = number;
          await names.claim("nics", nic(number), () => Promise.resolve(true));
          notes.done = number;
        }
        notes.begun = 1;
        await names.release("nics", nic(2));
        notes.done = 1;
      },
      () => ({ begun: 0, done: 0 }),
      async (notes) => {
        const names = new NameLedger("/state", "owner");
        await names.load();
        expect([notes.done, notes.begun]).toContain(names.ids("nics").length);
      },
    );
  });

  it("a host's key, once somebody may have been told of it", async () => {
    await cutEverywhere(
      nothing,
      async (notes) => {
        await ensureDirectory("/state");
        notes.told = (await loadOrCreateKeyPair("/state/keys/host", "ed25519")).publicKey;
      },
      () => ({ told: null as string | null }),
      async (notes) => {
        const found = await loadOrCreateKeyPair("/state/keys/host", "ed25519");
        if (notes.told !== null) expect(found.publicKey).toBe(notes.told);
      },
    );
  });
});

describe("the outbox, after a power cut at any write,", () => {
  const event = (number: number) => ({ kind: "host.event", level: "info", code: "test", message: String(number) }) as const;

  it("holds everything that was handed out and not acknowledged, in order, and gives no number twice", async () => {
    const looked = await cutEverywhere(
      () => ensureDirectory("/state"),
      async (notes) => {
        const outbox = new Outbox("/state/outbox.log", LEDGER_ID, { bound: 8 });
        let number = 0;
        for (let round = 0; round < 6; round++) {
          for (let count = 0; count < 4; count++) outbox.append(event(number++), 1);
          const items = await outbox.take();
          if (world.disk.isCut) throw new PowerCut();
          for (const item of items) notes.seen.set(item.seq, JSON.stringify(item.body));
          // Every other batch is acknowledged in part: the rest waits, is coalesced beyond the bound, and the log is written anew.
          const acknowledged = items[Math.floor(items.length / 2)];
          if (round % 2 === 1 && acknowledged !== undefined) {
            outbox.ack(acknowledged.seq);
            notes.acked = acknowledged.seq;
          }
          notes.kept = new Set((await outbox.take()).map((item) => item.seq));
          if (world.disk.isCut) throw new PowerCut();
        }
      },
      () => ({ seen: new Map<number, string>(), acked: 0, kept: new Set<number>() }),
      async (notes) => {
        const outbox = new Outbox("/state/outbox.log", LEDGER_ID, { bound: 8 });
        const items = await outbox.take();
        const seqs = items.map((item) => item.seq);
        expect(seqs).toEqual([...seqs].sort((left, right) => left - right));
        // A number means what it meant.
        for (const item of items) if (notes.seen.has(item.seq)) expect(JSON.stringify(item.body)).toBe(notes.seen.get(item.seq));
        outbox.append(event(99), 2);
        const last = (await outbox.take()).at(-1);
        expect(last?.body).toEqual(event(99));
        expect(last?.seq).toBeGreaterThan(Math.max(0, ...notes.seen.keys()));
      },
    );
    expect(looked).toBeGreaterThan(200);
  });

  it("hands out nothing that was appended while the disk was syncing", async () => {
    await ensureDirectory("/state");
    const outbox = new Outbox("/state/outbox.log", LEDGER_ID);
    outbox.append(event(1), 1);
    const batch = outbox.take();
    outbox.append(event(2), 1);
    expect((await batch).map(({ body }) => body)).toEqual([event(1)]);
    expect((await outbox.take()).map(({ body }) => body)).toEqual([event(1), event(2)]);
  });

  it("numbers its items anew when the centre has seen higher numbers than it ever gave: the file was lost, the ledger was not", async () => {
    await ensureDirectory("/state");
    const outbox = new Outbox("/state/outbox.log", LEDGER_ID);
    outbox.append(event(1), 1);
    outbox.append(event(2), 1);
    outbox.ack(700);
    expect((await outbox.take()).map(({ seq, body }) => [seq, body])).toEqual([
      [701, event(1)],
      [702, event(2)],
    ]);
    outbox.append(event(3), 1);
    expect((await new Outbox("/state/outbox.log", LEDGER_ID).take()).map(({ seq }) => seq)).toEqual([701, 702, 703]);
  });
});
