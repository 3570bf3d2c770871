import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGuestImage, GUEST_IMAGES } from "../scripts/guest-images";
import { provideCloudInitSchema } from "../scripts/launcher/cloud-init-schema";
import { runInOwnNamespace } from "../scripts/own-namespace";

/**
 * The browser tests' outer half: makes the guest images (this needs a Debian mirror), then a network namespace of their own, so that
 * bridges, NAT rules and every packet of `npm start` and its VMs stay off the machine's network, and runs the inner half in it.
 */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");

const missing = [
  process.getuid?.() === 0 ? null : "root",
  existsSync("/usr/bin/qemu-system-x86_64") ? null : "QEMU",
  existsSync("/usr/sbin/nft") ? null : "nftables",
  existsSync("/usr/bin/chromium") ? null : "Chromium",
].filter((name) => name !== null);
if (missing.length > 0) {
  console.error(`The browser tests drive real VMs and need ${missing.join(", ")}. Run them as root on Debian or Ubuntu: sudo npm run e2e`);
  process.exit(1);
}

for (const image of GUEST_IMAGES) {
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

// Kept beside the images, for the same reason: inside there is no mirror.
const schema = await provideCloudInitSchema(join(root, "dist/guest"), new AbortController().signal);
console.log(schema.state === "failed" ? `! no schema of cloud-init: ${schema.why}` : `✓ cloud-init's schema (${schema.version})`);

process.exit(await runInOwnNamespace("indium-e2e", join(root, "e2e/inside.ts"), process.argv.slice(2), root));
