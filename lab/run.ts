import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildAll } from "../scripts/build";
import { buildGuestImage, LAB_IMAGE, TINY } from "../scripts/guest-images";
import { runInOwnNamespace } from "../scripts/own-namespace";
import { unmountImages, whyNoContainers, withPodman } from "./containers";
import { linesOf } from "./page";

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
const why = whyNoContainers();
const chosen = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));
if (why !== null) console.log(`! The container images are left out: ${why}`);
else if (chosen.length === 0 || chosen.some((arg) => arg.includes("containers"))) {
  process.env.INDIUM_LAB_CONTAINERS = "1";
  process.env.INDIUM_LAB_OUTER = String(process.pid);
  const began = performance.now();
  console.log("• Building container images…");
  await buildContainers();
  console.log(`✓ container images (${Math.round((performance.now() - began) / 1000)} s)`);
}
const status = await runInOwnNamespace("indium-lab", join(root, "lab/cable.ts"), process.argv.slice(2), root);
if (process.env.INDIUM_LAB_CONTAINERS === "1") await unmountImages();
process.exit(status);

/** As docs/operations/containers.md says; only here is there a network for apt and npm. What has not changed is taken from the time before. */
async function buildContainers(): Promise<void> {
  const page = linesOf(join(root, "docs/operations/containers.md"));
  const lines = (heading: string): string => {
    const found = page.get(heading);
    if (found === undefined) throw new Error(`docs/operations/containers.md has no block under "${heading}"`);
    return found;
  };
  const base = await withPodman("podman image exists localhost/debian:trixie && echo made || true");
  if (base !== "made") await withPodman(lines("A base without a registry"), {}, 900_000);
  await withPodman(lines("Build"), { BASE: "localhost/debian:trixie" }, 3_600_000);
}
