import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The lab's inner half, in its own network namespace: the cable between the centre and the lab's machine (192.0.2.0/24, RFC 5737's range
 * for examples), and the tests.
 */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
execFileSync("ip", ["-batch", "-"], {
  input: [
    "link add cable type bridge forward_delay 0 mcast_snooping 0",
    "addr add 192.0.2.1/24 dev cable",
    "link set cable up",
    "tuntap add machine mode tap",
    "link set machine master cable up",
  ].join("\n"),
});
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const child = spawn(process.execPath, [vitest, "run", "--config", join(root, "lab/vitest.config.ts"), ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
child.on("close", (status) => process.exit(status ?? 1));
