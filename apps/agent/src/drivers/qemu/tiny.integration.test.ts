import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureReachable } from "../../storage/access";
import { createVolumeStore } from "../../storage/volume-store";
import { run } from "../../system/exec";
import { bootOnce, probeAcceleration } from "./acceleration";
import { createQemuHypervisor, QEMU_BINARY } from "./hypervisor";
import { testSpec } from "./test-spec";
import { vmUser } from "./vm-user";

/** A real kernel and userland, 14 MB (image/guest/build-tiny.sh). */
const tiny = process.env.INDIUM_TINY_IMAGE ?? new URL("../../../../../dist/guest/tiny.qcow2", import.meta.url).pathname;
const kernel = tiny.replace(/\.qcow2$/, "-vmlinuz");
const reason =
  process.getuid?.() !== 0
    ? "not root"
    : !existsSync(QEMU_BINARY)
      ? `${QEMU_BINARY} is not installed`
      : !existsSync(tiny)
        ? `${tiny} is not there (image/guest/build-tiny.sh makes it)`
        : null;
if (reason !== null) console.warn(`Tiny under QEMU: skipped, ${reason}.`);

let directory: string;
let cleanUp = async (): Promise<void> => {};

describe.skipIf(reason !== null)("Tiny", () => {
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), `indium-tiny-${process.pid}-`));
    await ensureReachable(directory, await vmUser());
  });
  // Also after a time-out, which leaves the test where it stands.
  afterAll(async () => {
    await cleanUp();
    rmSync(directory, { recursive: true, force: true });
  });

  it("boots from an overlay to its shell, reboots and shuts down by the power button", async () => {
    const user = await vmUser();
    const path = join(directory, "a".repeat(64));
    copyFileSync(tiny, path);
    const { "virtual-size": virtualSizeBytes } = JSON.parse((await run("qemu-img", ["info", "--output=json", path])).stdout) as {
      "virtual-size": number;
    };
    const volumes = await createVolumeStore({ dir: join(directory, "volumes"), owner: user });
    const spec = testSpec({ fresh: true, nics: 0 });
    const disk = await volumes.ensureOverlay(
      { ...spec.instance.rootVolume, instanceId: spec.instance.id },
      { sha256: "a".repeat(64), path, format: "qcow2", sizeBytes: 1, virtualSizeBytes },
    );
    const hypervisor = await createQemuHypervisor({
      stateDir: directory,
      runDir: join(directory, "run"),
      acceleration: { kind: "tcg", reason: "test" },
    });
    const boots = async () => (await hypervisor.serialTail(spec.instance.id, 1_000_000)).text.split("TINY-READY").length - 1;
    cleanUp = () => hypervisor.purge(spec.instance.id);
    const begun = performance.now();
    const vm = await hypervisor.start({ ...spec, disk });
    console.log(`QEMU answered after ${Math.round(performance.now() - begun)} ms`);
    await expect.poll(boots, { timeout: 90_000, interval: 100 }).toBe(1);
    console.log(`ready after ${Math.round(performance.now() - begun)} ms`);
    await vm.reset();
    await expect.poll(boots, { timeout: 90_000, interval: 100 }).toBe(2);
    // Its balloon driver tells what it uses, and its disk was read.
    const guestMemory = async () => (await vm.counters(new Map())).guestMemoryUsedBytes ?? 0;
    await expect.poll(guestMemory, { timeout: 60_000, interval: 1_000 }).toBeGreaterThan(1024 * 1024);
    expect(await guestMemory()).toBeLessThan(spec.instance.memoryBytes);
    expect((await vm.counters(new Map())).disk?.readBytes).toBeGreaterThan(1024 * 1024);
    // The first press may come before the guest listens: whoever stops a VM presses again.
    await expect
      .poll(
        async () => {
          await vm.powerButton();
          return vm.state();
        },
        { timeout: 60_000, interval: 2_000 },
      )
      .toBe("shutdown");
    // Stopped and grown, it boots as before; with its own lock on the file nobody grows it under a running guest.
    await expect(volumes.grow(spec.instance.rootVolume.id, virtualSizeBytes + 1024 ** 3)).rejects.toMatchObject({
      detail: expect.stringContaining("lock"),
    });
    await vm.kill();
    await hypervisor.clean(spec.instance.id);
    expect(await volumes.grow(spec.instance.rootVolume.id, virtualSizeBytes + 1024 ** 3)).toBe(virtualSizeBytes + 1024 ** 3);
    const grown = await hypervisor.start({ ...spec, disk });
    await expect.poll(boots, { timeout: 90_000, interval: 100 }).toBe(3);
    await grown.kill();
    await cleanUp();
    expect(await hypervisor.list()).toEqual([]);
  }, 240_000);

  it.skipIf(!existsSync(kernel))("tells a KVM that works from one that does not", async () => {
    const guest = { kind: "kernel", path: kernel } as const;
    const common = { guest, directory: join(directory, "probe"), binary: QEMU_BINARY, user: await vmUser(), groups: [] };
    expect(await bootOnce({ ...common, accelerator: "tcg", timeoutMs: 60_000 })).toEqual({ printed: true });
    const answer = await probeAcceleration({ stateDir: directory, guest });
    console.log(`this machine: ${answer.kind}, ${answer.reason ?? "KVM printed"}`);
    expect(answer.reason === null).toBe(answer.kind === "kvm");
  });
});
