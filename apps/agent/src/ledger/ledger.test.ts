import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { desiredInstance, IMAGE, NETWORK } from "../reconciler/testing/test-host";
import { newInstanceRecord } from "./format";
import { Ledger } from "./ledger";
import { FileLedgerStore } from "./ledger-store";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "indium-ledger-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const instance = desiredInstance({ id: "i-00000000000000001" });
const document = (generation: number, changes: object = {}) => ({
  formatVersion: 1 as const,
  hostId: "h-00000000000000001" as const,
  centreEpoch: 1,
  generation,
  issuedAt: 1,
  networks: [NETWORK],
  images: [IMAGE],
  instances: [instance],
  ...changes,
});
const load = () => Ledger.load(new FileLedgerStore(directory));

describe("the ledger", () => {
  it("keeps its id, the document and what is known of instances over a restart", async () => {
    const first = await load();
    await first.acceptDocument(document(3));
    const record = newInstanceRecord(instance, 1, "hash");
    record.appliedGeneration = 1;
    record.boot = 4;
    first.addRecord(record);
    await first.saveRecord(record);
    const second = await load();
    expect(second.ledgerId).toBe(first.ledgerId);
    expect(second).toMatchObject({ centreEpoch: 1, generation: 3, contentHash: first.contentHash });
    expect(second.records.get(instance.id)).toMatchObject({ boot: 4, appliedGeneration: 1 });
    expect(second.network(NETWORK.id)).toEqual(NETWORK);
    expect(second.image(IMAGE.id)).toEqual(IMAGE);
  });

  it("repairs a crash between the document and the instances' files", async () => {
    const first = await load();
    const record = newInstanceRecord(instance, 1, "hash");
    first.addRecord(record);
    await first.saveRecord(record);
    const added = desiredInstance({ id: "i-00000000000000002" });
    await first.acceptDocument(document(1, { instances: [{ ...instance, generation: 2, desired: "stopped" }, added] }));
    const second = await load();
    expect(second.records.get(instance.id)?.desired).toMatchObject({ generation: 2, desired: "stopped" });
    expect(second.records.get(added.id)?.desired).toEqual(added);
  });

  it("keeps an instance that a document leaves out, with its network", async () => {
    const ledger = await load();
    const record = newInstanceRecord(instance, 1, "hash");
    ledger.addRecord(record);
    await ledger.saveRecord(record);
    await ledger.acceptDocument(document(1));
    await ledger.acceptDocument(document(2, { instances: [], networks: [] }));
    const again = await load();
    expect(again.records.has(instance.id)).toBe(true);
    expect(again.claimed.has(instance.id)).toBe(false);
    expect(again.network(NETWORK.id)).toEqual(NETWORK);
  });

  it("leaps the observed generation, so that a lost write never makes an observation look stale", async () => {
    const ledger = await load();
    const record = newInstanceRecord(instance, 1, "hash");
    record.observedGeneration = 10;
    ledger.addRecord(record);
    await ledger.saveRecord(record);
    expect((await load()).records.get(instance.id)?.observedGeneration).toBeGreaterThan(100);
  });

  it.each(["ledger.json", "instances/i-00000000000000001.json"])("leaves a newer %s untouched and says what to do", async (name) => {
    const ledger = await load();
    const record = newInstanceRecord(instance, 1, "hash");
    ledger.addRecord(record);
    await ledger.saveRecord(record);
    const newer = JSON.stringify({ formatVersion: 2, secret: "of the future" });
    await writeFile(join(directory, name), newer);
    await expect(load()).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("newer agent") });
    expect(await readFile(join(directory, name), "utf8")).toBe(newer);
  });

  it("names the damaged file and where", async () => {
    await load();
    await writeFile(join(directory, "ledger.json"), '{"formatVersion":1,"ledgerId":"nonsense"}');
    await expect(load()).rejects.toMatchObject({ code: "internal", message: expect.stringContaining("ledgerId") });
  });

  it("shares one write among many who save at once, and each finds its change on disk", async () => {
    const ledger = await load();
    const record = newInstanceRecord(instance, 1, "hash");
    ledger.addRecord(record);
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        record.boot = index;
        return ledger.saveRecord(record);
      }),
    );
    expect((await load()).records.get(instance.id)?.boot).toBe(19);
  });
});
