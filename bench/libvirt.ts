import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const SOCKET = "/run/libvirt/libvirt-sock";

/**
 * Where /dev/kvm is there but no kernel boots on it, libvirt (9.0: `virQEMUCapsIsValid`) takes what it learnt of QEMU for stale at every call and
 * asks QEMU anew, for minutes. So the daemon sees a /dev/kvm that its QEMU's user may not open, as on a machine without KVM; it cannot
 * pass such a mount on to QEMU's own mount namespace, so it makes none, which is a little less work for it.
 */
const WITHOUT_KVM = 'set -e; mount --bind "$1/kvm" /dev/kvm; mount --bind "$1/qemu.conf" /etc/libvirt/qemu.conf; exec "$2"';

function start(daemon: string, directory: string, kvm: boolean): ChildProcess {
  if (kvm || !existsSync("/dev/kvm")) return spawn(daemon, [], { stdio: "ignore" });
  return spawn("unshare", ["--mount", "--propagation", "private", "sh", "-c", WITHOUT_KVM, "sh", directory, daemon], { stdio: "ignore" });
}

/**
 * Runs `work` beside libvirt's daemons, warm; where they run already, those are used.
 * @param kvm whether KVM works on this machine
 * @throws Error when the daemon does not answer.
 */
export async function withLibvirt(kvm: boolean, work: () => Promise<void>): Promise<void> {
  if (existsSync(SOCKET)) return work();
  const directory = mkdtempSync(join(tmpdir(), "indium-bench-libvirt-"));
  writeFileSync(join(directory, "kvm"), "", { mode: 0o600 });
  writeFileSync(join(directory, "qemu.conf"), "namespaces = []\n");
  const daemons = ["/usr/sbin/virtlogd", "/usr/sbin/libvirtd"].map((daemon) => start(daemon, directory, kvm));
  try {
    for (let tries = 0; tries < 100 && !existsSync(SOCKET); tries++) await sleep(50);
    execFileSync("virsh", ["--connect", "qemu:///system", "version"], { stdio: "ignore", timeout: 60_000 });
    await work();
  } finally {
    await Promise.all(daemons.map(end));
    rmSync(directory, { recursive: true, force: true });
  }
}

/** libvirtd without a system bus does not always leave when asked. */
async function end(daemon: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => daemon.once("exit", resolve));
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  daemon.kill("SIGTERM");
  const hard = setTimeout(() => daemon.kill("SIGKILL"), 3_000);
  await gone;
  clearTimeout(hard);
}
