import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildGuestImage, GUEST_IMAGES, type GuestImage, isBuilt } from "../guest-images";
import { admin } from "./admin";
import { say } from "./say";
import type { Settings } from "./settings";

const PROGRESS_EVERY_MS = 3_000;

/**
 * In the background, once per installation: makes the guest images and gives them to web, which stores them by hash.
 * What goes wrong is shown on the image's own page, with the recipe's words; Indium runs on.
 */
export async function buildGuestImages(options: { settings: Settings; env: NodeJS.ProcessEnv; signal: AbortSignal }): Promise<void> {
  const { settings, env, signal } = options;
  for (const image of GUEST_IMAGES) {
    if (signal.aborted) return;
    try {
      await provide(image, settings, env, signal);
    } catch (error) {
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      say.note(`${image.name} could not be built; everything else works. ${message}`);
      await admin(env, ["image-progress", "--slug", image.slug, "--state", "failed", "--message", message.slice(0, 2_000)]).catch(() => {});
    }
  }
}

async function provide(image: GuestImage, settings: Settings, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const stamp = join(settings.stateDir, `guest-${image.slug}.json`);
  if (existsSync(stamp)) {
    const { blob } = JSON.parse(readFileSync(stamp, "utf8"));
    if (typeof blob === "string" && existsSync(join(settings.stateDir, "blobs", blob))) return;
  }
  if (!isBuilt(image) && !settings.isRoot) {
    await admin(env, [
      "image-progress",
      "--slug",
      image.slug,
      "--state",
      "failed",
      "--message",
      "Building it needs root: start Indium with sudo once, or use an image from the catalogue.",
    ]);
    return;
  }
  if (!isBuilt(image) && image.slug === "debian-12-built" && !settings.buildDebian) {
    await admin(env, [
      "image-progress",
      "--slug",
      image.slug,
      "--state",
      "failed",
      "--message",
      "Its build was switched off for this start (--no-debian-image). Start without it to have the image.",
    ]);
    return;
  }
  let reported = 0;
  let reporting: Promise<unknown> = Promise.resolve();
  const started = performance.now();
  const path = await buildGuestImage(image, {
    signal,
    onProgress: ({ done, total, message }) => {
      if (Date.now() - reported < PROGRESS_EVERY_MS) return;
      reported = Date.now();
      reporting = reporting.then(() =>
        admin(env, [
          "image-progress",
          "--slug",
          image.slug,
          "--state",
          "building",
          "--message",
          message,
          "--done",
          String(done),
          "--total",
          String(total),
        ]).catch(() => {}),
      );
    },
  });
  await reporting;
  const registered = await admin(env, ["image-register", "--slug", image.slug, "--file", path]);
  if (typeof registered.sha256 !== "string") throw new Error("web did not take the image");
  writeFileSync(stamp, JSON.stringify({ blob: registered.sha256 }));
  say.done(`${image.name} is ready to be used (${Math.round((performance.now() - started) / 1000)} s)`);
}
