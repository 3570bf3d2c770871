import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
const images = join(root, "dist/lab");
const MIB = 1024 * 1024;

/** Its end of the cable (lab/cable.ts, image/lab/build-lab.sh). */
const ADDRESS = "192.0.2.10";
/** Emulated, on a machine that does other things as well: a boot takes one minute, or five. */
const BOOT_LIMIT_MS = 900_000;

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The lab's machine: a stock Debian with systemd under emulation, spoken to by SSH. Its disk is thrown away at the end. */
export class Machine {
  readonly #dir: string;
  readonly #key: string;
  #qemu: ChildProcess | null = null;

  /** @param dir an empty folder of ours */
  constructor(dir: string) {
    this.#dir = dir;
    this.#key = join(dir, "key");
  }

  get serialLog(): string {
    try {
      return readFileSync(join(this.#dir, "serial.log"), "latin1");
    } catch {
      return "";
    }
  }

  async boot(): Promise<void> {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", this.#key]);
    const disk = join(this.#dir, "disk.qcow2");
    execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", join(images, "lab.qcow2"), disk]);
    const key = readFileSync(`${this.#key}.pub`).toString("base64");
    this.#qemu = spawn(
      "qemu-system-x86_64",
      [
        ...["-nodefaults", "-no-user-config", "-display", "none", "-machine", "q35", "-m", "2304M", "-smp", "2"],
        ...["-accel", "tcg,thread=multi", "-cpu", "max"],
        ...["-kernel", join(images, "lab-vmlinuz"), "-initrd", join(images, "lab-initrd")],
        // On a busy machine emulated timer ticks come too late for the kernel's check of them, which panics (io_apic.c, check_timer).
        // Without the emulated SVM's module the machine has no /dev/kvm, like most that are VMs themselves.
        ...["-append", `root=/dev/vda rw console=ttyS0 net.ifnames=0 loglevel=4 no_timer_check modprobe.blacklist=kvm_amd lab.key=${key}`],
        // Nothing of it outlives the test, so nothing waits for this machine's disk.
        ...["-drive", `file=${disk},if=virtio,format=qcow2,cache=unsafe,discard=unmap`],
        ...["-netdev", "tap,id=net0,ifname=machine,script=no,downscript=no", "-device", "virtio-net-pci,netdev=net0"],
        ...["-device", "virtio-rng-pci", "-serial", `file:${join(this.#dir, "serial.log")}`],
      ],
      { stdio: ["ignore", "inherit", "inherit"] },
    );
    await this.untilReachable();
  }

  /** Runs a shell's line as root. Never throws: the exit code is part of the answer; 255 is SSH's own. */
  try(line: string, options: { input?: string | Buffer; timeoutMs?: number } = {}): Promise<Said> {
    return new Promise((resolve) => {
      const child = execFile(
        "ssh",
        [
          ...["-q", "-i", this.#key, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes"],
          // One handshake for all: it costs emulated seconds.
          ...["-o", "ControlMaster=auto", "-o", `ControlPath=${join(this.#dir, "ssh")}`, "-o", "ControlPersist=600"],
          ...["-o", "ConnectTimeout=30", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=8", `root@${ADDRESS}`, line],
        ],
        { encoding: "utf8", maxBuffer: 16 * MIB, timeout: options.timeoutMs ?? 300_000 },
        (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : 255, stdout, stderr }),
      );
      child.stdin?.on("error", () => {});
      child.stdin?.end(options.input ?? "");
    });
  }

  /** @returns what it wrote, trimmed. @throws Error with both streams when it fails. */
  async run(line: string, options: { input?: string | Buffer; timeoutMs?: number } = {}): Promise<string> {
    const said = await this.try(line, options);
    if (said.code !== 0) throw new Error(`In the lab, exit code ${said.code} of: ${line}\n${said.stdout}\n${said.stderr}`);
    return said.stdout.trim();
  }

  /** @throws Error when it holds for longer than the limit. `what` completes "In the lab, it was waited for …". */
  async until(what: string, line: string, timeoutMs = 240_000): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const said = await this.try(line);
      if (said.code === 0) return said.stdout.trim();
      if (Date.now() > deadline) throw new Error(`In the lab, it was waited for ${what} in vain. Last:\n${said.stdout}\n${said.stderr}`);
      await sleep(1_000);
    }
  }

  async untilReachable(): Promise<void> {
    const deadline = Date.now() + BOOT_LIMIT_MS;
    while ((await this.try("true", { timeoutMs: 60_000 })).code !== 0) {
      if (this.#qemu !== null && this.#qemu.exitCode !== null) throw new Error(`The lab's QEMU ended with ${this.#qemu.exitCode}.`);
      if (Date.now() > deadline)
        throw new Error(`The lab's machine does not answer. Its serial port said:\n${this.serialLog.slice(-3_000)}`);
      await sleep(1_000);
    }
  }

  /** A true reboot, by its own systemd; resolves when it can be reached again. */
  async reboot(): Promise<void> {
    const bootId = () => this.try("cat /proc/sys/kernel/random/boot_id", { timeoutMs: 60_000 });
    const before = (await bootId()).stdout;
    await this.try("systemctl reboot");
    const deadline = Date.now() + BOOT_LIMIT_MS;
    for (;;) {
      // The shared connection may still point at the life before.
      execFile("ssh", ["-q", "-o", `ControlPath=${join(this.#dir, "ssh")}`, "-O", "exit", `root@${ADDRESS}`], () => {});
      await sleep(3_000);
      const now = await bootId();
      if (now.code === 0 && now.stdout !== before) return;
      if (Date.now() > deadline)
        throw new Error(`The lab's machine did not come back. Its serial port said:\n${this.serialLog.slice(-3_000)}`);
    }
  }

  /**
   * Runs one of lab/inside in the machine: a file of node:test tests, bundled with what it imports of the product (its vitest tests too, see
   * vitest-in-the-machine.ts), by the Node that came with the agent. @throws Error with its report when a test fails.
   */
  async runInside(name: string, timeoutMs: number): Promise<string> {
    const bundle = await build({
      entryPoints: [join(root, "lab/inside", `${name}.ts`)],
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      write: false,
      logLevel: "error",
      external: ["bufferutil", "utf-8-validate"],
      alias: { vitest: join(root, "lab/vitest-in-the-machine.ts") },
      banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    });
    const code = bundle.outputFiles[0]?.text ?? "";
    const path = `/root/${name}.mjs`;
    await this.run(`cat >${path}`, { input: code });
    return this.run(`/opt/indium/agent/current/bin/node --test-reporter=spec ${path} 2>&1`, { timeoutMs });
  }

  async stop(): Promise<void> {
    const qemu = this.#qemu;
    execFile("ssh", ["-q", "-o", `ControlPath=${join(this.#dir, "ssh")}`, "-O", "exit", `root@${ADDRESS}`], () => {});
    if (qemu === null || qemu.exitCode !== null || qemu.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => qemu.once("exit", () => resolve()));
    qemu.kill("SIGKILL");
    await ended;
  }
}
