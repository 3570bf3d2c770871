/** Short, friendly, and nothing one would not want to read out on the phone. */
// biome-ignore format: a word list
const ADJECTIVES = [
  "amber", "brave", "bright", "calm", "clear", "clever", "crisp", "eager", "fair", "gentle", "glad", "golden", "green", "happy", "keen",
  "kind", "light", "lively", "lucky", "mellow", "merry", "mild", "neat", "noble", "proud", "quick", "quiet", "rapid", "silver", "smart",
  "snowy", "steady", "sunny", "swift", "tidy", "warm", "wise", "witty",
] as const;
// biome-ignore format: a word list
const NOUNS = [
  "acorn", "badger", "beacon", "birch", "brook", "cedar", "cliff", "comet", "coral", "crane", "delta", "falcon", "fern", "finch", "fjord",
  "grove", "harbor", "hazel", "heron", "island", "juniper", "lagoon", "lark", "maple", "meadow", "otter", "pebble", "pine", "puffin",
  "raven", "reef", "river", "robin", "sparrow", "summit", "thistle", "tulip", "willow", "wren",
] as const;

/** `random` answers 0 ≤ x < 1. */
export function friendlyName(random: () => number): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? words[0] ?? "";
  return `${pick(ADJECTIVES)}-${pick(NOUNS)}`;
}

/** A friendly name that none of these has; after a few tries with a number behind it. */
export function freeName(taken: ReadonlySet<string>, random: () => number): string {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const name = friendlyName(random);
    if (!taken.has(name)) return name;
  }
  const base = friendlyName(random);
  let number = 2;
  while (taken.has(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}
