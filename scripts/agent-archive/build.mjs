// Builds the agent's archive: one bundle, a Node (this machine's, where it can travel), the wrapper, the systemd unit, licences. Served
// by web to hosts, which need neither Node nor a registry. Its version is package.json's and a hash of what is in it, so that an upgrade shows; the same
// content gives the same bytes.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createGzip } from "node:zlib";
import { build } from "esbuild";
import { portableNode } from "./portable-node.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const ARCHITECTURES = { x64: "x86_64", arm64: "aarch64" };
/** What the bundle says of its version until its hash, and so its version, is known. */
const PLACEHOLDER = "0.0.0-version-of-this-archive";

export class ArchiveError extends Error {}

async function bundleAgent(entry) {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    write: false,
    metafile: true,
    outfile: "agent.mjs",
    logLevel: "error",
    absWorkingDir: root,
    external: ["bufferutil", "utf-8-validate"],
    // Some dependencies are CommonJS and call require() for Node's own modules.
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    plugins: [
      {
        name: "version",
        setup(setup) {
          setup.onLoad({ filter: /apps[\\/]agent[\\/]package\.json$/ }, () => ({
            contents: JSON.stringify({ version: PLACEHOLDER }),
            loader: "json",
          }));
        },
      },
    ],
  });
  return { code: result.outputFiles[0].text, legal: packageLicences(Object.keys(result.metafile.inputs)) };
}

/** The licences of the npm packages that the bundle took something from, each with its text. */
export function packageLicences(inputs) {
  const folders = new Set(
    inputs.map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]).filter((folder) => folder !== undefined),
  );
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
      const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? "" : `\n${readFileSync(join(root, folder, file), "utf8").trim()}\n`;
      return `== ${name} ${version} (${license ?? "see its text"})\n${text}`;
    })
    .join("\n");
}

const sha256 = async (path) => {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
};

/** Node's own licence, beside the binary or where Debian and NodeSource put it. */
function nodeLicence(node) {
  for (const path of [join(dirname(node), "../LICENSE"), "/usr/share/doc/nodejs/LICENSE", "/usr/share/doc/nodejs/copyright"])
    if (existsSync(path)) return readFileSync(path, "utf8");
  return "";
}

function notice(nodeVersion, legal) {
  return `Indium agent. Copyright the Indium authors; Apache License 2.0.

This archive carries Node.js ${nodeVersion} (bin/node), under the MIT licence and those of its parts: see LICENSE.node, or
https://github.com/nodejs/node/blob/${nodeVersion}/LICENSE. The bundle (lib/agent.mjs) carries npm packages under the licences below.

${legal}`;
}

/** Packs `folder` so that the same files give the same bytes. */
async function pack(folder, destination) {
  const tar = spawn(
    "tar",
    ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--format=ustar", "-C", folder, "-cf", "-", "."],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise((done, fail) => {
    tar.on("error", (error) => fail(new ArchiveError(`tar could not be started: ${error.message}. Install it: apt-get install tar`)));
    tar.on("close", (code) => (code === 0 ? done() : fail(new ArchiveError(`tar ended with ${code}.`))));
  });
  await Promise.all([pipeline(tar.stdout, createGzip({ level: 6 }), createWriteStream(destination)), ended]);
}

function carriedNode(node, cache) {
  try {
    return portableNode({ node, cache });
  } catch (error) {
    throw new ArchiveError(error.message);
  }
}

/** @returns the manifest, and whether anything was built. @throws ArchiveError with a sentence. */
export async function buildAgentArchive({
  dist = join(root, "dist"),
  entry = join(root, "apps/agent/src/bin/agent.ts"),
  node = process.execPath,
} = {}) {
  const arch = ARCHITECTURES[process.arch];
  if (arch === undefined) throw new ArchiveError(`There is no agent for ${process.arch}. Build on x86-64 or arm64.`);
  if (!existsSync(entry)) throw new ArchiveError(`The agent's source ${entry} is missing.`);
  const carried = carriedNode(node, join(dist, "cache"));

  // Always fresh: it is a copy with two values filled in by web.
  mkdirSync(join(dist, "agent"), { recursive: true });
  copyFileSync(join(root, "image/install/install.sh"), join(dist, "install.sh"));

  const unit = readFileSync(join(root, "image/install/indium-agent.service"), "utf8");
  const wrapper = readFileSync(join(here, "indium-agent.sh"), "utf8");
  const { code, legal } = await bundleAgent(entry);
  const base = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
  const content = createHash("sha256");
  for (const part of [base, arch, carried.version, await sha256(carried.path), unit, wrapper, code, legal])
    content.update(part).update("\0");
  const version = `${base}-${content.digest("hex").slice(0, 10)}`;

  const manifestPath = join(dist, "agent/agent.json");
  const file = `agent-${version}-${arch}.tar.gz`;
  const known = existsSync(manifestPath) ? JSON.parse(readFileSync(manifestPath, "utf8")) : null;
  const path = join(dist, "agent", file);
  if (known?.file === file && existsSync(path) && statSync(path).size === known.sizeBytes) return { manifest: known, built: false };

  const folder = mkdtempSync(join(tmpdir(), "indium-agent-"));
  try {
    const put = (name, text, mode = 0o644) => {
      mkdirSync(join(folder, dirname(name)), { recursive: true });
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), mode);
    };
    put("lib/agent.mjs", code.replaceAll(PLACEHOLDER, version));
    put("bin/indium-agent", wrapper, 0o755);
    put("systemd/indium-agent.service", unit);
    put("VERSION", `${version}\n`);
    put("NOTICE", notice(carried.version, legal));
    const licence = nodeLicence(carried.path);
    if (licence !== "") put("LICENSE.node", licence);
    if (existsSync(join(root, "LICENSE"))) put("LICENSE", readFileSync(join(root, "LICENSE"), "utf8"));
    copyFileSync(carried.path, join(folder, "bin/node"));
    chmodSync(join(folder, "bin/node"), 0o755);
    for (const name of ["", "bin", "lib", "systemd"]) chmodSync(join(folder, name), 0o755);

    const said = execFileSync(join(folder, "bin/indium-agent"), ["version"], { encoding: "utf8" }).trim();
    if (said !== version) throw new ArchiveError(`The packed agent says it is ${said}, not ${version}.`);

    const part = `${path}.part`;
    await pack(folder, part);
    const manifest = { version, arch, file, sha256: await sha256(part), sizeBytes: statSync(part).size, node: carried.version };
    renameSync(part, path);
    writeFileSync(`${manifestPath}.part`, `${JSON.stringify(manifest, null, 2)}\n`);
    renameSync(`${manifestPath}.part`, manifestPath);
    // The one before stays for a host that is downloading it now.
    for (const name of readdirSync(join(dist, "agent")))
      if (name.startsWith("agent-") && name !== file && name !== known?.file) rmSync(join(dist, "agent", name), { force: true });
    return { manifest, built: true };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { dist: { type: "string" } } });
  const started = performance.now();
  try {
    const { manifest, built } = await buildAgentArchive(values.dist === undefined ? {} : { dist: resolve(values.dist) });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${built ? "✓" : "="} agent ${manifest.version} (${(manifest.sizeBytes / 1e6).toFixed(1)} MB, ${seconds} s)`);
  } catch (error) {
    console.error(error instanceof ArchiveError ? `✗ The agent's archive is not built: ${error.message}` : error);
    process.exit(1);
  }
}
