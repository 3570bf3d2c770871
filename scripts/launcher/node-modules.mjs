// Parses on Node 14 like start.mjs.
import { spawn } from "child_process";
import { createHash } from "crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "fs";
import { join } from "path";

/**
 * Installs the npm packages when they are missing or the lockfile changed since.
 * @param {string} root the repository
 * @returns {Promise<void>}
 */
export function ensureNodeModules(root) {
  const stamp = join(root, "node_modules", ".indium-lock");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return Promise.resolve();
  const started = Date.now();
  console.log("• Installing npm packages (once, about a minute)…");
  return new Promise((resolve, reject) => {
    const npm = spawn("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    npm.on("error", (error) => reject(new Error(`npm could not be started (${error.message}). Install npm, then run npm start again.`)));
    npm.on("exit", (code) => {
      if (code !== 0) {
        reject(
          new Error(
            "The npm packages could not be installed (npm's own words are above). Check the network and the disk's free space, then run npm start again; nothing is lost.",
          ),
        );
        return;
      }
      mkdirSync(join(root, "node_modules"), { recursive: true });
      writeFileSync(stamp, wanted);
      console.log(`✓ npm packages installed (${Math.round((Date.now() - started) / 1000)} s)`);
      resolve();
    });
  });
}
