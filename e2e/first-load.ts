import { gzipSync } from "node:zlib";

/** The goal for every page but a console's: what its document names of script, gzipped. React and Next's router are 132 kB of it. */
export const FIRST_LOAD_GOAL_KB = 200;
/** Where less than the goal was reached: what it was, and a little. The first that fits counts. Only ever lowered. */
const BUDGETS: readonly (readonly [path: RegExp, kilobytes: number])[] = [
  [/^\/(setup\?|invite\/)/, 182],
  [/^\/(networks|security-groups.*|ssh-keys|sizes|audit|settings.*|hosts\/new)$/, 196],
];

/** @param path below the organization's own, which is `/` */
export function firstLoadBudget(path: string): number {
  return BUDGETS.find(([pattern]) => pattern.test(path))?.[1] ?? FIRST_LOAD_GOAL_KB;
}

/** The scripts that a page's own document names, in bytes as gzip leaves them. */
export async function firstLoadBytes(html: string, origin: string): Promise<number> {
  const named = new Set<string>();
  for (const [tag, source = ""] of html.matchAll(/<script[^>]+src="([^"]+\.js[^"]*)"[^>]*>/g)) {
    // For browsers of before 2018, which alone load it.
    if (!/\bnomodule\b/i.test(tag)) named.add(new URL(source, origin).href);
  }
  const sizes = await Promise.all([...named].map(compressedSize));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function compressedSize(address: string): Promise<number> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}`);
  return gzipSync(Buffer.from(await answer.arrayBuffer())).length;
}
