import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LauncherError } from "./say";

const entry = join(fileURLToPath(new URL(".", import.meta.url)), "../../dist/web/admin.js");

/** Runs one command of web's admin entry (set-up links, local enrolment, built images); its answer is JSON on stdout. */
export function admin(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [entry, ...args], { env, timeout: 120_000 }, (error, stdout, stderr) => {
      if (error) {
        reject(new LauncherError(`${args[0]} failed: ${stderr.trim().split("\n").slice(-3).join(" ") || error.message}`));
        return;
      }
      const last = stdout.trim().split("\n").at(-1) ?? "";
      try {
        resolve(JSON.parse(last));
      } catch {
        reject(new LauncherError(`${args[0]} answered nothing that can be read: ${last.slice(0, 200)}`));
      }
    });
  });
}
