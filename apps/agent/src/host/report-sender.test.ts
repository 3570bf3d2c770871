import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import type { ReportBatch } from "@indium/contract/report";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Outbox } from "../ledger/outbox";
import { FakeClock } from "../system/fake-clock";
import { silentLog } from "../system/log";
import { ReportSender } from "./report-sender";

let directory: string;
let outbox: Outbox;
let clock: FakeClock;
let batches: ReportBatch[];
let refuse: AppError | null;
let sender: ReportSender;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "indium-sender-"));
  outbox = new Outbox(join(directory, "outbox.log"), "led-00000000000000001");
  clock = new FakeClock();
  batches = [];
  refuse = null;
  sender = new ReportSender({
    outbox,
    clock,
    log: silentLog,
    send: async (batch) => {
      batches.push(batch);
      if (refuse !== null) throw refuse;
      return batch.items.at(-1)?.seq ?? 0;
    },
  });
});
afterEach(() => {
  sender.close();
  outbox.close();
  rmSync(directory, { recursive: true, force: true });
});

const say = (message: string) => outbox.append({ kind: "host.event", level: "info", code: "test", message }, 1);
/** The outbox syncs a real file: time by hand, and real turns of the loop for the disk. */
const settle = async (ms: number) => {
  for (let turn = 0; turn < 20; turn++) {
    await clock.advance(ms / 20);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};
/** A busy disk takes longer than that, by the clock on the wall. */
const eventually = (done: () => boolean) => expect.poll(() => settle(100).then(done), { interval: 1, timeout: 20_000 }).toBe(true);

describe("reports", () => {
  it("wait for a link, then go in order and are forgotten", async () => {
    say("a");
    say("b");
    await settle(10_000);
    expect(batches).toEqual([]);
    sender.linked(true);
    const sent = () => batches.map((batch) => batch.items.map((item) => item.seq));
    await eventually(() => outbox.length === 0);
    expect(sent()).toEqual([[1, 2]]);
    say("c");
    await eventually(() => batches.length > 1);
    expect(sent()).toEqual([[1, 2], [3]]);
  });

  it("are sent again when they are not taken, ever more slowly, and nothing is lost", async () => {
    refuse = new AppError("host_timeout", "no ack");
    say("a");
    sender.linked(true);
    await settle(60_000);
    expect(batches.length).toBeGreaterThan(3);
    expect(batches.length).toBeLessThan(9);
    refuse = null;
    await settle(60_000);
    expect(outbox.length).toBe(0);
  });
});
