import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";

/** User data for Tiny: the guest says on its serial port, every few seconds, how long its kernel has run. */
export const SAYS_ITS_UPTIME = `#!/bin/sh
(while :; do echo "CHAOS-UP $(cut -d' ' -f1 /proc/uptime)" > /dev/console; sleep 3; done) &
`;

/** The uptime the guest said last, in seconds; null when it has said none. */
export function guestUptime(stateDir: string, instanceId: string): number | null {
  let text: string;
  try {
    const file = openSync(join(stateDir, "agent/vms", instanceId, "serial.log"), "r");
    try {
      const { size } = fstatSync(file);
      const tail = Buffer.alloc(Math.min(size, 4_096));
      readSync(file, tail, 0, tail.length, size - tail.length);
      text = tail.toString("latin1");
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
  const said = [...text.matchAll(/CHAOS-UP ([\d.]+)\r?\n/g)].at(-1)?.[1];
  if (said === undefined) return null;
  // The log outlives its VM: what an earlier life said is no uptime of this one.
  return Number(said) <= ageSeconds(stateDir, instanceId) + 1 ? Number(said) : null;
}

/** Of the VM's process, as the agent wrote it down. */
function ageSeconds(stateDir: string, instanceId: string): number {
  try {
    const { startedAt } = JSON.parse(readFileSync(join(stateDir, "agent/vms", instanceId, "process.json"), "utf8")) as {
      startedAt: number;
    };
    return (Date.now() - startedAt) / 1_000;
  } catch {
    return 0;
  }
}
