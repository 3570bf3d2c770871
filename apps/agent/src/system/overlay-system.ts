import type { OverlaySystem } from "@indium/tunnel/overlay/interface";
import { run, spawnChild } from "./exec";

const KEPT_WORDS = 500;

/** How the overlay runs programs on this host. */
export const overlaySystem: OverlaySystem = {
  run,
  start: (file, args, env) => {
    const child = spawnChild(file, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    let words = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      words = (words + chunk.toString("utf8")).slice(-KEPT_WORDS);
    });
    const ended = new Promise<string>((resolve) => {
      child.on("error", (error) =>
        resolve(
          "code" in error && error.code === "ENOENT"
            ? `The kernel has no WireGuard and ${file} is not installed on this host (apt-get install ${file}).`
            : `${file} could not be started: ${error.message}.`,
        ),
      );
      child.on("close", () => resolve(`${file} ended: ${words.trim().split("\n").at(-1) ?? ""}`.slice(0, 250)));
    });
    return { ended, kill: () => void child.kill("SIGTERM") };
  },
};
