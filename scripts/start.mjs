// The first file of `npm start`. It parses on Node 14, because its first duty is to tell the owner of an old Node how to get a newer one.
// Nothing here may need a package: it installs them, then hands over to scripts/launcher/main.ts.
import { spawn } from "child_process";
import { dirname, join } from "path";
import { fileURLToPath } from "url";
import { ensureNodeModules } from "./launcher/node-modules.mjs";
import { nodeVersionProblem } from "./launcher/node-version.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const problem = nodeVersionProblem(process.versions.node);
if (problem) {
  console.error(problem);
  process.exit(1);
}

ensureNodeModules(root)
  .then(() => {
    const child = spawn(process.execPath, ["--import", "tsx", join(root, "scripts/launcher/main.ts"), ...process.argv.slice(2)], {
      cwd: root,
      stdio: "inherit",
    });
    // The terminal sends Ctrl-C to the whole group; the launcher decides what stops. This process only waits for it.
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("exit", (code, signal) => process.exit(signal ? 1 : code === null ? 1 : code));
  })
  .catch((error) => {
    console.error(`\n✗ ${error.message}`);
    process.exit(1);
  });
