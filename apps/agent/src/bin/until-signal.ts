import type { Log } from "../system/log";

/** Resolves at SIGTERM or SIGINT. A second one ends the process at once: VMs run on either way. */
export function untilSignal(log: Log): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(1);
      asked = true;
      log.info("stopping; VMs run on", { signal });
      resolve();
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  });
}
