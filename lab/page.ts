import { readFileSync } from "node:fs";

/**
 * The shell lines of a page of the documentation, by the heading they stand under, so that what a test runs is what people are told. Only
 * blocks marked `sh` count.
 * @throws Error when a heading has two of them.
 */
export function linesOf(path: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let heading = "";
  let block: string[] | null = null;
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (block !== null) {
      if (line === "```") {
        if (found.has(heading)) throw new Error(`${path}: two blocks under "${heading}"`);
        found.set(heading, `${block.join("\n")}\n`);
        block = null;
      } else block.push(line);
    } else if (line === "```sh") block = [];
    else heading = /^##+ (.*)$/.exec(line)?.[1] ?? heading;
  }
  return found;
}

/** @throws Error when the text is not there, so that a test notices when the page has changed. */
export function replaced(text: string, what: string, by: string): string {
  if (!text.includes(what)) throw new Error(`There is no "${what}" any more in:\n${text}`);
  return text.replaceAll(what, by);
}
