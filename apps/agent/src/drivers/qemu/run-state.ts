import { z } from "zod";
import type { VmRunState } from "../types";

const Status = z.object({ status: z.string() });

/**
 * QEMU's RunState (qapi/run-state.json) in our four words, or null for an answer that is none.
 * `io-error` is QEMU's pause when a disk had no space (werror=enospc): resuming tries again. A guest asleep in S3 (`suspended`)
 * runs as far as anyone outside is concerned.
 */
export function runStateOf(answer: unknown): VmRunState | null {
  const parsed = Status.safeParse(answer);
  if (!parsed.success) return null;
  switch (parsed.data.status) {
    case "running":
    case "suspended":
      return "running";
    case "shutdown":
      return "shutdown";
    case "guest-panicked":
    case "internal-error":
      return "crashed";
    default:
      // prelaunch, paused, io-error, debug, watchdog, inmigrate, postmigrate, finish-migrate, save-vm, restore-vm, colo:
      // the processors stand still and may go on.
      return "paused";
  }
}
