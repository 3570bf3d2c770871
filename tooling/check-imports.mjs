// The house's import rules (docs/architecture.md, "Who may import whom"), read off the source's own import statements.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** @typedef {{ file: string; specifier: string; typeOnly: boolean; line: number }} Import */

const IMPORT = /^[ \t]*(?:import|export)\s+(type\s+)?(?:[^"'`;]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;

/** @param {string} file @param {string} source @returns {Import[]} */
export function importsOf(file, source) {
  return [...source.matchAll(IMPORT)].map((match) => ({
    file,
    specifier: match[2] ?? match[3] ?? "",
    typeOnly: match[1] !== undefined,
    line: source.slice(0, match.index).split("\n").length,
  }));
}

/** Where a specifier leads inside the repository ("packages/contract/src/ids"), or null for a package from outside. */
function target(file, specifier) {
  if (specifier.startsWith(".")) return normalize(join(dirname(file), specifier));
  if (specifier.startsWith("@/")) return `apps/web/src/${specifier.slice(2)}`;
  const own = /^@indium\/(contract|domain|tunnel)\/(.+)$/.exec(specifier);
  if (own) return `packages/${own[1]}/src/${own[2]}`;
  const app = /^@indium\/(agent|web|relay)(?:\/(.+))?$/.exec(specifier);
  if (app) return `apps/${app[1]}/src/${app[2] ?? ""}`;
  return null;
}

const within = (path, ...folders) => folders.some((folder) => path.startsWith(`${folder}/`));
const PURE_NODE = /^node:/;

/**
 * @param {Import} one
 * @returns {string | null} the broken rule in words
 */
export function violation(one) {
  const { file, specifier, typeOnly } = one;
  const to = target(file, specifier);
  const test = /\.test\.tsx?$/.test(file) || file.includes("/test-");
  if (within(file, "packages/contract/src/plain") && (to === null || !within(to, "packages/contract/src/plain")))
    return "contract/plain imports nothing: pages that validate nothing carry no zod";
  if (within(file, "packages/contract")) {
    if (test && specifier === "vitest") return null;
    if (to !== null ? !within(to, "packages/contract") : specifier !== "zod") return "contract imports zod only";
  }
  if (within(file, "packages/domain")) {
    if (test && (specifier === "vitest" || PURE_NODE.test(specifier))) return null;
    if (to === null || !within(to, "packages/domain", "packages/contract")) return "domain imports contract only";
  }
  if (within(file, "packages/tunnel") && to !== null && !within(to, "packages/tunnel", "packages/contract"))
    return "tunnel imports contract only";
  const app = /^apps\/(agent|web|relay)\//.exec(file)?.[1];
  const toApp = to === null ? undefined : /^apps\/(agent|web|relay)\//.exec(to)?.[1];
  if (app && toApp && app !== toApp && !test) {
    if (!(app === "web" && typeOnly && specifier === "@indium/agent/router-type"))
      return "apps never import each other (web may import the type of @indium/agent/router-type)";
  }
  if (file.startsWith("packages/") && toApp) return "packages never import apps";
  if (
    within(file, "apps/web/src/features") &&
    to !== null &&
    within(to, "apps/web/src/server") &&
    !(typeOnly && to === "apps/web/src/server/api/root")
  )
    return "features import ui, lib, packages and the API's type only, never server/";
  if (within(file, "apps/web/src/ui")) {
    if (to !== null && !within(to, "apps/web/src/ui", "apps/web/src/lib/i18n"))
      return "ui/ imports nothing of ours but the language of the page";
    if (/^(@trpc|next\/navigation|next\/router)/.test(specifier)) return "ui/ knows no router and no tRPC";
  }
  if (
    to !== null &&
    within(to, "apps/web/src/generated") &&
    !within(file, "apps/web/src/server/services", "apps/web/src/generated") &&
    !test
  ) {
    if (file !== "apps/web/src/server/db.ts") return "Prisma's types stop at server/services/";
  }
  if (
    /^(node:)?child_process$/.test(specifier) &&
    within(file, "apps") &&
    !test &&
    !within(file, "apps/agent/src/system", "apps/relay/src/system")
  )
    return "only the agent's and the relay's system/ run processes";
  return null;
}

/** A file that only passes on what others export hides where code lives. */
export function isBarrel(source) {
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "").trim();
  return (
    code !== "" &&
    code
      .split(";")
      .every((statement) => statement.trim() === "" || /^export\s+(type\s+)?(\*|\{[^}]*\})\s*(as\s+\w+\s*)?from\s/.test(statement.trim()))
  );
}

export function check(root) {
  const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "apps", "packages"], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter((file) => /\.tsx?$/.test(file) && !file.includes("/generated/") && existsSync(join(root, file)));
  const problems = [];
  for (const file of files) {
    const source = readFileSync(join(root, file), "utf8");
    if (isBarrel(source)) problems.push(`${file}:1 is a barrel; import the files themselves`);
    for (const one of importsOf(file, source)) {
      const rule = violation(one);
      if (rule) problems.push(`${file}:${one.line} imports ${one.specifier}: ${rule}`);
    }
  }
  return { files: files.length, problems };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files, problems } = check(join(dirname(fileURLToPath(import.meta.url)), ".."));
  for (const problem of problems) console.error(problem);
  console.log(`${files} files, ${problems.length} broken import rules`);
  process.exit(problems.length === 0 ? 0 : 1);
}
