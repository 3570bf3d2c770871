// `npm run skew:record`: keeps today's agent, with simulated VMs, as what hosts run once the protocol goes on (docs/protocol.md, "Versions"). One bundled,
// minified file with the licences of what is in it; run it on a commit that is on main, before PROTOCOL_VERSION is raised.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { packageLicences } from "../scripts/agent-archive/build.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..");
const SOURCES = ["apps/agent", "packages", "package-lock.json"];

const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
if (git("status", "--porcelain", "--", ...SOURCES) !== "") {
  console.error("The agent's sources differ from the last commit: what is recorded must be one that others can find.");
  process.exit(1);
}
const protocol = Number(/PROTOCOL_VERSION = (\d+);/.exec(readFileSync(join(root, "packages/contract/src/protocol.ts"), "utf8"))?.[1]);
if (!Number.isInteger(protocol)) throw new Error("PROTOCOL_VERSION was not found.");

const { outputFiles, metafile } = await build({
  entryPoints: [join(root, "apps/agent/src/bin/agent-simulated.ts")],
  bundle: true,
  minify: true,
  platform: "node",
  target: "node20",
  format: "esm",
  write: false,
  metafile: true,
  outfile: "agent.mjs",
  legalComments: "none",
  logLevel: "error",
  absWorkingDir: root,
  external: ["bufferutil", "utf-8-validate"],
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
});
const code = outputFiles[0].text;
const folder = join(here, `agent-v${protocol}`);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "agent.mjs"), code);
writeFileSync(join(folder, "LICENSES"), packageLicences(Object.keys(metafile.inputs)));
const about = {
  protocol,
  commit: git("rev-parse", "HEAD"),
  committedAt: git("show", "-s", "--format=%cI", "HEAD"),
  sha256: createHash("sha256").update(code).digest("hex"),
  minified: true,
};
writeFileSync(join(folder, "recorded.json"), `${JSON.stringify(about, null, 2)}\n`);
console.log(`agent of protocol ${protocol}, ${(code.length / 1e6).toFixed(2)} MB, from ${about.commit.slice(0, 10)}`);
