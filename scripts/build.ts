import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { copyRuntimeModules } from "./runtime-modules";

/**
 * Builds what changed: bundles of relay, worker, admin and front, Next's standalone output, and the agent's archive.
 * Each part has a stamp, the hash of its inputs; an unchanged part costs only the hashing.
 */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
const dist = join(root, "dist");

/** What a build itself leaves among its inputs: counted, it would make the next start build once more. */
const MADE = new Set(["node_modules", ".next", "generated", "next-env.d.ts"]);
const COMMON = ["packages", "package-lock.json", "tsconfig.base.json", "scripts/build.ts"];

function* files(path: string): Generator<string> {
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (MADE.has(entry.name) || entry.name.startsWith(".")) continue;
    const full = join(path, entry.name);
    if (entry.isDirectory()) yield* files(full);
    else if (!entry.name.includes(".test.")) yield full;
  }
}

function hashOf(inputs: readonly string[]): string {
  const hash = createHash("sha256").update(process.versions.node);
  for (const input of inputs) {
    const full = join(root, input);
    if (!existsSync(full)) continue;
    const list = /\.[a-z]+$/.test(input) ? [full] : [...files(full)];
    for (const file of list) hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

/** Runs `work` unless `outputs` exist and were made from the same inputs. @returns whether it worked. */
async function whenChanged(
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  work: () => Promise<void>,
): Promise<boolean> {
  const stamp = join(dist, `.${name}.stamp`);
  const wanted = hashOf([...COMMON, ...inputs]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && outputs.every((output) => existsSync(join(root, output))))
    return false;
  rmSync(stamp, { force: true });
  await work();
  mkdirSync(dist, { recursive: true });
  writeFileSync(stamp, wanted);
  return true;
}

const BUNDLE: BuildOptions = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  sourcemap: "linked",
  logLevel: "error",
  absWorkingDir: root,
  // Some dependencies are CommonJS and call require() for Node's own modules.
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  // Native addons and packages that read their own files stay in node_modules.
  external: ["@node-rs/argon2", "pg-native", "graphile-worker", "bufferutil", "utf-8-validate"],
  tsconfig: join(root, "tsconfig.base.json"),
  alias: { "@": join(root, "apps/web/src") },
};

function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env, cwd = root): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`${[file, ...args].map((part) => part.replace(`${root}/`, "")).join(" ")} failed:\n${output.trim()}`)),
    );
  });
}

export interface BuildReport {
  readonly built: readonly string[];
}

/** `web: false` leaves Next alone (its dev server compiles by itself). */
export async function buildAll(
  options: { web: boolean; only?: readonly string[]; onStart?: (part: string) => void } = { web: true },
): Promise<BuildReport> {
  const built: string[] = [];
  const part = async (name: string, inputs: readonly string[], outputs: readonly string[], work: () => Promise<void>) => {
    if (options.only && !options.only.includes(name)) return;
    const did = await whenChanged(name, inputs, outputs, async () => {
      options.onStart?.(name);
      await work();
    });
    if (did) built.push(name);
  };
  const generated = join(root, "apps/web/src/generated/prisma/client.ts");
  await part("prisma", ["prisma/schema.prisma", "prisma.config.ts"], [relative(root, generated)], () =>
    run(process.execPath, [join(root, "node_modules/prisma/build/index.js"), "generate"]),
  );
  await part("relay", ["apps/relay/src"], ["dist/relay/main.js"], async () => {
    await build({ ...BUNDLE, entryPoints: ["apps/relay/src/main.ts"], outfile: "dist/relay/main.js" });
  });
  await part("server", ["apps/web/src", "prisma"], ["dist/web/worker.js", "dist/web/admin.js", "dist/web/front.js"], async () => {
    await build({
      ...BUNDLE,
      entryPoints: ["apps/web/src/worker.ts", "apps/web/src/admin.ts", "apps/web/src/front.ts"],
      outdir: "dist/web",
      splitting: true,
    });
  });
  await part(
    "runtime",
    ["scripts/runtime-modules.ts"],
    ["dist/node_modules/graphile-worker", "dist/node_modules/@node-rs/argon2"],
    async () => copyRuntimeModules(root, ["graphile-worker", "@node-rs/argon2"], join(dist, "node_modules")),
  );
  await part("agent-run", ["apps/agent/src"], ["dist/agent/run/agent.js", "dist/agent/run/agent-simulated.js"], async () => {
    await build({
      ...BUNDLE,
      entryPoints: ["apps/agent/src/bin/agent.ts", "apps/agent/src/bin/agent-simulated.ts"],
      outdir: "dist/agent/run",
      splitting: true,
    });
  });
  await part(
    "agent",
    ["apps/agent/src", "scripts/agent-archive", "image/install", "package.json"],
    ["dist/agent/agent.json", "dist/install.sh"],
    () => run(process.execPath, ["--import", "tsx", join(root, "scripts/agent-archive/build.mjs")]),
  );
  if (options.web)
    await part("next", ["apps/web", "prisma"], ["dist/next/apps/web/server.js"], async () => {
      const buildId = hashOf([...COMMON, "apps/web", "prisma"]).slice(0, 20);
      const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production", INDIUM_BUILD_ID: buildId };
      await run(process.execPath, [join(root, "node_modules/next/dist/bin/next"), "build"], env, join(root, "apps/web"));
      // Out of .next, which the dev server writes to as well.
      const target = join(dist, "next");
      rmSync(target, { recursive: true, force: true });
      renameSync(join(root, "apps/web/.next/standalone"), target);
      cpSync(join(root, "apps/web/.next/static"), join(target, "apps/web/.next/static"), { recursive: true });
      if (existsSync(join(root, "apps/web/public")))
        cpSync(join(root, "apps/web/public"), join(target, "apps/web/public"), { recursive: true });
    });
  return { built };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  const { built } = await buildAll({ web: true, onStart: (part) => console.log(`• ${part}`) });
  console.log(
    `${built.length === 0 ? "Nothing changed" : `Built ${built.join(", ")}`} (${((performance.now() - started) / 1000).toFixed(1)} s)`,
  );
}
