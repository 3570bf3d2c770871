import { chmod, chown, copyFile, rename, stat } from "node:fs/promises";
import { AppError } from "@indium/contract/errors";
import { z } from "zod";
import { isErrno, readJsonFile, writeFileAtomic } from "../../system/files";
import type { VmUser } from "./vm-user";

/** What stays the same of a VM from start to start, also after QEMU was upgraded under it. */
const MachineFile = z.object({ formatVersion: z.literal(1), machineType: z.string().regex(/^pc-q35-\d+\.\d+$/) });
export type Machine = Omit<z.infer<typeof MachineFile>, "formatVersion">;

/**
 * Reads the VM's machine, or chooses it at its first start: the newest q35 of this QEMU, named with its version.
 * @throws AppError `precondition_failed` for a file of a newer agent, which is left untouched.
 */
export async function ensureMachine(path: string, qemuVersion: string): Promise<Machine> {
  const json = await readJsonFile(path);
  if (json !== null) {
    const parsed = MachineFile.safeParse(json);
    if (parsed.success) return { machineType: parsed.data.machineType };
    throw new AppError(
      "precondition_failed",
      `The file ${path} on this host was written by a newer agent or is damaged. Update the agent, or move the file away to give the VM a new machine.`,
    );
  }
  const machine: Machine = { machineType: machineTypeOf(qemuVersion) };
  await writeFileAtomic(path, JSON.stringify({ formatVersion: 1, ...machine }), { mode: 0o600 });
  return machine;
}

/** QEMU has a machine type for each release x.y (hw/i386/pc_q35.c), also in the distributions that add their own. */
export function machineTypeOf(qemuVersion: string): string {
  const match = /^(\d+)\.(\d+)/.exec(qemuVersion);
  if (match === null) throw new AppError("hypervisor_failed", `QEMU on this host calls itself version "${qemuVersion}", which is none.`);
  return `pc-q35-${match[1]}.${match[2]}`;
}

/** Debian's ovmf package (12 and 13, Ubuntu 22.04 and 24.04): the 4M build first, the old 2M one where it is all there is. */
const UEFI_BUILDS = [
  { code: "/usr/share/OVMF/OVMF_CODE_4M.fd", vars: "/usr/share/OVMF/OVMF_VARS_4M.fd" },
  { code: "/usr/share/OVMF/OVMF_CODE.fd", vars: "/usr/share/OVMF/OVMF_VARS.fd" },
] as const;
/** The builds that keep their variables from the guest (SMM), with Microsoft's keys enrolled and Secure Boot on. */
const SECURE_BUILDS = [
  { code: "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", vars: "/usr/share/OVMF/OVMF_VARS_4M.ms.fd" },
  { code: "/usr/share/OVMF/OVMF_CODE.secboot.fd", vars: "/usr/share/OVMF/OVMF_VARS.ms.fd" },
] as const;

/**
 * The UEFI code and this VM's own variables, copied at its first start. Both builds must be of one size, so the variables' size
 * chooses the code when they are there already.
 * @throws AppError `hypervisor_failed` when the ovmf package is missing.
 */
export async function ensureUefi(varsPath: string, user: VmUser, secureBoot: boolean): Promise<{ code: string; vars: string }> {
  const own = await size(varsPath);
  for (const build of secureBoot ? SECURE_BUILDS : UEFI_BUILDS) {
    const [code, template] = [await size(build.code), await size(build.vars)];
    if (code === null || template === null || (own !== null && own !== template)) continue;
    if (own === null) {
      const temporary = `${varsPath}.${process.pid}.tmp`;
      await copyFile(build.vars, temporary);
      await chmod(temporary, 0o600);
      await chown(temporary, user.uid, user.gid);
      await rename(temporary, varsPath);
    }
    return { code: build.code, vars: varsPath };
  }
  throw new AppError(
    "hypervisor_failed",
    "This VM boots with UEFI, and no UEFI firmware is installed on this host. Install it: apt-get install ovmf",
  );
}

async function size(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return null;
    throw error;
  }
}
