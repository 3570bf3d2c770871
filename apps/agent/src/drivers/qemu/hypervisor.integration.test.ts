import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { chown, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InstanceId } from "@indium/contract/ids";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../system/exec";
import type { Hypervisor, VmEvent, VmHandle, VmSpec } from "../types";
import { createQemuHypervisor, QEMU_BINARY } from "./hypervisor";
import { bootDisk } from "./test-guest";
import { testSpec } from "./test-spec";
import { vmUser } from "./vm-user";

const reason = process.getuid?.() !== 0 ? "not root" : existsSync(QEMU_BINARY) ? null : `${QEMU_BINARY} is not installed`;
if (reason !== null) console.warn(`QEMU driver: skipped, ${reason}.`);

let directory: string;
let hypervisor: Hypervisor;
const made: InstanceId[] = [];

const newHypervisor = () =>
  createQemuHypervisor({ stateDir: directory, runDir: join(directory, "run"), acceleration: { kind: "tcg", reason: "test" } });

async function newSpec(changes: Parameters<typeof testSpec>[0] = {}): Promise<VmSpec> {
  const spec = testSpec({ fresh: true, nics: 0, ...changes });
  const disk = join(directory, `${spec.instance.rootVolume.id}.raw`);
  writeFileSync(disk, bootDisk(), { mode: 0o600 });
  const user = await vmUser();
  await chown(disk, user.uid, user.gid);
  made.push(spec.instance.id);
  return { ...spec, disk: { path: changes.diskPath ?? disk, format: "raw" } };
}

/** Resolves with the first event that fits; the test's own time-out is the limit. */
function event<K extends VmEvent["kind"]>(vm: VmHandle, kind: K, fits: (event: VmEvent & { kind: K }) => boolean = () => true) {
  return new Promise<VmEvent & { kind: K }>((resolve) => {
    const stop = vm.onEvent((each) => {
      if (each.kind !== kind || !fits(each as VmEvent & { kind: K })) return;
      stop();
      resolve(each as VmEvent & { kind: K });
    });
  });
}

async function readyCount(id: InstanceId): Promise<number> {
  return (await hypervisor.serialTail(id, 100_000)).text.split("READY").length - 1;
}
const booted = (id: InstanceId, times = 1) => expect.poll(() => readyCount(id), { timeout: 60_000, interval: 50 }).toBe(times);

describe.skipIf(reason !== null)("the QEMU driver", () => {
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), `indium-qemu-${process.pid}-`));
    return async () => rmSync(directory, { recursive: true, force: true });
  });
  beforeAll(async () => {
    hypervisor = await newHypervisor();
  });
  afterEach(async () => {
    for (const id of made.splice(0)) await hypervisor.purge(id);
    expect(await hypervisor.list()).toEqual([]);
  });

  it("starts a VM as the unprivileged user, sandboxed, without capabilities", async () => {
    const spec = await newSpec();
    const vm = await hypervisor.start(spec);
    expect(await vm.state()).toBe("running");
    expect(await hypervisor.list()).toEqual([spec.instance.id]);
    const status = await readFile(`/proc/${vm.pid}/status`, "utf8");
    const { uid, gid } = await vmUser();
    expect(status).toMatch(new RegExp(`^Uid:\\t${uid}\\t${uid}\\t${uid}\\t${uid}$`, "m"));
    expect(status).toMatch(new RegExp(`^Gid:\\t${gid}\\t${gid}\\t${gid}\\t${gid}$`, "m"));
    expect(status).toMatch(/^Groups:\s*$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status).toMatch(/^Seccomp:\t2$/m);
    expect(status).toMatch(/^CapBnd:\t0+$/m);
    const usage = await vm.usage();
    expect(usage.residentBytes).toBeGreaterThan(10 * 1024 * 1024);
    await expect(hypervisor.start(spec)).rejects.toMatchObject({ code: "conflict" });
    await expect(hypervisor.clean(spec.instance.id)).rejects.toMatchObject({ code: "conflict" });
  });

  it("outlives its agent and is adopted by the next, with its start time", async () => {
    const spec = await newSpec();
    const vm = await hypervisor.start(spec);
    vm.release();
    const next = await newHypervisor();
    const adopted = await next.find(spec.instance.id);
    expect(adopted).toMatchObject({ pid: vm.pid, startedAt: vm.startedAt });
    expect(await adopted?.state()).toBe("running");
    expect(await next.find(spec.instance.id)).toBe(adopted);
    adopted?.release();
  });

  it("is adopted although an agent that hangs still holds its monitor", async () => {
    const spec = await newSpec();
    const vm = await hypervisor.start(spec);
    const adopted = await (await newHypervisor()).find(spec.instance.id);
    expect(await adopted?.state()).toBe("running");
    adopted?.release();
    expect(await vm.state()).toBe("running");
  });

  it("is adopted although the agent died before it wrote the process down, and not by its old pid's new owner", async () => {
    const spec = await newSpec();
    const vm = await hypervisor.start(spec);
    const file = join(directory, "vms", spec.instance.id, "process.json");
    const text = await readFile(file, "utf8");
    vm.release();
    rmSync(file);
    const adopted = await (await newHypervisor()).find(spec.instance.id);
    expect(adopted?.pid).toBe(vm.pid);
    expect(Math.abs((adopted?.startedAt ?? 0) - vm.startedAt)).toBeLessThan(3_000);
    await adopted?.kill();
    writeFileSync(file, text.replace(/"pid":\d+/, `"pid":${process.pid}`));
    expect(await hypervisor.find(spec.instance.id)).toBeNull();
  });

  it("pauses and resumes, and starts paused when asked to", async () => {
    const spec = await newSpec({ desired: "paused" });
    const vm = await hypervisor.start(spec);
    expect(await vm.state()).toBe("paused");
    const running = event(vm, "state", ({ state }) => state === "running");
    await vm.resume();
    await running;
    await booted(spec.instance.id);
    const paused = event(vm, "state", ({ state }) => state === "paused");
    await vm.pause();
    await paused;
    expect(await vm.state()).toBe("paused");
  });

  it("resets, tells whose reset it was, and keeps one serial log across it", async () => {
    const spec = await newSpec();
    const vm = await hypervisor.start(spec);
    await booted(spec.instance.id);
    const resets: boolean[] = [];
    vm.onEvent((each) => each.kind === "reset" && resets.push(each.byGuest));
    await vm.reset();
    await booted(spec.instance.id, 2);
    expect(resets).toEqual([false]);
    await new Promise((resolve) => setTimeout(resolve, 3_100)); // beyond the window in which resets count as one
    const serial = await vm.openSerial();
    const byGuest = event(vm, "reset", (each) => each.byGuest);
    serial.write("r");
    await byGuest;
    await booted(spec.instance.id, 3);
    serial.destroy();
  });

  it("tells the guest's own power-off from a crash, also to an agent that was away", async () => {
    const spec = await newSpec();
    const vm = await hypervisor.start(spec);
    await booted(spec.instance.id);
    const shutdown = event(vm, "guestShutdown");
    const serial = await vm.openSerial();
    serial.write("p");
    await shutdown;
    serial.destroy();
    expect(await vm.state()).toBe("shutdown");
    vm.release();
    const adopted = await (await newHypervisor()).find(spec.instance.id);
    expect(await adopted?.state()).toBe("shutdown");
    await adopted?.kill();
    expect(await hypervisor.find(spec.instance.id)).toBeNull();
    expect((await hypervisor.serialTail(spec.instance.id, 100)).text).toContain("READY");
  });

  it("presses the power button", async () => {
    const spec = await newSpec();
    const vm = await hypervisor.start(spec);
    await booted(spec.instance.id);
    const shutdown = event(vm, "guestShutdown");
    await vm.powerButton();
    await shutdown;
    expect(await vm.state()).toBe("shutdown");
  });

  it("tells of a QEMU that died, once, and starts it again with its machine and its log", async () => {
    const spec = await newSpec();
    const vm = await hypervisor.start(spec);
    await booted(spec.instance.id);
    const machine = await readFile(join(directory, "vms", spec.instance.id, "vm.json"), "utf8");
    const exited: VmEvent[] = [];
    vm.onEvent((each) => each.kind === "exited" && exited.push(each));
    const gone = event(vm, "exited");
    process.kill(vm.pid, "SIGKILL");
    await gone;
    expect(await vm.state()).toBe("crashed");
    await vm.kill();
    expect(exited).toHaveLength(1);
    expect(await hypervisor.find(spec.instance.id)).toBeNull();
    await hypervisor.clean(spec.instance.id);
    await hypervisor.clean(spec.instance.id);
    await hypervisor.start(spec);
    await booted(spec.instance.id, 2);
    expect(JSON.parse(machine)).toMatchObject({ machineType: expect.stringMatching(/^pc-q35-\d/) });
    expect(await readFile(join(directory, "vms", spec.instance.id, "vm.json"), "utf8")).toBe(machine);
  });

  it("gives QEMU's last words when it dies at start, and leaves no process", async () => {
    const spec = await newSpec({ diskPath: join(directory, "no-such-disk.raw") });
    await expect(hypervisor.start(spec)).rejects.toMatchObject({
      code: "hypervisor_failed",
      detail: expect.stringContaining("no-such-disk.raw"),
    });
    expect(await hypervisor.list()).toEqual([]);
    expect(await hypervisor.find(spec.instance.id)).toBeNull();
  });

  it("kills, also twice, and purges all but the disk", async () => {
    const spec = await newSpec();
    const vm = await hypervisor.start(spec);
    const exited = event(vm, "exited");
    await vm.kill();
    await exited;
    await vm.kill();
    await hypervisor.purge(spec.instance.id);
    await hypervisor.purge(spec.instance.id);
    expect(existsSync(join(directory, "vms", spec.instance.id))).toBe(false);
    expect(existsSync(join(directory, "run", spec.instance.id))).toBe(false);
    expect(statSync(spec.disk.path).size).toBe(1024 * 1024);
  });

  it("is found and killed although its QEMU hangs, and answers again when that wakes up", async () => {
    const spec = await newSpec();
    const vm = await hypervisor.start(spec);
    vm.release();
    process.kill(vm.pid, "SIGSTOP");
    const next = await newHypervisor();
    const hung = await next.find(spec.instance.id);
    await expect(hung?.state()).rejects.toMatchObject({ code: "hypervisor_failed" });
    process.kill(vm.pid, "SIGCONT");
    await expect.poll(() => hung?.state().catch(() => null), { timeout: 20_000 }).toBe("running");
    process.kill(vm.pid, "SIGSTOP");
    await hung?.kill();
    expect(await next.list()).toEqual([]);
  });

  it("opens a screen that speaks RFB, and no socket that a broken-out QEMU links elsewhere", async () => {
    const spec = await newSpec();
    const vm = await hypervisor.start(spec);
    const screen = await vm.openVnc();
    const greeting = await new Promise<Buffer>((resolve) => screen.once("data", resolve));
    expect(greeting.toString()).toBe("RFB 003.008\n");
    screen.destroy();
    const socket = join(directory, "run", spec.instance.id, "vnc");
    rmSync(socket);
    symlinkSync(join(directory, "run", spec.instance.id, "serial"), socket);
    await expect(vm.openVnc()).rejects.toMatchObject({ code: "hypervisor_failed" });
  });

  it("starts with UEFI and with a tap of its user's", async () => {
    const spec = await newSpec({ firmware: "uefi" });
    const tap = `inq${process.pid}`;
    await run("ip", ["tuntap", "add", "dev", tap, "mode", "tap", "user", String((await vmUser()).uid), "vnet_hdr"]);
    try {
      const vm = await hypervisor.start({ ...spec, taps: [{ nicId: "nic-1", interfaceName: tap, macAddress: "52:54:00:12:34:56" }] });
      expect(await vm.state()).toBe("running");
      await vm.kill();
    } finally {
      await run("ip", ["link", "delete", tap], { allowFailure: true });
    }
  });
});
