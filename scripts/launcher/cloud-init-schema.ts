import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * cloud-init's schema of cloud-config, out of Debian's package, for the user data editor. The package is neither installed nor kept: it is
 * downloaded into a folder of its own, unpacked there, and the folder removed. Nothing of this needs root. Web reads the file
 * (apps/web/src/server/services/cloud-config-schema.ts) and does without while it is missing.
 */
const FILE = "cloud-init-schema.json";
const INSIDE = "usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-cloud-config-v1.json";
const FRESH_MS = 30 * 86_400_000;
/** Twenty times what it is. */
const MOST_BYTES = 4 * 1024 * 1024;

export type SchemaOutcome =
  | { readonly state: "kept" | "new"; readonly version: string }
  | { readonly state: "failed"; readonly why: string };

/** Never throws: without the schema everything else works. A schema that is there already stays when no newer one can be had. */
export async function provideCloudInitSchema(stateDir: string, signal: AbortSignal, now = Date.now()): Promise<SchemaOutcome> {
  const file = join(stateDir, FILE);
  const kept = keptVersion(file);
  if (kept !== null && now - statSync(file).mtimeMs < FRESH_MS) return { state: "kept", version: kept };
  const folder = mkdtempSync(join(tmpdir(), "indium-cloud-init-"));
  try {
    const version = await fetchInto(folder, file, signal);
    return { state: "new", version };
  } catch (error) {
    if (kept !== null) return { state: "kept", version: kept };
    return { state: "failed", why: error instanceof Error ? error.message : String(error) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function keptVersion(file: string): string | null {
  try {
    const { version } = JSON.parse(readFileSync(file, "utf8"));
    return typeof version === "string" ? version : null;
  } catch {
    return null;
  }
}

async function fetchInto(folder: string, file: string, signal: AbortSignal): Promise<string> {
  const download = (options: readonly string[]) => run("apt-get", ["-q", ...options, "download", "cloud-init"], folder, signal);
  try {
    await download([]);
  } catch (first) {
    if (signal.aborted) throw first;
    // This machine's package lists are missing or old, and may be root's to refresh: take lists of our own.
    for (const name of ["state/lists/partial", "cache/archives/partial"]) mkdirSync(join(folder, name), { recursive: true });
    const own = [
      "-o",
      `Dir::State=${folder}/state`,
      "-o",
      "Dir::State::status=/var/lib/dpkg/status",
      "-o",
      `Dir::Cache=${folder}/cache`,
      "-o",
      "Debug::NoLocking=1",
    ];
    await run("apt-get", ["-q", ...own, "update"], folder, signal);
    await download(own);
  }
  const archive = readdirSync(folder).find((name) => name.endsWith(".deb"));
  if (archive === undefined) throw new Error("apt-get said that it downloaded cloud-init, and left no package.");
  const version = (await run("dpkg-deb", ["-f", archive, "Version"], folder, signal)).trim();
  await run("dpkg-deb", ["-x", archive, "x"], folder, signal);
  const found = join(folder, "x", INSIDE);
  if (statSync(found).size > MOST_BYTES) throw new Error(`The schema in cloud-init ${version} is larger than any schema is.`);
  const schema: unknown = JSON.parse(readFileSync(found, "utf8"));
  writeFileSync(`${file}.new`, JSON.stringify({ version, schema }));
  renameSync(`${file}.new`, file);
  return version;
}

/** @throws Error with the program's last words. */
function run(program: string, args: readonly string[], cwd: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, signal, timeout: 180_000, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let words = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-10_000);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-2_000);
    });
    child.on("error", (error) => reject(new Error(`${program} could not be run: ${error.message}`)));
    child.on("close", (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${program} ${args.at(-1) ?? ""} failed: ${words.trim().split("\n").at(-1) ?? ""}`)),
    );
  });
}
