import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildAll } from "../scripts/build";
import { buildGuestImage, LAB_IMAGE, TINY } from "../scripts/guest-images";
import { runInOwnNamespace } from "../scripts/own-namespace";

/**
 * The lab's outer half (docs/lab.md): makes its image, then a network namespace of its own, so that the centre, the lab's machine and every
 * packet between them stay off this machine's network, and runs the inner half in it.
 */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");

const missing = [
  process.getuid?.() === 0 ? null : "root",
  existsSync("/usr/bin/qemu-system-x86_64") ? null : "QEMU",
  existsSync("/usr/sbin/nft") ? null : "nftables",
  existsSync("/usr/bin/ssh") ? null : "openssh-client",
].filter((name) => name !== null);
if (missing.length > 0) {
  console.error(
    `The lab boots a machine of its own and needs ${missing.join(", ")}. Run it as root on Debian or Ubuntu: sudo npm test -- lab`,
  );
  process.exit(1);
}

for (const image of [TINY, LAB_IMAGE]) {
  const started = performance.now();
  let said = "";
  await buildGuestImage(image, {
    onProgress: ({ message }) => {
      if (message !== said) console.log(`  ${image.name}: ${message}`);
      said = message;
    },
  });
  console.log(`✓ ${image.name} image (${Math.round((performance.now() - started) / 1000)} s)`);
}
await buildAll({ web: true, onStart: (part) => console.log(`• Building ${part}…`) });
process.exit(await runInOwnNamespace("indium-lab", join(root, "lab/cable.ts"), process.argv.slice(2), root));
