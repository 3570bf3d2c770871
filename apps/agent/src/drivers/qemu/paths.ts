import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import { InstanceId } from "@indium/contract/ids";

/** struct sockaddr_un holds 108 bytes with the closing NUL (unix(7)). */
const MAX_SOCKET_PATH_BYTES = 107;

/**
 * Where a VM's files are. The state directory outlives reboots and belongs to the agent; QEMU may only write files in it that
 * the agent made for it. The run directory belongs to QEMU's user and holds sockets, nothing the agent would trust.
 */
export interface VmPaths {
  readonly stateDir: string;
  /** Machine type and what else must stay the same from start to start. */
  readonly machineFile: string;
  /** Pid and start time of the process. */
  readonly processFile: string;
  readonly stderrLog: string;
  readonly serialLog: string;
  readonly serialLogOld: string;
  readonly uefiVars: string;
  /** swtpm's state, kept with the instance; the VMs' user's. */
  readonly tpmDir: string;
  readonly tpmLog: string;
  /** The kept picture of the screen. */
  readonly screen: string;
  readonly runDir: string;
  readonly qmpSocket: string;
  readonly qmpSocketSpare: string;
  readonly vncSocket: string;
  readonly serialSocket: string;
  readonly guestAgentSocket: string;
  readonly tpmSocket: string;
  /** Written by QEMU: the newest picture, and the one being taken. */
  readonly photograph: string;
  readonly photographTemporary: string;
}

export function vmsDir(stateDir: string): string {
  return join(stateDir, "vms");
}

/** @throws AppError `bad_request` for what is no instance id: nothing else reaches a path. */
export function vmPaths(directories: { readonly stateDir: string; readonly runDir: string }, id: InstanceId): VmPaths {
  const checked = InstanceId.safeParse(id);
  if (!checked.success) throw new AppError("bad_request", "That is no instance id.");
  const stateDir = join(vmsDir(directories.stateDir), checked.data);
  const runDir = join(directories.runDir, checked.data);
  return {
    stateDir,
    machineFile: join(stateDir, "vm.json"),
    processFile: join(stateDir, "process.json"),
    stderrLog: join(stateDir, "stderr.log"),
    serialLog: join(stateDir, "serial.log"),
    serialLogOld: join(stateDir, "serial.log.1"),
    uefiVars: join(stateDir, "uefi-vars.fd"),
    tpmDir: join(stateDir, "tpm"),
    tpmLog: join(stateDir, "tpm.log"),
    screen: join(stateDir, "screen.png"),
    runDir,
    qmpSocket: join(runDir, "qmp"),
    qmpSocketSpare: join(runDir, "qmp2"),
    vncSocket: join(runDir, "vnc"),
    serialSocket: join(runDir, "serial"),
    guestAgentSocket: join(runDir, "qga"),
    tpmSocket: join(runDir, "tpm"),
    photograph: join(runDir, "screen.png"),
    photographTemporary: join(runDir, "screen.tmp"),
  };
}

/** @throws AppError `precondition_failed` when the run directory's path is too long for sockets in it. */
export function assertSocketPathsFit(runDir: string): void {
  const longest = join(runDir, "i-00000000000000000", "serial");
  const bytes = Buffer.byteLength(longest);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return;
  throw new AppError(
    "precondition_failed",
    `The run directory ${runDir} is ${bytes - MAX_SOCKET_PATH_BYTES} bytes too long: unix sockets in it would not fit their 107 bytes. Choose a shorter one, such as /run/indium.`,
  );
}
