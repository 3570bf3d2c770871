import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReportBody } from "@indium/contract/report";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Outbox } from "./outbox";

const LEDGER = "led-00000000000000001";
let directory: string;
let path: string;
const open: Outbox[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "indium-outbox-"));
  path = join(directory, "outbox.log");
});
afterEach(() => {
  for (const outbox of open.splice(0)) outbox.close();
  rmSync(directory, { recursive: true, force: true });
});

/** As after kill -9: the old one is not closed before. */
function outbox(options: { bound?: number; ledgerId?: `led-${string}` } = {}): Outbox {
  const made = new Outbox(path, options.ledgerId ?? LEDGER, options);
  open.push(made);
  return made;
}
const event = (message: string): ReportBody => ({ kind: "host.event", level: "info", code: "test", message });
const observed = (instance: number, generation: number): ReportBody => ({
  kind: "instance.observed",
  instanceId: `i-${String(instance).padStart(17, "0")}`,
  observedGeneration: generation,
  appliedGeneration: 0,
  state: "running",
  guestPoweredOff: false,
  lastRequestId: null,
  startedAt: null,
  error: null,
  provisioning: null,
  waiting: null,
});
const seqs = async (box: Outbox) => (await box.take()).map((item) => item.seq);

describe("the outbox", () => {
  it("hands out items in order, the same until acknowledged", async () => {
    const box = outbox();
    for (const word of ["a", "b", "c"]) box.append(event(word), 1);
    expect(await seqs(box)).toEqual([1, 2, 3]);
    expect(await seqs(box)).toEqual([1, 2, 3]);
    box.ack(2);
    expect(await seqs(box)).toEqual([3]);
  });

  it("survives a kill: items, acknowledgements and the next number", async () => {
    const box = outbox();
    for (const word of ["a", "b", "c"]) box.append(event(word), 1);
    box.ack(1);
    const second = outbox();
    expect(await second.take()).toMatchObject([
      { seq: 2, body: { message: "b" } },
      { seq: 3, body: { message: "c" } },
    ]);
    second.ack(3);
    const third = outbox();
    expect(await third.take()).toEqual([]);
    third.append(event("d"), 1);
    expect(await seqs(third)).toEqual([4]);
    expect(await seqs(outbox())).toEqual([4]);
  });

  it("cuts off a partial last line", async () => {
    const box = outbox();
    box.append(event("a"), 1);
    appendFileSync(path, '{"seq":2,"at":1,"body":{"kind":"host.ev');
    const second = outbox();
    expect(await seqs(second)).toEqual([1]);
    second.append(event("b"), 1);
    expect(await seqs(outbox())).toEqual([1, 2]);
  });

  it("begins anew with another ledger", async () => {
    outbox().append(event("a"), 1);
    expect(await seqs(outbox({ ledgerId: "led-00000000000000002" }))).toEqual([]);
  });

  it("leaves a newer agent's file untouched", () => {
    const newer = '{"formatVersion":2,"ledgerId":"led-00000000000000001","nextSeq":1}\n';
    writeFileSync(path, newer);
    expect(() => outbox()).toThrow(/newer agent/);
    expect(readFileSync(path, "utf8")).toBe(newer);
  });

  it("coalesces observations of one thing when it is full, and never loses the newest of each", async () => {
    const box = outbox({ bound: 100 });
    for (let generation = 1; generation <= 300; generation++) box.append(observed(generation % 3, generation), 1);
    expect(box.length).toBeLessThanOrEqual(100);
    const kept = await outbox({ bound: 100 }).take();
    expect(kept.map((item) => item.seq)).toEqual(kept.map((item) => item.seq).toSorted((left, right) => left - right));
    for (const generation of [298, 299, 300]) {
      expect(kept.some((item) => item.body.kind === "instance.observed" && item.body.observedGeneration === generation)).toBe(true);
    }
  });

  it("drops events before observations when even those are too many", async () => {
    const box = outbox({ bound: 100 });
    for (let index = 0; index < 40; index++) box.append(observed(index, 1), 1);
    for (let index = 0; index < 200; index++) box.append(event(`e${index}`), 1);
    const kept = await box.take();
    expect(box.length).toBeLessThanOrEqual(100);
    expect(kept.filter((item) => item.body.kind === "instance.observed")).toHaveLength(40);
    expect(kept.at(-1)?.body).toMatchObject({ message: "e199" });
  });

  it("does not grow with what has been acknowledged", async () => {
    const box = outbox();
    for (let index = 0; index < 10_000; index++) {
      box.append(event("x".repeat(100)), 1);
      box.ack(index + 1);
    }
    expect(statSync(path).size).toBeLessThan(600_000);
    box.append(event("last"), 1);
    expect(await seqs(outbox())).toEqual([10_001]);
  });

  it("keeps a batch small enough for one message", async () => {
    const box = outbox();
    for (let index = 0; index < 200; index++) box.append(event("x".repeat(1_900)), 1);
    for (let index = 0; index < 600; index++) box.append(observed(index, 1), 1);
    expect(JSON.stringify(await box.take()).length).toBeLessThan(500_000);
  });

  it("tells who listens", () => {
    const box = outbox();
    let told = 0;
    const stop = box.onAppend(() => told++);
    box.append(event("a"), 1);
    stop();
    box.append(event("b"), 1);
    expect(told).toBe(1);
  });
});
