import { chmod, chown, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "@indium/contract/errors";

/** The user as whom VMs run, who must reach its disks and nothing else (drivers/qemu/vm-user.ts makes it). */
export interface FileOwner {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Makes a directory (0750, or `mode`) that the VMs' user may enter through its group, with the agent as its owner.
 * Without root everything is one user's anyway, and nothing but the directory is made.
 */
export async function ensureSharedDirectory(path: string, owner: FileOwner, mode = 0o750): Promise<void> {
  await mkdir(path, { recursive: true, mode });
  if (process.getuid?.() !== 0) return;
  await chown(path, 0, owner.gid);
  await chmod(path, mode);
}

/**
 * Lets the VMs' user pass through `own` (a directory of the agent, perhaps 0700) without letting it list it, and checks that
 * it can pass through everything above.
 * @throws AppError `precondition_failed` naming the directory in the way: one that is not the agent's is not changed.
 */
export async function ensureReachable(own: string, owner: FileOwner): Promise<void> {
  if (process.getuid?.() !== 0) return;
  if (!(await mayEnter(own, owner))) {
    const { mode } = await stat(own);
    await chown(own, -1, owner.gid);
    await chmod(own, (mode & 0o7777) | 0o010);
  }
  for (let path = dirname(own); ; path = dirname(path)) {
    if (!(await mayEnter(path, owner))) {
      throw new AppError(
        "precondition_failed",
        `VMs on this host run as the user ${owner.name}, who cannot enter ${path}. Allow it (chmod o+x ${path}), or set the agent's state directory to a place it can reach, such as /var/lib/indium-agent.`,
      );
    }
    if (path === dirname(path)) return;
  }
}

async function mayEnter(path: string, owner: FileOwner): Promise<boolean> {
  const { uid, gid, mode } = await stat(path);
  // The kernel takes the first class that fits and no other (path_resolution(7)).
  if (uid === owner.uid) return (mode & 0o100) !== 0;
  if (gid === owner.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}
