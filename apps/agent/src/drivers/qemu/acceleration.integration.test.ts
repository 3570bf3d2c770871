import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureReachable } from "../../storage/access";
import { bootOnce, probeAcceleration } from "./acceleration";
import { QEMU_BINARY, qemuVersion } from "./hypervisor";
import { bootId } from "./process";
import { bootDisk } from "./test-guest";
import { type VmUser, vmUser } from "./vm-user";

const reason = process.getuid?.() !== 0 ? "not root" : existsSync(QEMU_BINARY) ? null : `${QEMU_BINARY} is not installed`;
if (reason !== null) console.warn(`Acceleration probe: skipped, ${reason}.`);
const noKvm = existsSync("/dev/kvm") ? null : "no /dev/kvm";
if (noKvm !== null) console.warn(`Acceleration probe under KVM: skipped, ${noKvm}.`);

let directory: string;
let user: VmUser;

describe.skipIf(reason !== null)("the acceleration probe", () => {
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), `indium-accel-${process.pid}-`));
    user = await vmUser();
    await ensureReachable(directory, user);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const guest = (message: string) => {
    const path = join(directory, "disk.raw");
    writeFileSync(path, bootDisk(message), { mode: 0o600 });
    return { kind: "disk", path, format: "raw" } as const;
  };
  const bootWith = (message: string, timeoutMs: number) =>
    bootOnce({
      accelerator: "tcg",
      guest: guest(message),
      directory: join(directory, "probe"),
      binary: QEMU_BINARY,
      user,
      groups: [],
      timeoutMs,
    });

  it("sees a kernel's first line", async () => {
    expect(await bootWith("Linux version 6.1.0\r\n", 30_000)).toEqual({ printed: true });
    expect(existsSync(join(directory, "probe"))).toBe(false);
  });

  it("gives up on a guest that prints nothing of a kernel", async () => {
    expect(await bootWith("Linux, some day\r\n", 1_500)).toEqual({ printed: false, why: "a kernel printed nothing within 1.5 s." });
  });

  it("gives QEMU's words when it does not start", async () => {
    const broken = { ...guest("x"), format: "qcow2" } as const;
    const answer = await bootOnce({
      accelerator: "tcg",
      guest: broken,
      directory: join(directory, "probe"),
      binary: QEMU_BINARY,
      user,
      groups: [],
      timeoutMs: 30_000,
    });
    expect(answer).toEqual({ printed: false, why: expect.stringContaining("not in qcow2 format") });
  });

  it("does not probe when it is told", async () => {
    expect(await probeAcceleration({ stateDir: directory, override: "kvm" })).toEqual({ kind: "kvm", reason: null });
    expect(await probeAcceleration({ stateDir: directory, override: "tcg" })).toMatchObject({
      kind: "tcg",
      reason: expect.stringContaining("INDIUM_ACCEL"),
    });
  });

  it.skipIf(noKvm !== null)("ends with a plain sentence under KVM's own device and keeps the answer for this boot", async () => {
    const answer = await probeAcceleration({ stateDir: directory, guest: guest("no kernel\r\n"), timeoutMs: 1_000 });
    expect(answer).toMatchObject({ kind: "tcg", reason: expect.stringMatching(/^KVM does not work on this host: .+\.$/s) });
    const path = join(directory, "acceleration.json");
    const cached = JSON.parse(readFileSync(path, "utf8")) as object;
    expect(cached).toMatchObject({ bootId: await bootId(), qemuVersion: await qemuVersion() });
    writeFileSync(path, JSON.stringify({ ...cached, reason: "kept" }));
    expect((await probeAcceleration({ stateDir: directory, guest: guest("no kernel\r\n"), timeoutMs: 1_000 })).reason).toBe("kept");
    writeFileSync(path, JSON.stringify({ ...cached, reason: "kept", bootId: "another boot" }));
    expect((await probeAcceleration({ stateDir: directory, guest: guest("no kernel\r\n"), timeoutMs: 1_000 })).reason).not.toBe("kept");
  });
});
