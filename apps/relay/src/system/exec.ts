import { spawn } from "node:child_process";
import { openInput } from "@indium/tunnel/input-file";
import type { OverlaySystem } from "@indium/tunnel/overlay/interface";

/** The relay's only door to other programs: argument lists, never a shell's string. */
const RUN_TIMEOUT_MS = 30_000;
const KEPT_WORDS = 500;

const missing = (error: Error): boolean => "code" in error && error.code === "ENOENT";

export const overlaySystem: OverlaySystem = {
  run: (file, args, options = {}) =>
    new Promise((resolve, reject) => {
      const stdin = options.input === undefined ? null : openInput(options.input);
      const child = spawn(file, args, {
        stdio: [stdin?.fd ?? "ignore", "pipe", "pipe"],
        timeout: RUN_TIMEOUT_MS,
        killSignal: "SIGKILL",
      });
      stdin?.close();
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
      child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
      child.on("error", (error) => reject(new Error(missing(error) ? `${file} is not installed` : error.message)));
      child.on("close", (code) => {
        const result = { code: code ?? -1, stdout: Buffer.concat(stdout).toString("utf8"), stderr: Buffer.concat(stderr).toString("utf8") };
        if (result.code === 0 || options.allowFailure === true) resolve(result);
        else reject(new Error(`${file} ended with ${result.code}: ${result.stderr.trim().slice(-KEPT_WORDS)}`));
      });
    }),
  start: (file, args, env) => {
    // Next's types, which web's own tests bring along, want a NODE_ENV in every environment.
    const child = spawn(file, args, { env: env as NodeJS.ProcessEnv, stdio: ["ignore", "ignore", "pipe"] });
    let words = "";
    child.stderr.on("data", (chunk: Buffer) => {
      words = (words + chunk.toString("utf8")).slice(-KEPT_WORDS);
    });
    const ended = new Promise<string>((resolve) => {
      child.on("error", (error) =>
        resolve(
          missing(error)
            ? `The kernel has no WireGuard and ${file} is not installed on the relay's machine (apt-get install ${file}).`
            : `${file} could not be started: ${error.message}.`,
        ),
      );
      child.on("close", () => resolve(`${file} ended: ${words.trim().split("\n").at(-1) ?? ""}`.slice(0, 250)));
    });
    return { ended, kill: () => void child.kill("SIGTERM") };
  },
};
