import { existsSync } from "node:fs";
import { mkdir, readFile, rmdir, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import type { HostFacts } from "@indium/contract/host";
import type { InstanceId } from "@indium/contract/ids";
import { run } from "../../system/exec";
import type { VmLimits } from "./limits";

/**
 * Where each QEMU lives on its host: apart from the agent, so that stopping, killing or replacing the agent never touches a VM, and
 * within its limits.
 *
 * - systemd: a transient scope `indium-vm-<instance>.scope` in `indium.slice`. The agent's own unit is another cgroup.
 * - cgroup: no systemd, control groups v2 may be written: a folder `indium/vm-<instance>`.
 * - none: neither; VMs run as well, without limits, and the host's page says why.
 */
export interface Confinement {
  readonly kind: NonNullable<HostFacts["vmLimits"]>["kind"];
  /** Why VMs have no limits; null when they have. */
  readonly reason: string | null;
  /** What to start in place of `command`; it turns into it without another process between. */
  prepare(id: InstanceId, command: { file: string; args: string[] }, limits: VmLimits): Promise<{ file: string; args: string[] }>;
  /** Once the process is there. */
  enter(id: InstanceId, pid: number): Promise<void>;
  /** After its end. Idempotent. */
  remove(id: InstanceId): Promise<void>;
}

export const VM_SLICE = "indium.slice";
export const scopeOf = (id: InstanceId): string => `indium-vm-${id}.scope`;

/** cgroup2fs's magic (statfs(2)). */
const CGROUP2_MAGIC = 0x63677270;
const CGROUP_ROOT = "/sys/fs/cgroup";
const GROUPS = "indium";
const CONTROLLERS = ["cpu", "memory", "pids"] as const;
/** The kernel's default period; quotas are written as a share of it. */
const CPU_PERIOD_US = 100_000;

/**
 * Looks at the machine once. Never throws: a host without limits is still a host.
 * @param wanted what the administrator asked for (INDIUM_VM_LIMITS); null chooses.
 */
export async function createConfinement(wanted: Confinement["kind"] | null): Promise<Confinement> {
  if (wanted === "none") return unconfined("the administrator asked for none (INDIUM_VM_LIMITS)");
  if (process.getuid?.() !== 0) return unconfined("the agent is not root");
  // sd_booted(3): systemd is the init of this machine exactly when this folder is there.
  if (wanted !== "cgroup" && existsSync("/run/systemd/system")) return systemdConfinement;
  const problem = await prepareCgroups(CGROUP_ROOT);
  return problem === null ? cgroupConfinement(join(CGROUP_ROOT, GROUPS)) : unconfined(problem);
}

export function unconfined(reason: string): Confinement {
  return {
    kind: "none",
    reason,
    prepare: (_id, command) => Promise.resolve(command),
    enter: () => Promise.resolve(),
    remove: () => Promise.resolve(),
  };
}

/** The words in front of a VM's command line under systemd. */
export function scopeArgv(id: InstanceId, command: { file: string; args: string[] }, limits: VmLimits): { file: string; args: string[] } {
  const properties = [
    `MemoryMax=${limits.memoryMaxBytes}`,
    `CPUQuota=${limits.cpuQuotaPercent}%`,
    `CPUWeight=${limits.cpuWeight}`,
    `TasksMax=${limits.tasksMax}`,
    // When the machine shuts down the agent stops first and takes no VM's end for a crash.
    "Before=indium-agent.service",
    // QEMU needs no longer to close its disks.
    "TimeoutStopSec=20",
  ];
  return {
    file: "systemd-run",
    // --scope: systemd-run moves itself and then becomes the command, so that the pid stays. --collect: nothing of a failed one stays.
    args: [
      "--scope",
      "--collect",
      "--quiet",
      `--slice=${VM_SLICE}`,
      `--unit=${scopeOf(id)}`,
      `--description=Indium VM ${id}`,
      ...properties.flatMap((property) => ["--property", property]),
      "--",
      command.file,
      ...command.args,
    ],
  };
}

const systemdConfinement: Confinement = {
  kind: "systemd",
  reason: null,
  async prepare(id, command, limits) {
    // The scope of the VM's life before may still be on its way out; a second of its name would be refused. Nothing of it lives.
    await run("systemctl", ["stop", "--quiet", scopeOf(id)], { allowFailure: true });
    return scopeArgv(id, command, limits);
  },
  enter: () => Promise.resolve(),
  remove: () => Promise.resolve(),
};

/** Null when VMs' groups can be made; else why not. */
async function prepareCgroups(root: string): Promise<string | null> {
  const type = await statfs(root).then(
    (found) => found.type,
    () => 0,
  );
  if (type !== CGROUP2_MAGIC) return "this machine has neither systemd nor control groups v2";
  const own = join(root, GROUPS);
  try {
    await enableControllers(root);
    await mkdir(own, { recursive: true });
    await enableControllers(own);
    return null;
  } catch (error) {
    return `control groups may not be used here (${error instanceof Error ? error.message : String(error)})`.slice(0, 300);
  }
}

/** Lets groups below `path` have limits. @throws when the kernel or a container's owner does not allow it. */
async function enableControllers(path: string): Promise<void> {
  const words = async (name: string): Promise<string[]> => (await readFile(join(path, name), "utf8")).trim().split(/\s+/);
  const [available, enabled] = await Promise.all([words("cgroup.controllers"), words("cgroup.subtree_control")]);
  const missing = CONTROLLERS.filter((name) => !available.includes(name));
  if (missing.length > 0) throw new Error(`${path} has no ${missing.join(", ")}`);
  const wanted = CONTROLLERS.filter((name) => !enabled.includes(name));
  if (wanted.length > 0) await writeFile(join(path, "cgroup.subtree_control"), wanted.map((name) => `+${name}`).join(" "));
}

/** File names and contents of a VM's group. */
export function cgroupFiles(limits: VmLimits): readonly (readonly [string, string])[] {
  return [
    ["memory.max", String(limits.memoryMaxBytes)],
    ["cpu.max", `${Math.round((limits.cpuQuotaPercent * CPU_PERIOD_US) / 100)} ${CPU_PERIOD_US}`],
    ["cpu.weight", String(limits.cpuWeight)],
    ["pids.max", String(limits.tasksMax)],
  ];
}

function cgroupConfinement(groups: string): Confinement {
  const groupOf = (id: InstanceId): string => join(groups, `vm-${id}`);
  const failed = (id: InstanceId, cause: unknown): AppError =>
    new AppError(
      "hypervisor_failed",
      `The control group ${groupOf(id)} of ${id} could not be set up on this host: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        "INDIUM_VM_LIMITS=none starts VMs without limits.",
      { cause },
    );
  return {
    kind: "cgroup",
    reason: null,
    async prepare(id, command, limits) {
      try {
        await mkdir(groupOf(id), { recursive: true });
        for (const [name, value] of cgroupFiles(limits)) await writeFile(join(groupOf(id), name), value);
      } catch (error) {
        throw failed(id, error);
      }
      return command;
    },
    async enter(id, pid) {
      // Moves all its threads; what it took before is little, and stays counted where it was.
      await writeFile(join(groupOf(id), "cgroup.procs"), String(pid)).catch((error: unknown) => {
        throw failed(id, error);
      });
    },
    async remove(id) {
      // EBUSY while a process that is ending still counts: the next start takes the same folder.
      await rmdir(groupOf(id)).catch(() => {});
    },
  };
}
