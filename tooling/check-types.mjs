// The compiler over every workspace, the scripts and the browser tests; all of it, also when one fails.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
let failed = 0;
for (const project of ["packages/contract", "packages/domain", "packages/tunnel", "apps/agent", "apps/relay", "apps/web", "."]) {
  const { status, stdout, stderr } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", join(root, project), "--noEmit"], {
    encoding: "utf8",
  });
  if (status !== 0) {
    failed++;
    console.error(`${project}:\n${stdout}${stderr}`);
  }
}
console.log(failed === 0 ? "types agree" : `${failed} projects do not compile`);
process.exit(failed === 0 ? 0 : 1);
