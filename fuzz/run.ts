import { inputAt } from "./mutate";
import { superviseFuzz, type TargetResult } from "./supervise";

/** `npm run fuzz`: every parser on the wire, or one, for so long; docs/fuzz.md says what is looked for. */
const USAGE = `npm run fuzz -- [target …] [--seconds N for each] [--seed N]
  npm run fuzz -- --list
  npm run fuzz -- <target> --seed N --at N   one input of a run again
  npm run fuzz -- <target> --hex …           any one input`;

const { TARGETS } = await import("./all-targets");
const args = process.argv.slice(2);
const option = (name: string): string | null => {
  const at = args.indexOf(name);
  if (at === -1) return null;
  const [, value] = args.splice(at, 2);
  if (value === undefined) fail(`${name} wants a value.`);
  return value ?? null;
};
const number = (name: string): number | null => {
  const text = option(name);
  if (text === null) return null;
  if (!/^\d{1,9}$/.test(text)) fail(`${name} wants a number.`);
  return Number(text);
};
function fail(words: string): never {
  console.error(`${words}\n${USAGE}`);
  process.exit(2);
}

if (args.includes("--help")) {
  console.log(USAGE);
  process.exit(0);
}
if (args.includes("--list")) {
  console.log(TARGETS.map(({ name }) => name).join("\n"));
  process.exit(0);
}
const seed = number("--seed") ?? Math.floor(Date.now() / 1_000) % 1_000_000_000;
const seconds = number("--seconds") ?? 10;
const at = number("--at");
let hex = option("--hex");
const unknown = args.find((name) => !TARGETS.some((target) => target.name === name));
if (unknown !== undefined) fail(`There is no target "${unknown}".`);
const names = args.length > 0 ? args : TARGETS.map(({ name }) => name);
if ((at !== null || hex !== null) && names.length !== 1) fail("One input is one target's.");
if (at !== null) hex = inputAt(TARGETS.find(({ name }) => name === names[0]) ?? fail("There is no such target."), seed, at).toString("hex");

console.log(hex === null ? `seed ${seed}, ${seconds} s for each of ${names.length} targets` : `one input of ${hex.length / 2} bytes`);
const results = await superviseFuzz({ names, broken: false, seed, count: null, seconds, hex }, show);
const failed = results.filter(({ failure }) => failure !== null).length;
const tried = results.reduce((sum, result) => sum + result.tried, 0);
console.log(`${tried} inputs, ${results.length} targets, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

function show({ name, tried: count, tookMs, failure }: TargetResult): void {
  if (failure === null) {
    console.log(`✓ ${name}: ${count} inputs${tookMs > 0 ? `, ${Math.round((count / tookMs) * 1_000)} a second` : ""}`);
    return;
  }
  const target = TARGETS.find((each) => each.name === name);
  const input = hex ?? (target === undefined ? "" : inputAt(target, failure.seed, failure.at).toString("hex"));
  console.log(`✗ ${name}, input ${failure.at} of seed ${failure.seed}: ${failure.why}`);
  console.log(`  ${input}`);
  console.log(`  Again: npm run fuzz -- ${name} ${failure.at < 0 ? `--hex ${input}` : `--seed ${failure.seed} --at ${failure.at}`}`);
}
