import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startInstallation } from "./installation";
import { leftBehind } from "./left-behind";

/** The browser tests' inner half, in a network namespace of its own: a fresh installation, the journeys, and what is left afterwards. */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
const stateDir = mkdtempSync("/var/tmp/indium-e2e-");
const schema = join(root, "dist/guest/cloud-init-schema.json");
if (existsSync(schema)) copyFileSync(schema, join(stateDir, "cloud-init-schema.json"));
let code = 1;
try {
  const installation = await startInstallation(stateDir);
  console.log(`npm start was ready after ${installation.readySeconds.toFixed(1)} s`);
  code = await new Promise<number>((resolve) => {
    const child = spawn(join(root, "node_modules/.bin/playwright"), ["test", ...process.argv.slice(2)], {
      cwd: root,
      env: {
        ...process.env,
        PLAYWRIGHT_JSON_OUTPUT_NAME: join(root, "test-results/e2e.json"),
        E2E_STATE_DIR: stateDir,
        E2E_LAUNCHER_PID: String(installation.launcher.pid),
        E2E_SETUP_URL: installation.setupUrl ?? "",
        E2E_BASE_URL: installation.setupUrl ? new URL(installation.setupUrl).origin : "",
      },
      stdio: "inherit",
    });
    child.on("close", (status) => resolve(status ?? 1));
  });
  await installation.stop();
  const left = leftBehind(stateDir);
  if (left.length > 0) {
    console.error(`Left behind after the last instance was deleted and Indium stopped:\n  ${left.join("\n  ")}`);
    code = code || 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  if (code === 0 || process.env.CI) rmSync(stateDir, { recursive: true, force: true });
  else console.log(`The installation's state, with its logs, is kept in ${stateDir}`);
}
process.exit(code);
