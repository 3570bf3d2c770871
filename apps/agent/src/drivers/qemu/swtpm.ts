import { chown, lstat, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { AppError } from "@indium/contract/errors";
import type { InstanceId } from "@indium/contract/ids";
import { spawnDetached } from "../../system/exec";
import { isErrno } from "../../system/files";
import type { VmPaths } from "./paths";
import { identify, isAlive, killProcess, type ProcessIdentity, waitForEnd } from "./process";
import { readTail } from "./serial-log";
import { asVmUser, type VmUser } from "./vm-user";

const SWTPM = "/usr/bin/swtpm";
const START_TIMEOUT_MS = 15_000;
const RETRY_PAUSE_MS = 20;

/**
 * A VM's TPM 2.0: one swtpm process as the VMs' user, whose state (keys, PCR banks, what the guest sealed) is kept with the instance and
 * goes with it. It outlives the agent as QEMU does, and ends by itself when QEMU's connection ends (`--terminate`).
 * @returns how to end it when QEMU does not start.
 * @throws AppError `hypervisor_failed`.
 */
export async function startSwtpm(instanceId: InstanceId, paths: VmPaths, user: VmUser): Promise<() => Promise<void>> {
  if ((await stat(SWTPM).catch(() => null)) === null) {
    throw new AppError(
      "hypervisor_failed",
      `${instanceId} has a TPM, and swtpm is not installed on this host. Install it: apt-get install swtpm`,
    );
  }
  // One whose QEMU never came holds the state's lock.
  await endSwtpm(paths, user);
  await writeFile(paths.tpmLog, "", { mode: 0o600 });
  await mkdir(paths.tpmDir, { recursive: true, mode: 0o700 });
  await chown(paths.tpmDir, user.uid, user.gid);
  const { file, args } = asVmUser(
    user,
    [],
    [
      SWTPM,
      "socket",
      "--tpm2",
      ...["--tpmstate", `dir=${paths.tpmDir},mode=0600`],
      ...["--ctrl", `type=unixio,path=${paths.tpmSocket}`],
      "--terminate",
    ],
  );
  const { pid } = await spawnDetached(file, args, {
    stdoutPath: paths.tpmLog,
    stderrPath: paths.tpmLog,
    cwd: "/",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8" },
  });
  const identity = await identify(pid);
  const end = async (): Promise<void> => {
    if (identity === null) return;
    await killProcess(identity);
    await waitForEnd(identity, 5_000);
  };
  const until = performance.now() + START_TIMEOUT_MS;
  while (!(await isSocket(paths.tpmSocket))) {
    if (identity === null || !(await isAlive(identity)) || performance.now() > until) {
      await end();
      const words = (await readTail(paths.tpmLog, 2_000)).toString("utf8").trim();
      throw new AppError(
        "hypervisor_failed",
        `The TPM of ${instanceId} did not start on this host. Its state is in ${paths.tpmDir}.`,
        words === "" ? {} : { detail: words },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS));
  }
  return end;
}

/** Ends what may be left of this VM's swtpm; only a process of the VMs' user with this VM's socket counts. */
export async function endSwtpm(paths: VmPaths, user: VmUser): Promise<void> {
  for (const identity of await findSwtpm(paths, user)) {
    await killProcess(identity);
    await waitForEnd(identity, 5_000);
  }
}

export async function findSwtpm(paths: VmPaths, user: VmUser): Promise<readonly ProcessIdentity[]> {
  // Without its directory it never ran here, and /proc need not be walked.
  if ((await stat(paths.tpmDir).catch(() => null)) === null) return [];
  const found: ProcessIdentity[] = [];
  for (const name of (await readdir("/proc")).filter((each) => /^\d+$/.test(each))) {
    try {
      if ((await stat(`/proc/${name}`)).uid !== user.uid) continue;
      const args = (await readFile(`/proc/${name}/cmdline`, "utf8")).split("\0");
      if (!args.includes(SWTPM) || !args.includes(`type=unixio,path=${paths.tpmSocket}`)) continue;
      const identity = await identify(Number(name));
      if (identity !== null) found.push(identity);
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

async function isSocket(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSocket();
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}
