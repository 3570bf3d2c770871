import { chmod, chown, stat } from "node:fs/promises";
import { isErrno } from "../../system/files";
import type { VmUser } from "./vm-user";

/** What of a device decides: its owner, its group and its permissions. */
export interface DeviceMode {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

export type DeviceAccess =
  | { readonly kind: "missing" }
  /** `group`: QEMU must keep this supplementary group (Debian gives /dev/kvm and /dev/vhost-net to `kvm`). */
  | { readonly kind: "usable"; readonly group: number | null }
  | { readonly kind: "refused" };

export function accessOf(device: DeviceMode, user: VmUser): Exclude<DeviceAccess, { kind: "missing" }> {
  const { uid, gid, mode } = device;
  if (uid === user.uid) return (mode & 0o600) === 0o600 ? { kind: "usable", group: null } : { kind: "refused" };
  if (gid === user.gid) return (mode & 0o060) === 0o060 ? { kind: "usable", group: null } : { kind: "refused" };
  if ((mode & 0o006) === 0o006) return { kind: "usable", group: null };
  // Membership of root's group would be more than the device.
  if (gid !== 0 && (mode & 0o060) === 0o060) return { kind: "usable", group: gid };
  return { kind: "refused" };
}

/**
 * Sees to it that the VMs' user may use a device. Hosts without udev leave devices to root alone (udev's own rules,
 * 50-udev-default.rules, open /dev/net/tun and /dev/kvm to everybody): such a one is given to the VMs' group and nobody else.
 * A device with a group of its own is an administrator's choice and left as it is.
 */
export async function ensureDevice(path: string, user: VmUser): Promise<DeviceAccess> {
  try {
    const device = await stat(path);
    const access = accessOf(device, user);
    if (access.kind === "usable" || process.getuid?.() !== 0 || device.gid !== 0) return access;
    await chown(path, -1, user.gid);
    await chmod(path, (device.mode & 0o777) | 0o060);
    return { kind: "usable", group: null };
  } catch (error) {
    if (isErrno(error, "ENOENT")) return { kind: "missing" };
    throw error;
  }
}
