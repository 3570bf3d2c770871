import { chown, copyFile, mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { spawnChild } from "../../system/exec";
import { readJsonFile, writeFileAtomic } from "../../system/files";
import { ensureDevice } from "./devices";
import { QEMU_BINARY, qemuVersion } from "./hypervisor";
import { bootId } from "./process";
import { asVmUser, type VmUser, vmUser } from "./vm-user";

/** A usable KVM prints a kernel's first line in well under a second; one nested in a host without real support crawls. */
const PROBE_TIMEOUT_MS = 10_000;
/** The kernel's own first line, or, from a disk whose boot loader says `quiet`, Tiny's own mark or a login. */
const FIRST_LINE = /Linux version \d|TINY-READY|\blogin: /;
const MAX_OUTPUT = 64 * 1024;

export interface AccelerationResult {
  readonly kind: "kvm" | "tcg";
  /** Why it is not KVM, in a plain sentence; null when it is and was seen to work. */
  readonly reason: string | null;
}

export interface ProbeOptions {
  /** The answer is kept here for as long as this boot and this QEMU last. */
  readonly stateDir: string;
  /** INDIUM_ACCEL: takes the place of any probe. */
  readonly override?: "kvm" | "tcg" | undefined;
  /** What to boot: a kernel (best Tiny's), or Tiny's disk. Missing or not there: the newest /boot/vmlinuz-*. */
  readonly guest?: ProbeGuest | undefined;
  readonly qemuBinary?: string;
  readonly user?: VmUser;
  readonly timeoutMs?: number;
}

export type ProbeGuest =
  | { readonly kind: "kernel"; readonly path: string; readonly initrdPath?: string }
  | { readonly kind: "disk"; readonly path: string; readonly format: "qcow2" | "raw" };

const Cache = z.object({
  formatVersion: z.literal(1),
  bootId: z.string(),
  qemuVersion: z.string(),
  kind: z.enum(["kvm", "tcg"]),
  reason: z.string().nullable(),
});

/**
 * Whether VMs here run with KVM. That /dev/kvm opens says nothing: it is usable only once a kernel has printed under it within
 * 10 s. Whatever goes wrong, the answer is emulation and why.
 * @throws AppError `precondition_failed` when QEMU or its user is missing.
 */
export async function probeAcceleration(options: ProbeOptions): Promise<AccelerationResult> {
  if (options.override !== undefined) {
    return options.override === "kvm"
      ? { kind: "kvm", reason: null }
      : { kind: "tcg", reason: "The administrator asked for emulation (INDIUM_ACCEL=tcg)." };
  }
  const user = options.user ?? (await vmUser());
  const device = await ensureDevice("/dev/kvm", user);
  if (device.kind === "missing") {
    return emulation(
      "This host offers no KVM (/dev/kvm is missing): its processor's virtualization is off in the firmware, or this is a VM without nested virtualization.",
    );
  }
  if (device.kind === "refused") {
    return emulation(`The user ${user.name} may not use /dev/kvm on this host. Allow it: chgrp kvm /dev/kvm && chmod 660 /dev/kvm`);
  }
  const version = await qemuVersion(options.qemuBinary);
  const cachePath = join(options.stateDir, "acceleration.json");
  const cached = Cache.safeParse(await readJsonFile(cachePath).catch(() => null));
  if (cached.success && cached.data.bootId === (await bootId()) && cached.data.qemuVersion === version) {
    return { kind: cached.data.kind, reason: cached.data.reason };
  }
  const guest = await guestToBoot(options.guest);
  // Not kept: a kernel may be there the next time.
  if (guest === null)
    return emulation(
      "KVM could not be tried on this host, because there is no kernel to boot with it (no Tiny image yet, no /boot/vmlinuz). INDIUM_ACCEL=kvm uses it untried.",
    );
  const probed = await bootOnce({
    accelerator: "kvm",
    guest,
    directory: join(options.stateDir, "acceleration-probe"),
    binary: options.qemuBinary ?? QEMU_BINARY,
    user,
    groups: device.group === null ? [] : [device.group],
    timeoutMs: options.timeoutMs ?? PROBE_TIMEOUT_MS,
  });
  const result: AccelerationResult = probed.printed
    ? { kind: "kvm", reason: null }
    : emulation(`KVM does not work on this host: ${probed.why}`);
  const value: z.infer<typeof Cache> = { formatVersion: 1, bootId: await bootId(), qemuVersion: version, ...result };
  await mkdir(options.stateDir, { recursive: true });
  await writeFileAtomic(cachePath, JSON.stringify(value), { mode: 0o600 });
  return result;
}

function emulation(reason: string): AccelerationResult {
  return { kind: "tcg", reason };
}

async function guestToBoot(given: ProbeGuest | undefined): Promise<ProbeGuest | null> {
  if (given !== undefined && (await exists(given.path))) return given;
  const names = await readdir("/boot").catch(() => []);
  let newest: { path: string; at: number } | null = null;
  for (const name of names.filter((each) => each.startsWith("vmlinuz"))) {
    const path = join("/boot", name);
    const at = (await stat(path).catch(() => null))?.mtimeMs ?? 0;
    if (at > 0 && (newest === null || at > newest.at)) newest = { path, at };
  }
  return newest === null ? null : { kind: "kernel", path: newest.path };
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

/**
 * Boots a guest until its kernel's first line is on the serial port. `accelerator` is a parameter for the test's sake: the way
 * to "it printed" can be proven where there is no KVM.
 */
export async function bootOnce(options: {
  accelerator: "kvm" | "tcg";
  guest: ProbeGuest;
  directory: string;
  binary: string;
  user: VmUser;
  groups: readonly number[];
  timeoutMs: number;
}): Promise<{ printed: true } | { printed: false; why: string }> {
  // Distributions keep /boot/vmlinuz-* for root; QEMU boots a copy of its own, which it may also write to.
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  try {
    await give(options.directory, options.user);
    const copy = async (source: string, name: string): Promise<string> => {
      const path = join(options.directory, name);
      await copyFile(source, path);
      await give(path, options.user);
      return path;
    };
    const { guest } = options;
    const path = await copy(guest.path, "guest");
    const boot =
      guest.kind === "disk"
        ? [
            "-blockdev",
            JSON.stringify({ driver: guest.format, "node-name": "d", file: { driver: "file", filename: path } }),
            "-device",
            "virtio-blk-pci,drive=d",
          ]
        : [
            ...["-kernel", path, "-append", "console=ttyS0 earlyprintk=ttyS0 panic=-1"],
            ...(guest.initrdPath === undefined ? [] : ["-initrd", await copy(guest.initrdPath, "initrd")]),
          ];
    const { file, args } = asVmUser(options.user, options.groups, [
      options.binary,
      ...["-nodefaults", "-no-user-config", "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
      ...["-machine", "q35", "-accel", options.accelerator, "-cpu", options.accelerator === "kvm" ? "host" : "max"],
      ...["-smp", "1", "-m", "256M", "-display", "none", "-no-reboot", "-serial", "stdio"],
      ...boot,
    ]);
    return await watch(file, args, options.timeoutMs);
  } finally {
    await rm(options.directory, { recursive: true, force: true });
  }
}

async function give(path: string, user: VmUser): Promise<void> {
  if (process.getuid?.() === 0) await chown(path, user.uid, user.gid);
}

function watch(file: string, args: readonly string[], timeoutMs: number): Promise<{ printed: true } | { printed: false; why: string }> {
  return new Promise((resolve) => {
    const child = spawnChild(file, args, { cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let words = "";
    let outcome: { printed: true } | { printed: false; why: string } | null = null;
    const settle = (value: { printed: true } | { printed: false; why: string }): void => {
      outcome ??= value;
      child.kill("SIGKILL");
    };
    const timer = setTimeout(() => settle({ printed: false, why: `a kernel printed nothing within ${timeoutMs / 1000} s.` }), timeoutMs);
    child.stdout?.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString("latin1")).slice(-MAX_OUTPUT);
      if (FIRST_LINE.test(output)) settle({ printed: true });
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      words = (words + chunk.toString("utf8")).slice(0, 300);
    });
    child.on("error", (error) => {
      clearTimeout(timer);
      resolve({ printed: false, why: `QEMU could not be started: ${error.message}.` });
    });
    child.on("close", () => {
      clearTimeout(timer);
      resolve(outcome ?? { printed: false, why: `QEMU ended: ${firstLine(words)}.` });
    });
  });
}

function firstLine(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line === "" ? "without a word" : line.replace(/\.$/, "");
}
