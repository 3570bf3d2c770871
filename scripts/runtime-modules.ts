import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The packages that the bundles do not contain (native addons, and those that read their own files), with all that they need, beside the
 * bundles: `dist` then runs on a machine that has Node and nothing else.
 */
export function copyRuntimeModules(root: string, names: readonly string[], target: string): void {
  rmSync(target, { recursive: true, force: true });
  const copied = new Set<string>();
  const copy = (name: string, from: string, optional: boolean): void => {
    const folder = findPackage(name, from, root);
    if (folder === null) {
      if (optional) return;
      throw new Error(`${name}, which ${from} needs, is not installed. Run npm ci.`);
    }
    if (copied.has(folder)) return;
    copied.add(folder);
    // A version of its own stays where it is: inside the package that wants it, which was copied whole.
    const nested = folder.startsWith(`${from}/node_modules/`) && from !== root;
    if (!nested) cpSync(folder, join(target, name), { recursive: true, dereference: true });
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      dependencies?: Record<string, string>;
      optionalDependencies?: Record<string, string>;
    };
    for (const each of Object.keys(dependencies)) copy(each, folder, each in optionalDependencies);
    // Builds for other systems are not installed here.
    for (const each of Object.keys(optionalDependencies)) copy(each, folder, true);
  };
  for (const name of names) copy(name, root, false);
}

/** As Node looks for it: in `from`'s own node_modules, then in each folder above, up to the root's. */
function findPackage(name: string, from: string, root: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return found;
    if (folder === root || folder === dirname(folder)) return null;
  }
}
