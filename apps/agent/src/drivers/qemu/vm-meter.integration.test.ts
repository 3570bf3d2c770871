import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { chown, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseNetDev } from "../../host/proc";
import { run } from "../../system/exec";
import type { Hypervisor } from "../types";
import { createConfinement } from "./confinement";
import { createQemuHypervisor, QEMU_BINARY } from "./hypervisor";
import { bootDisk } from "./test-guest";
import { testSpec } from "./test-spec";
import { vmUser } from "./vm-user";

const reason = process.getuid?.() !== 0 ? "not root" : existsSync(QEMU_BINARY) ? null : `${QEMU_BINARY} is not installed`;
if (reason !== null) console.warn(`What QEMU uses: skipped, ${reason}.`);

const MIB = 1024 * 1024;
const interfaces = async () => parseNetDev(await readFile("/proc/net/dev", "utf8"));

describe.skipIf(reason !== null)("what a real QEMU uses", () => {
  let directory: string;
  let hypervisor: Hypervisor;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), `indium-meter-${process.pid}-`));
    return () => rmSync(directory, { recursive: true, force: true });
  });
  beforeAll(async () => {
    const confinement = await createConfinement(null);
    console.info(`VMs' control groups here: ${confinement.kind}${confinement.reason === null ? "" : ` (${confinement.reason})`}`);
    hypervisor = await createQemuHypervisor({
      stateDir: directory,
      runDir: join(directory, "run"),
      acceleration: { kind: "tcg", reason: "test" },
      confinement,
    });
  });

  it("is told of its processor, memory, disk and tap, by the agent that started it and by the next", async () => {
    const spec = testSpec({ fresh: true, nics: 0 });
    const path = join(directory, "disk.raw");
    writeFileSync(path, bootDisk(), { mode: 0o600 });
    const user = await vmUser();
    await chown(path, user.uid, user.gid);
    // Down, so that nothing is ever sent on it.
    const tap = `inm${process.pid}`;
    await run("ip", ["tuntap", "add", "dev", tap, "mode", "tap", "user", String(user.uid), "vnet_hdr"]);
    try {
      const taps = [{ nicId: "nic-1", interfaceName: tap, macAddress: "52:54:00:12:34:57" }];
      const vm = await hypervisor.start({ ...spec, disk: { path, format: "raw" }, taps });
      const serial = async () => (await hypervisor.serialTail(spec.instance.id, 10_000)).text;
      await expect.poll(serial, { timeout: 60_000, interval: 100 }).toContain("READY");
      const first = await vm.counters(await interfaces());
      // The guest spins: under emulation that is a processor of the host's.
      expect(first.cpuSeconds).toBeGreaterThan(0);
      expect(first.memoryBytes).toBeGreaterThan(10 * MIB);
      expect(first.memoryBytes).toBeLessThan(1_024 * MIB);
      // The firmware read the boot sector, and nobody wrote.
      expect(first.disk).toMatchObject({ writtenBytes: 0, writes: 0 });
      expect(first.disk?.readBytes).toBeGreaterThanOrEqual(512);
      expect(first.network).toEqual({ receivedBytes: 0, sentBytes: 0, receivedPackets: 0, sentPackets: 0 });
      // No operating system, no balloon driver.
      expect(first.guestMemoryUsedBytes).toBeNull();
      const cpu = async () => (await vm.counters(await interfaces())).cpuSeconds;
      await expect.poll(cpu, { timeout: 30_000, interval: 200 }).toBeGreaterThan(first.cpuSeconds);
      vm.release();
      const adopted = await hypervisor.find(spec.instance.id);
      const after = await adopted?.counters(await interfaces());
      expect(after?.cpuSeconds).toBeGreaterThan(first.cpuSeconds);
      expect(after?.network).not.toBeNull();
      await adopted?.kill();
      await expect(adopted?.counters(await interfaces())).rejects.toMatchObject({ code: "hypervisor_failed" });
    } finally {
      await hypervisor.purge(spec.instance.id);
      await run("ip", ["link", "delete", tap], { allowFailure: true });
    }
  });
});
