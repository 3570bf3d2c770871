import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGuestImage, TINY } from "../scripts/guest-images";
import { runInOwnNamespace } from "../scripts/own-namespace";
import { readArguments, USAGE } from "./arguments";

/**
 * `npm run chaos`: kills -9 the parts of a whole installation at random points while instances are created, started, stopped, rebooted,
 * paused and deleted, and looks afterwards whether all is as it was asked for. Figures of long runs: docs/chaos.md.
 */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
const args = process.argv.slice(2);
if (args.includes("--help")) {
  console.log(USAGE);
  process.exit(0);
}
const isRoot = process.getuid?.() === 0;
const { mode, seed, kills } = readArguments(args, isRoot ? "real" : "simulated");
const inner = ["--seed", String(seed), "--kills", String(kills), `--${mode}`];
const missing = [
  isRoot ? null : "root",
  existsSync("/usr/bin/qemu-system-x86_64") ? null : "QEMU",
  existsSync("/usr/sbin/nft") ? null : "nftables",
].filter((name) => name !== null);
if (mode === "real" && missing.length > 0) {
  console.error(`Real VMs need ${missing.join(", ")}. Run it as root on Debian or Ubuntu, or with --simulated.`);
  process.exit(1);
}
if (mode === "real") await buildGuestImage(TINY);
const file = join(root, "chaos/inside.ts");
if (isRoot) process.exit(await runInOwnNamespace("indium-chaos", file, inner, root));
// Without a namespace of its own it keeps away from an installation that may run here.
const child = spawn(process.execPath, ["--import", "tsx", file, ...inner], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, CHAOS_PORT: "27780" },
});
child.on("close", (status) => process.exit(status ?? 1));
