import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import { isErrno } from "../system/files";

/**
 * One agent per state directory. The file names the process by pid and start time, so that a pid used again, or one left by a
 * kill -9 or an earlier boot, does not lock for ever.
 *
 * @returns releases it. @throws AppError `conflict` when another agent holds it.
 */
export function lockStateDirectory(stateDir: string): () => void {
  const path = join(stateDir, "agent.lock");
  const mine = `${process.pid} ${startTime(process.pid) ?? "?"}\n`;
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const file = openSync(path, "wx", 0o600);
      writeSync(file, mine);
      closeSync(file);
      return () => {
        if (holder(path) === mine) unlinkSync(path);
      };
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
    }
    const [pid, started] = (holder(path) ?? "").trim().split(" ");
    if (pid !== undefined && started !== undefined && Number(pid) !== process.pid && startTime(Number(pid)) === started) {
      throw new AppError("conflict", `Another agent (process ${pid}) uses ${stateDir}. Stop it, or give this one another state directory.`);
    }
    try {
      unlinkSync(path);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }
  throw new AppError("conflict", `The lock of ${stateDir} is fought over. Start one agent only.`);
}

function holder(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Field 22 of /proc/<pid>/stat with the boot's id: the same pid later is another process. */
function startTime(pid: number): string | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is a name in parentheses and may hold anything.
    const ticks = line
      .slice(line.lastIndexOf(")") + 2)
      .split(" ")
      .at(19);
    return `${ticks}/${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`;
  } catch {
    return null;
  }
}
