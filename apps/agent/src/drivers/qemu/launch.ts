import { chmod, chown, lstat, mkdir, open, rm, writeFile } from "node:fs/promises";
import { AppError } from "@indium/contract/errors";
import type { InstanceId } from "@indium/contract/ids";
import { ensureSharedDirectory } from "../../storage/access";
import { spawnDetached } from "../../system/exec";
import type { Confinement } from "./confinement";
import { lastWords } from "./handle";
import type { VmLimits } from "./limits";
import type { VmPaths } from "./paths";
import { identify, isAlive, killProcess, type ProcessIdentity, waitForEnd, writeProcessFile } from "./process";
import { QmpClient } from "./qmp/client";
import { QmpError } from "./qmp/errors";
import { asVmUser, type VmUser } from "./vm-user";

/** A busy host under emulation takes seconds to set a large guest up; longer than this something is wrong. */
const MONITOR_TIMEOUT_MS = 30_000;
const RETRY_PAUSE_MS = 4;

/** The directories and files a VM's process finds: what QEMU writes is its user's, all else the agent's. */
export async function prepareFiles(paths: VmPaths, user: VmUser): Promise<void> {
  await ensureSharedDirectory(paths.stateDir, user);
  // Made here because QEMU may not make files in the agent's directory.
  const log = await open(paths.serialLog, "a", 0o600);
  try {
    await log.chown(user.uid, user.gid);
  } finally {
    await log.close();
  }
  await writeFile(paths.stderrLog, "", { mode: 0o600 });
  await rm(paths.runDir, { recursive: true, force: true });
  await mkdir(paths.runDir, { recursive: true, mode: 0o750 });
  await chown(paths.runDir, user.uid, user.gid);
  await chmod(paths.runDir, 0o750);
}

/**
 * Starts QEMU as the VMs' user, in a session and a control group of its own so that it outlives the agent, and waits for its monitor.
 * When it ends or does not answer, nothing of it is left running.
 * @throws AppError `hypervisor_failed` with QEMU's last words as `detail`.
 */
export async function launch(options: {
  instanceId: InstanceId;
  guestUuid: string;
  binary: string;
  argv: readonly string[];
  user: VmUser;
  groups: readonly number[];
  paths: VmPaths;
  confinement: Confinement;
  limits: VmLimits;
}): Promise<{ identity: ProcessIdentity; startedAt: number; client: QmpClient }> {
  const { paths, instanceId, guestUuid, confinement } = options;
  const command = asVmUser(options.user, options.groups, [options.binary, ...options.argv]);
  const { file, args } = await confinement.prepare(instanceId, command, options.limits);
  const startedAt = Date.now();
  const { pid } = await spawnDetached(file, args, {
    stderrPath: paths.stderrLog,
    cwd: "/",
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8" },
  });
  const identity = await identify(pid);
  if (identity === null) throw await startFailure(instanceId, paths, "ended at once");
  try {
    await confinement.enter(instanceId, pid);
    const [client] = await Promise.all([
      monitorOfStarting(identity, paths, guestUuid),
      writeProcessFile(paths.processFile, { pid, startTicks: identity.startTicks, bootId: identity.bootId, startedAt, guestUuid }),
    ]);
    return { identity, startedAt, client };
  } catch (error) {
    const ended = !(await isAlive(identity));
    await killProcess(identity);
    await waitForEnd(identity, 5_000);
    if (error instanceof AppError) throw error;
    throw await startFailure(instanceId, paths, ended ? "ended while starting" : "did not answer on its monitor", error);
  }
}

async function startFailure(instanceId: InstanceId, paths: VmPaths, how: string, cause?: unknown): Promise<AppError> {
  const words = await lastWords(paths);
  return new AppError(
    "hypervisor_failed",
    `QEMU of ${instanceId} ${how} on this host.${words === null ? "" : ` It said: ${firstLine(words)}`}`,
    {
      ...(words === null ? {} : { detail: words }),
      cause,
    },
  );
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").slice(0, 500);
}

async function monitorOfStarting(identity: ProcessIdentity, paths: VmPaths, guestUuid: string): Promise<QmpClient> {
  const until = performance.now() + MONITOR_TIMEOUT_MS;
  for (;;) {
    try {
      return await connectMonitor(paths.qmpSocket, guestUuid, Math.max(1, until - performance.now()));
    } catch (error) {
      // Not there yet, or bound and not yet listening. Anything else, or a dead process, is the end.
      if (!(error instanceof QmpError) || error.kind !== "closed" || performance.now() >= until) throw error;
      if (!(await isAlive(identity))) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS));
    }
  }
}

/**
 * Connects one monitor socket and makes sure that the VM behind it is the one meant.
 * @throws QmpError
 */
export async function connectMonitor(path: string, guestUuid: string | null, timeoutMs: number): Promise<QmpClient> {
  const found = await lstat(path).catch(() => null);
  if (found === null) throw new QmpError("closed", `There is no monitor socket at ${path}.`);
  // The directory is QEMU's user's: a link planted there must not lead the agent to another program's socket.
  if (!found.isSocket()) throw new QmpError("protocol", `What is at ${path} is no socket.`);
  const client = await QmpClient.connect(path, { timeoutMs });
  if (guestUuid === null) return client;
  try {
    const answer = await client.execute("query-uuid");
    const uuid = typeof answer === "object" && answer !== null && "UUID" in answer ? answer.UUID : null;
    if (uuid === guestUuid.toLowerCase()) return client;
  } catch (error) {
    client.close();
    throw error;
  }
  client.close();
  throw new QmpError("protocol", `The VM behind ${path} is another one than expected.`);
}
