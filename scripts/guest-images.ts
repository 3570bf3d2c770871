import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The guest images made from Debian's packages, kept in dist/guest and made again when their recipe changes. */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");

export interface GuestImage {
  readonly slug: string;
  readonly name: string;
  readonly script: string;
  /** Its recipe's folder below image/, and the folder below dist/ where it is kept. */
  readonly folder: "guest" | "lab";
}
export const TINY: GuestImage = { slug: "tiny", name: "Tiny", script: "build-tiny.sh", folder: "guest" };
export const GUEST_IMAGES: readonly GuestImage[] = [
  TINY,
  { slug: "debian-12-built", name: "Debian 12", script: "build-debian.sh", folder: "guest" },
];
/** No guest for users: the machine that tests run the agent in (docs/lab.md). */
export const LAB_IMAGE: GuestImage = { slug: "lab", name: "lab", script: "build-lab.sh", folder: "lab" };

export interface BuildProgress {
  readonly done: number;
  readonly total: number;
  readonly message: string;
}

export const guestImagePath = (image: GuestImage): string => join(root, "dist", image.folder, `${image.slug}.qcow2`);

function recipeHash(image: GuestImage): string {
  const hash = createHash("sha256");
  const recipes = join(root, "image", image.folder);
  for (const file of readdirSync(recipes, { recursive: true, encoding: "utf8" }).sort()) {
    const full = join(recipes, file);
    if (statSync(full).isFile() && !file.includes(".test.") && !file.endsWith(".md"))
      hash.update(file).update("\0").update(readFileSync(full));
  }
  // The lab's recipe stands on the guests' common half, and brings what install.sh would fetch.
  if (image.folder !== "guest") {
    hash.update(process.env.INDIUM_LAB_SYSTEM ?? "").update(readFileSync(join(root, "image/guest/common.sh")));
    hash.update(/^PACKAGES=.*$/m.exec(readFileSync(join(root, "image/install/install.sh"), "utf8"))?.[0] ?? "");
  }
  return hash.digest("hex");
}

export function isBuilt(image: GuestImage): boolean {
  const path = guestImagePath(image);
  return existsSync(path) && existsSync(`${path}.recipe`) && readFileSync(`${path}.recipe`, "utf8") === recipeHash(image);
}

/** A line of the recipes' progress: `PROGRESS <done> <total> <message>`. */
export function parseProgress(line: string): BuildProgress | null {
  const match = /^PROGRESS (\d+) (\d+) (.+)$/.exec(line);
  return match ? { done: Number(match[1]), total: Number(match[2]), message: match[3] ?? "" } : null;
}

/**
 * Builds one image at low priority. An unchanged one is left as it is.
 * @throws Error with the recipe's own last words.
 */
export function buildGuestImage(
  image: GuestImage,
  options: { signal?: AbortSignal; onProgress?: (progress: BuildProgress) => void } = {},
): Promise<string> {
  const path = guestImagePath(image);
  if (isBuilt(image)) return Promise.resolve(path);
  mkdirSync(join(root, "dist", image.folder), { recursive: true });
  // Finished under another name first: a build that was cut off must not look like an image.
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { force: true });
  return new Promise((resolve, reject) => {
    const child = spawn("nice", ["-n", "15", "bash", join(root, "image", image.folder, image.script), unfinished], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let rest = "";
    let tail = "";
    const read = (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-8_000);
      rest += chunk.toString();
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const progress = parseProgress(line);
        if (progress) options.onProgress?.(progress);
      }
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    // Its own process group, so that mmdebstrap's children end with it.
    const abort = () => {
      if (child.pid !== undefined)
        try {
          process.kill(-child.pid, "SIGTERM");
        } catch {
          // It has just ended by itself.
        }
    };
    options.signal?.addEventListener("abort", abort, { once: true });
    child.on("error", reject);
    child.on("close", (code) => {
      options.signal?.removeEventListener("abort", abort);
      if (code === 0 && existsSync(unfinished)) {
        renameSync(unfinished, path);
        writeFileSync(`${path}.recipe`, recipeHash(image));
        resolve(path);
        return;
      }
      rmSync(unfinished, { force: true });
      const words = tail
        .split("\n")
        .filter((line) => line.trim() !== "" && !line.startsWith("PROGRESS"))
        .slice(-6)
        .join("\n");
      reject(new Error(options.signal?.aborted ? "The build was stopped." : words || `The recipe ended with exit code ${code}.`));
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const image of GUEST_IMAGES) {
    const started = performance.now();
    const fresh = !isBuilt(image);
    await buildGuestImage(image, { onProgress: ({ done, total, message }) => console.log(`  ${image.name}: ${done}/${total} ${message}`) });
    console.log(
      `✓ ${image.name}: ${guestImagePath(image)} ${fresh ? `(${Math.round((performance.now() - started) / 1000)} s)` : "unchanged"}`,
    );
  }
}
