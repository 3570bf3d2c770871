import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { chown } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { ReportBody } from "@indium/contract/report";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createQemuHypervisor, QEMU_BINARY } from "../drivers/qemu/hypervisor";
import { testSpec } from "../drivers/qemu/test-spec";
import { vmUser } from "../drivers/qemu/vm-user";
import type { Hypervisor, VmHandle } from "../drivers/types";
import { type InstanceRecord, newInstanceRecord } from "../ledger/format";
import { ensureReachable } from "../storage/access";
import { systemClock } from "../system/clock";
import { createLog } from "../system/log";
import { HangWatch } from "./hang-watch";
import type { InstancePorts } from "./ports";

const tiny = process.env.INDIUM_TINY_IMAGE ?? new URL("../../../../dist/guest/tiny.qcow2", import.meta.url).pathname;
const reason =
  process.getuid?.() !== 0
    ? "not root"
    : !existsSync(QEMU_BINARY)
      ? `${QEMU_BINARY} is not installed`
      : !existsSync(tiny)
        ? `${tiny} is not there (image/guest/build-tiny.sh makes it)`
        : null;
if (reason !== null) console.warn(`why a guest hangs: skipped, ${reason}.`);

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
const LONG = { timeout: 120_000, interval: 200 };
let directory: string;
let hypervisor: Hypervisor;
const cleanUps: (() => Promise<void>)[] = [];

/** A real VM, and what watches it, with no driver around them. */
async function watched(disk: { path: string; format: "qcow2" | "raw" }) {
  const user = await vmUser();
  await chown(disk.path, user.uid, user.gid);
  const spec = testSpec({ fresh: true, nics: 0 });
  const { id } = spec.instance;
  cleanUps.push(() => hypervisor.purge(id));
  const record: InstanceRecord = { ...newInstanceRecord(spec.instance, 1, "hash"), boot: 1 };
  const reports: ReportBody[] = [];
  const log = createLog({ format: "plain", level: "warn" });
  const ports = { hypervisor, clock: systemClock, log, report: (body: ReportBody) => reports.push(body) } as unknown as InstancePorts;
  let vm: VmHandle | null = null;
  const watch = new HangWatch(
    ports,
    record,
    () => vm,
    () => {},
  );
  await watch.begin();
  vm = await hypervisor.start({ ...spec, disk });
  const kinds = () => record.findings.map((finding) => finding.kind);
  const printed = async () => (await hypervisor.serialTail(id, 200_000)).text;
  return { id, vm, record, watch, reports, kinds, printed };
}

/** A shell that is not reading yet loses what is typed: typed again every few seconds until the wait is over. */
async function insisting(serial: Duplex, line: string, wait: () => Promise<unknown>): Promise<void> {
  serial.write(line);
  const again = setInterval(() => serial.write(line), 8_000);
  await wait().finally(() => clearInterval(again));
}

describe.skipIf(reason !== null)("why a guest hangs", () => {
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), `indium-hang-${process.pid}-`));
    await ensureReachable(directory, await vmUser());
    hypervisor = await createQemuHypervisor({
      stateDir: directory,
      runDir: join(directory, "run"),
      acceleration: { kind: "tcg", reason: "test" },
    });
  });
  // Also after a time-out, which leaves a test where it stands.
  afterAll(async () => {
    for (const cleanUp of cleanUps) await cleanUp();
    rmSync(directory, { recursive: true, force: true });
  });

  it("is told of a real kernel that kills for memory and then panics, with the lines and the screen; a good boot clears it", async () => {
    const path = join(directory, "tiny.qcow2");
    copyFileSync(tiny, path);
    const { id, vm, record, watch, reports, kinds, printed } = await watched({ path, format: "qcow2" });
    await expect.poll(printed, LONG).toMatch(/TINY-READY[\s\S]*# /);
    expect(kinds()).toEqual([]);
    const serial = await vm.openSerial();
    serial.resume();
    // A kernel told to be quiet says nothing of it on the console.
    await insisting(serial, "echo 7 > /proc/sys/kernel/printk; tail /dev/zero\n", () =>
      expect.poll(kinds, LONG).toEqual(["out_of_memory"]),
    );
    expect(record.findings[0]?.excerpt).toMatch(/Killed process \d+ \(tail\)/);
    await insisting(serial, "\n\necho c > /proc/sysrq-trigger\n", () =>
      expect.poll(kinds, LONG).toEqual(["out_of_memory", "kernel_panic"]),
    );
    // Not the trace's own words: a kernel that panics and its interrupted console write over each other, and letters come twice.
    await expect.poll(() => record.findings[1]?.excerpt, LONG).toMatch(/Kernel panic[\s\S]{400}/);
    expect(record.findings[1]?.excerpt).not.toContain("\r");
    await expect.poll(() => record.screen, LONG).toMatchObject({ why: "finding", boot: 1 });
    expect((await hypervisor.lastScreen(id))?.png.subarray(0, 4)).toEqual(PNG);
    expect(reports).toMatchObject([{ code: "guest_out_of_memory" }, { code: "guest_kernel_panic" }]);
    serial.destroy();

    // QEMU killed under the agent's hands: what was photographed last stays.
    await vm.photograph();
    process.kill(vm.pid, "SIGKILL");
    await watch.ended("crashed");
    expect(record.screen?.why).toBe("crashed");
    await hypervisor.clean(id);
    expect((await hypervisor.lastScreen(id))?.png.subarray(0, 4)).toEqual(PNG);

    record.boot = 2;
    watch.healthy();
    expect([record.findings, record.screen]).toEqual([[], null]);
    await expect.poll(() => hypervisor.lastScreen(id), LONG).toBeNull();
  }, 300_000);

  it("is told of a disk with nothing to boot from", async () => {
    const path = join(directory, "empty.raw");
    writeFileSync(path, Buffer.alloc(1024 * 1024), { mode: 0o600 });
    const { record, watch, kinds } = await watched({ path, format: "raw" });
    await expect.poll(kinds, LONG).toEqual(["no_boot_device"]);
    expect(record.findings[0]?.excerpt).toMatch(/Boot failed: not a bootable disk\nNo bootable device\./);
    // The agent's restart finds the same again, and says it once.
    const before = record.findings;
    watch.release();
    watch.resume();
    await new Promise((resolve) => setTimeout(resolve, 500));
    watch.release();
    expect(record.findings).toEqual(before);
  }, 200_000);
});
