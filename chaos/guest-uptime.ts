import { closeSync, fstatSync, openSync, readSync } from "node:fs";
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
  return said === undefined ? null : Number(said);
}
