import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { AppError } from "@indium/contract/errors";
import type { Acceleration } from "@indium/contract/host";
import type { InstanceId } from "@indium/contract/ids";
import { ensureReachable, ensureSharedDirectory } from "../../storage/access";
import { run } from "../../system/exec";
import { removeFile } from "../../system/files";
import type { Hypervisor, VmHandle, VmSpec } from "../types";
import { qemuArgv } from "./argv";
import { type Confinement, unconfined } from "./confinement";
import { ensureDevice } from "./devices";
import { QemuVm } from "./handle";
import { connectMonitor, launch, prepareFiles } from "./launch";
import { vmLimits } from "./limits";
import { ensureMachine, ensureUefi } from "./machine";
import { assertSocketPathsFit, type VmPaths, vmPaths, vmsDir } from "./paths";
import { isAlive, type ProcessIdentity, readProcessFile, scanVms, startedAtMs } from "./process";
import type { QmpClient } from "./qmp/client";
import { keepScreen, readScreen } from "./screen";
import { boundSerialLog, readLog, readSince, serialTail } from "./serial-log";
import { endSwtpm, startSwtpm } from "./swtpm";
import { type VmUser, vmUser } from "./vm-user";

export const QEMU_BINARY = "/usr/bin/qemu-system-x86_64";
/** A monitor in use leaves a second client unheard; then the spare one is asked. */
const ADOPT_TIMEOUT_MS = 3_000;
const SERIAL_LOG_INTERVAL_MS = 15_000;

export interface QemuHypervisorOptions {
  /** Outlives reboots: `<stateDir>/vms/<instance>` holds a VM's machine, UEFI variables and serial log. */
  readonly stateDir: string;
  /** For sockets; short (`/run/indium`), may be lost at reboot but not at the agent's restart. */
  readonly runDir: string;
  /** From `probeAcceleration`. */
  readonly acceleration: { readonly kind: Acceleration; readonly reason: string | null };
  readonly qemuBinary?: string;
  readonly user?: VmUser;
  /** Where VMs live and what bounds them; none by default (tests). */
  readonly confinement?: Confinement;
}

/**
 * The real hypervisor. VMs are no children the agent needs: they run in sessions and, where the machine has them, control groups of
 * their own. The agent's systemd unit says `KillMode=process` all the same, for VMs that an agent before this one started.
 * @throws AppError `precondition_failed` when QEMU, its user or the directories cannot be used; the message says how to mend it.
 */
export async function createQemuHypervisor(options: QemuHypervisorOptions): Promise<Hypervisor> {
  assertSocketPathsFit(options.runDir);
  const binary = options.qemuBinary ?? QEMU_BINARY;
  const version = await qemuVersion(binary);
  const user = options.user ?? (await vmUser());
  for (const directory of [options.stateDir, vmsDir(options.stateDir), options.runDir]) {
    // Entered by the VMs' user, listed only by the agent.
    if (directory !== options.stateDir) await ensureSharedDirectory(directory, user, 0o710);
    await ensureReachable(directory, user);
  }
  // Taps belong to the VMs' user, who opens them through this one device.
  await ensureDevice("/dev/net/tun", user);
  const hypervisor = new QemuHypervisor(options, binary, version, user);
  setInterval(() => void hypervisor.boundSerialLogs(), SERIAL_LOG_INTERVAL_MS).unref();
  return hypervisor;
}

/** @throws AppError `precondition_failed` when there is no QEMU. */
export async function qemuVersion(binary: string = QEMU_BINARY): Promise<string> {
  const answer = await run(binary, ["--version"]).catch((cause: unknown) => {
    throw new AppError(
      "precondition_failed",
      "QEMU is not installed on this host, or does not start. Install it: apt-get install qemu-system-x86 qemu-utils ovmf",
      { cause },
    );
  });
  const version = /version (\d+\.\d+(?:\.\d+)?)/.exec(answer.stdout)?.[1];
  if (version === undefined)
    throw new AppError("precondition_failed", `${binary} on this host does not say its version, and so is no QEMU.`);
  return version;
}

class QemuHypervisor implements Hypervisor {
  readonly kind = "qemu" as const;
  readonly version: string;
  readonly acceleration: Hypervisor["acceleration"];
  readonly #directories: { readonly stateDir: string; readonly runDir: string };
  readonly #binary: string;
  readonly #user: VmUser;
  readonly #confinement: Confinement;
  readonly #handles = new Map<InstanceId, QemuVm>();

  constructor(options: QemuHypervisorOptions, binary: string, version: string, user: VmUser) {
    this.version = version;
    this.acceleration = options.acceleration;
    this.#directories = { stateDir: options.stateDir, runDir: options.runDir };
    this.#binary = binary;
    this.#user = user;
    this.#confinement = options.confinement ?? unconfined("none were asked for");
  }

  get limits(): Hypervisor["limits"] {
    return { kind: this.#confinement.kind, reason: this.#confinement.reason };
  }

  async list(): Promise<readonly InstanceId[]> {
    return [...(await scanVms(this.#directories.runDir, this.#user.uid)).keys()];
  }

  async find(id: InstanceId): Promise<VmHandle | null> {
    const paths = this.#paths(id);
    const held = this.#handles.get(id);
    const living = await this.#living(id, paths);
    if (living === null) return null;
    if (held?.usable === true && held.pid === living.identity.pid) return held;
    const connect = () => this.#adoptMonitor(paths, living.guestUuid);
    // A monitor that does not answer (a QEMU that hangs) must not keep anyone from stopping the VM by force.
    const client = await connect().catch(() => null);
    if (client === null && !(await isAlive(living.identity))) return null;
    return this.#hold(new QemuVm({ instanceId: id, identity: living.identity, startedAt: living.startedAt, paths, client, connect }));
  }

  async start(spec: VmSpec): Promise<VmHandle> {
    const { id, guestUuid, firmware, secureBoot, tpm } = spec.instance;
    const paths = this.#paths(id);
    if ((await this.#living(id, paths)) !== null) {
      throw new AppError("conflict", `${id} already runs on this host.`);
    }
    await prepareFiles(paths, this.#user);
    const { machineType } = await ensureMachine(paths.machineFile, this.version);
    const uefi = firmware === "uefi" ? await ensureUefi(paths.uefiVars, this.#user, secureBoot === true) : null;
    const acceleration = this.acceleration.kind === "kvm" ? "kvm" : "tcg";
    const { vhost, groups } = await this.#devices(acceleration);
    const argv = qemuArgv(spec, { machineType, acceleration, vhost, uefi, paths });
    const endTpm = tpm === true ? await startSwtpm(id, paths, this.#user) : null;
    const started = await launch({
      ...{ instanceId: id, guestUuid, binary: this.#binary, argv, user: this.#user, groups, paths },
      confinement: this.#confinement,
      limits: vmLimits({ vcpus: spec.instance.vcpus, memoryBytes: spec.instance.memoryBytes, acceleration }),
    }).catch(async (error: unknown) => {
      await endTpm?.();
      throw error;
    });
    const connect = () => this.#adoptMonitor(paths, guestUuid);
    return this.#hold(new QemuVm({ instanceId: id, ...started, paths, connect }));
  }

  async clean(id: InstanceId): Promise<void> {
    const paths = this.#paths(id);
    if ((await this.#living(id, paths)) !== null) throw new AppError("conflict", `${id} still runs on this host: stop it first.`);
    await endSwtpm(paths, this.#user);
    this.#handles.get(id)?.release();
    this.#handles.delete(id);
    await this.#confinement.remove(id);
    await rm(paths.runDir, { recursive: true, force: true });
    await removeFile(paths.processFile);
  }

  async purge(id: InstanceId): Promise<void> {
    await (await this.find(id))?.kill();
    await this.clean(id);
    await rm(this.#paths(id).stateDir, { recursive: true, force: true });
  }

  async serialTail(id: InstanceId, bytes: number): Promise<{ text: string; totalBytes: number }> {
    const paths = this.#paths(id);
    return serialTail(paths.serialLog, paths.serialLogOld, bytes);
  }

  async serialLog(id: InstanceId, bytes: number): Promise<Buffer> {
    const paths = this.#paths(id);
    return readLog(paths.serialLog, paths.serialLogOld, bytes);
  }

  async serialSince(id: InstanceId, from: number | "end"): Promise<{ text: string; next: number }> {
    return readSince(this.#paths(id).serialLog, from);
  }

  async keepScreen(id: InstanceId): Promise<number | null> {
    const paths = this.#paths(id);
    return keepScreen(paths.photograph, paths.screen, this.#user);
  }

  async lastScreen(id: InstanceId): Promise<{ png: Buffer; at: number } | null> {
    return readScreen(this.#paths(id).screen);
  }

  async forgetScreen(id: InstanceId): Promise<void> {
    await removeFile(this.#paths(id).screen);
  }

  /** Never throws: a log that cannot be cut now is cut the next time. */
  async boundSerialLogs(): Promise<void> {
    const names = await readdir(vmsDir(this.#directories.stateDir)).catch(() => []);
    for (const name of names) {
      try {
        const paths = this.#paths(name as InstanceId);
        await boundSerialLog(paths.serialLog, paths.serialLogOld);
      } catch {
        // Not a VM's directory, or one that just went.
      }
    }
  }

  #paths(id: InstanceId): VmPaths {
    return vmPaths(this.#directories, id);
  }

  #hold(vm: QemuVm): QemuVm {
    this.#handles.set(vm.instanceId, vm);
    return vm;
  }

  /** From the process file; without a true one (the agent died while starting it) from /proc. */
  async #living(
    id: InstanceId,
    paths: VmPaths,
  ): Promise<{ identity: ProcessIdentity; startedAt: number; guestUuid: string | null } | null> {
    const file = await readProcessFile(paths.processFile);
    if (file !== null && (await isAlive(file))) return { identity: file, startedAt: file.startedAt, guestUuid: file.guestUuid };
    // Made before QEMU and removed after it: without it there is nothing to look for.
    if (!existsSync(paths.runDir)) return null;
    const identity = (await scanVms(this.#directories.runDir, this.#user.uid)).get(id);
    if (identity === undefined) return null;
    return { identity, startedAt: await startedAtMs(identity.startTicks), guestUuid: null };
  }

  async #adoptMonitor(paths: VmPaths, guestUuid: string | null): Promise<QmpClient> {
    return connectMonitor(paths.qmpSocket, guestUuid, ADOPT_TIMEOUT_MS).catch(() =>
      connectMonitor(paths.qmpSocketSpare, guestUuid, ADOPT_TIMEOUT_MS),
    );
  }

  async #devices(acceleration: "kvm" | "tcg"): Promise<{ vhost: boolean; groups: readonly number[] }> {
    if (acceleration === "tcg") return { vhost: false, groups: [] };
    const [kvm, vhost] = await Promise.all([ensureDevice("/dev/kvm", this.#user), ensureDevice("/dev/vhost-net", this.#user)]);
    const groups = [kvm, vhost].flatMap((access) => (access.kind === "usable" && access.group !== null ? [access.group] : []));
    return { vhost: vhost.kind === "usable", groups: [...new Set(groups)] };
  }
}
