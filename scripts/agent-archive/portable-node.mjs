// A Node that runs on other machines too. A distribution's may be a small program around libnode.so, which hosts do not have (Debian 13's
// is); then the official build is taken from its npm package, once, and checked against the hash known here.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

const SELF_CONTAINED_NODE_BYTES = 40_000_000;
/** Of the packages `node-linux-<arch>`, whose maker repacks nodejs.org's builds. Hashes of the packed files, sha512 in base64. */
export const OFFICIAL = {
  version: "20.20.2",
  sha512: {
    x64: "PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==",
    arm64: "LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==",
  },
};

/**
 * @param {{ node?: string, cache: string, arch?: string, fetch?: (name: string, folder: string) => void, sha512?: Record<string, string> }} options
 *   `cache`: where a fetched one is kept; `fetch` puts the package's file into the folder (npm, unless a test says otherwise).
 * @returns {{ path: string, version: string }} `version` as Node writes it, with its "v".
 * @throws Error with a sentence that says what to do.
 */
export function portableNode({ node = process.execPath, cache, arch = process.arch, fetch = packByNpm, sha512 = OFFICIAL.sha512 }) {
  if (statSync(node).size >= SELF_CONTAINED_NODE_BYTES) return { path: node, version: process.version };
  const version = `v${OFFICIAL.version}`;
  const name = `node-linux-${arch}@${OFFICIAL.version}`;
  const kept = join(cache, name.replace("@", "-"));
  const path = join(kept, "bin/node");
  if (existsSync(path)) return { path, version };
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "part-"));
  try {
    fetch(name, folder);
    const file = readdirSync(folder).find((entry) => entry.endsWith(".tgz"));
    if (file === undefined) throw new Error("npm left no file");
    const found = createHash("sha512")
      .update(readFileSync(join(folder, file)))
      .digest("base64");
    if (found !== sha512[arch]) throw new Error(`${name} has another hash than the one known`);
    execFileSync("tar", ["-xzf", join(folder, file), "-C", folder, "package/bin/node", "package/LICENSE"], { stdio: "pipe" });
    renameSync(join(folder, "package"), kept);
    return { path, version };
  } catch (error) {
    throw new Error(
      `The Node at ${node} needs libraries of this machine, so it cannot travel to hosts, and ${name} could not be had in its place: ${lastLine(error)}. Check the network and start again, or run Indium with Node from nodejs.org or NodeSource.`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function packByNpm(name, folder) {
  execFileSync("npm", ["pack", name, "--pack-destination", folder, "--loglevel=error"], { stdio: "pipe", timeout: 300_000 });
}

function lastLine(error) {
  const words = error instanceof Error && "stderr" in error ? String(error.stderr) : error instanceof Error ? error.message : String(error);
  return (words.trim().split("\n").at(-1) ?? "").slice(0, 300);
}
