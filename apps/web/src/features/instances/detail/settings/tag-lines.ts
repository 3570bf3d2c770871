/** Tags as people type them: one a line, `name` or `name: value`. */
export function tagLines(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => (value === "" ? name : `${name}: ${value}`))
    .join("\n");
}

/** The last of two with the same name wins, as the last line typed does. */
export function parseTagLines(text: string): Record<string, string> {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      return at === -1 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}
