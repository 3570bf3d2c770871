import { execFileSync, spawn } from "node:child_process";

/**
 * Runs a TypeScript file in a network namespace made for it, so that bridges, NAT rules, ports and every packet of what it starts stay off the
 * machine's network. Whatever still lives in the namespace afterwards is ended. Needs root.
 * @returns the exit status.
 */
export async function runInOwnNamespace(prefix: string, file: string, args: readonly string[], cwd: string): Promise<number> {
  const namespace = `${prefix}-${process.pid}`;
  execFileSync("ip", ["netns", "add", namespace]);
  try {
    execFileSync("ip", ["-n", namespace, "link", "set", "lo", "up"]);
    return await new Promise<number>((resolve) => {
      const child = spawn("ip", ["netns", "exec", namespace, process.execPath, "--import", "tsx", file, ...args], {
        cwd,
        stdio: "inherit",
      });
      const forward = (signal: NodeJS.Signals) => child.kill(signal);
      process.on("SIGINT", forward).on("SIGTERM", forward);
      child.on("close", (status) => resolve(status ?? 1));
    });
  } finally {
    // What still lives in the namespace is ours by definition; the inner half has said by now whether anything should not.
    const pids = execFileSync("ip", ["netns", "pids", namespace], { encoding: "utf8" }).split("\n").map(Number).filter(Boolean);
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // Ended meanwhile.
      }
    }
    execFileSync("ip", ["netns", "delete", namespace]);
  }
}
