import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InstanceId } from "@indium/contract/ids";
import type { ReportItem } from "@indium/contract/report";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ReportSender } from "../host/report-sender";
import { failure, TestHost } from "../reconciler/testing/test-host";
import { silentLog } from "../system/log";
import { Outbox } from "./outbox";

const MIB = 1024 * 1024;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "indium-away-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("with the centre away for a day", () => {
  it("a host goes on, keeps a bounded queue on disk, and tells everything in order when the centre is back", {
    timeout: 120_000,
  }, async () => {
    const host = new TestHost();
    await host.startAgent();
    const path = join(directory, "outbox.log");
    // As small against this day as the real bound is against a month.
    const outbox = new Outbox(path, "led-00000000000000001", { bound: 500, boundBytes: MIB / 2 });
    const ids: InstanceId[] = [];
    for (let number = 0; number < 3; number++) ids.push((await host.running({ name: `vm-${number}` })).id);
    let told = 0;
    let highest = 0;
    let largest = 0;
    const keep = () => {
      for (const body of host.reports.slice(told)) {
        outbox.append(body, host.clock.now());
        largest = Math.max(largest, statSync(path).size);
      }
      told = host.reports.length;
      highest = Math.max(highest, outbox.length);
    };
    keep();
    // A restless day: guests reboot by themselves, QEMUs crash now and then, and an orphan cannot be removed at any sweep.
    host.machine.faults.remove = failure("internal", `The file cannot be removed. ${"x".repeat(900)}`);
    for (let minute = 0; minute < 24 * 60; minute += 10) {
      const id = ids[(minute / 10) % ids.length];
      if (id !== undefined && minute % 180 === 30) host.machine.end(id, "qemu: random words");
      else if (id !== undefined) host.machine.reset(id, true);
      await host.clock.advance(10 * 60_000);
      keep();
    }
    expect(told).toBeGreaterThan(500);
    expect(highest).toBeLessThanOrEqual(500);
    expect(largest).toBeLessThan(MIB);
    expect(ids.map((id) => host.machine.vm(id)?.state)).toEqual(["running", "running", "running"]);
    // The record of an instance does not grow with its boots either.
    for (const record of host.store.instances.values()) expect(JSON.stringify(record).length).toBeLessThan(20_000);

    const received: ReportItem[] = [];
    const sender = new ReportSender({
      outbox,
      clock: host.clock,
      log: silentLog,
      send: async ({ items }) => {
        received.push(...items);
        return items.at(-1)?.seq ?? 0;
      },
    });
    sender.linked(true);
    // The disk's sync takes real time.
    await expect.poll(() => host.clock.advance(100).then(() => outbox.length), { timeout: 30_000 }).toBe(0);
    expect(received.map(({ seq }) => seq)).toEqual(received.map(({ seq }) => seq).toSorted((left, right) => left - right));
    expect(received.every(({ at }, index) => index === 0 || at >= (received[index - 1]?.at ?? 0))).toBe(true);
    for (const id of ids) {
      const last = received.findLast(({ body }) => body.kind === "instance.observed" && body.instanceId === id);
      expect(last?.body).toEqual(host.observed(id));
    }
    sender.close();
    outbox.close();
    await host.stopAgent();
  });

  it("long words of many failures are bounded by their size, not by their number", () => {
    const path = join(directory, "outbox.log");
    const outbox = new Outbox(path, "led-00000000000000001", { boundBytes: MIB });
    for (let number = 0; number < 5_000; number++)
      outbox.append({ kind: "host.event", level: "error", code: "test", message: `${number} ${"words ".repeat(300)}` }, 1);
    expect(statSync(path).size).toBeLessThan(1.1 * MIB);
    expect(outbox.length).toBeGreaterThan(100);
    outbox.close();
    expect(new Outbox(path, "led-00000000000000001").length).toBe(outbox.length);
  });
});
