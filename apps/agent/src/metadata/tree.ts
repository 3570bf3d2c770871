/** A directory of text files, as EC2 and DigitalOcean lay their metadata out. */
export type Tree = { readonly [name: string]: string | Tree };

/** The file, or the directory's listing: its entries, those that are directories with a slash behind them. Null: neither. */
export function walk(tree: Tree, path: readonly string[]): string | null {
  let at: string | Tree = tree;
  for (const part of path) {
    if (typeof at === "string" || !Object.hasOwn(at, part)) return null;
    const next: string | Tree | undefined = at[part];
    if (next === undefined) return null;
    at = next;
  }
  if (typeof at === "string") return at;
  return Object.entries(at)
    .map(([name, value]) => (typeof value === "string" ? name : `${name}/`))
    .join("\n");
}
