// `npm test`: everything CI checks, on a fresh clone. Installs what is missing first, as `npm start` does.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureNodeModules } from "./launcher/node-modules.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
await ensureNodeModules(root);
const child = spawn(process.execPath, ["--import", "tsx", join(root, "scripts/test-main.ts"), ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
child.on("exit", (code) => process.exit(code ?? 1));
