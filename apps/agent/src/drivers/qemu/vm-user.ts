import { readFile } from "node:fs/promises";
import { AppError } from "@indium/contract/errors";
import { run } from "../../system/exec";

/** Whom QEMU runs as: owner of its disks, its run directory and its taps. */
export interface VmUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export const VM_USER_NAME = "indium-vm";

let known: Promise<VmUser> | null = null;

/**
 * As root: the system user `indium-vm`, made when missing. Otherwise the agent's own user, who owns all it makes.
 * Asked once per process; a failure is asked again.
 * @throws AppError `precondition_failed`.
 */
export function vmUser(): Promise<VmUser> {
  known ??= findOrCreate().catch((error: unknown) => {
    known = null;
    throw error;
  });
  return known;
}

async function findOrCreate(): Promise<VmUser> {
  const own = process.getuid?.() ?? 0;
  if (own !== 0) return { name: String(own), uid: own, gid: process.getgid?.() ?? own };
  const present = await lookUp();
  if (present !== null) return present;
  const made = await run(
    "useradd",
    ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", VM_USER_NAME],
    {
      allowFailure: true,
    },
  );
  // Two agents (or a test beside one) may have raced: what counts is that the user is there now.
  const user = await lookUp();
  if (user !== null) return user;
  throw new AppError(
    "precondition_failed",
    `The system user ${VM_USER_NAME}, as whom VMs run, could not be made on this host. Make it by hand: useradd --system --user-group ${VM_USER_NAME}`,
    {
      detail: made.stderr.trim(),
    },
  );
}

async function lookUp(): Promise<VmUser | null> {
  // getent asks NSS as well; where it is missing the file is the truth.
  const answer = await run("getent", ["passwd", VM_USER_NAME], { allowFailure: true }).catch(() => null);
  const text = answer !== null && answer.code === 0 ? answer.stdout : await readFile("/etc/passwd", "utf8");
  return parsePasswd(text);
}

/** One line of passwd(5): name:password:uid:gid:…  */
export function parsePasswd(text: string): VmUser | null {
  for (const line of text.split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (name !== VM_USER_NAME || !/^\d+$/.test(uid ?? "") || !/^\d+$/.test(gid ?? "")) continue;
    // A VM as root would undo the whole point; such a line is no answer.
    if (Number(uid) === 0) continue;
    return { name, uid: Number(uid), gid: Number(gid) };
  }
  return null;
}

/**
 * The command line that turns into QEMU as that user with no way back: no capabilities, none to gain, no set-uid program.
 * As that user already (not root) only the last of these is left to do.
 * @param groups supplementary groups it keeps (the one that owns /dev/kvm, say).
 */
export function asVmUser(user: VmUser, groups: readonly number[], command: readonly string[]): { file: string; args: string[] } {
  const root = process.getuid?.() === 0;
  const identity = root
    ? [
        `--reuid=${user.uid}`,
        `--regid=${user.gid}`,
        groups.length === 0 ? "--clear-groups" : `--groups=${groups.join(",")}`,
        "--inh-caps=-all",
        "--bounding-set=-all",
      ]
    : [];
  return { file: "setpriv", args: [...identity, "--no-new-privs", "--", ...command] };
}
