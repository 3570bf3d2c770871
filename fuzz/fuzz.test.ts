import { describe, expect, it } from "vitest";
import { TARGETS } from "./all-targets";
import { faultOf } from "./engine";
import { inputAt } from "./mutate";
import { superviseFuzz } from "./supervise";
import { BROKEN_TARGETS } from "./testing/broken-targets";

/** So many inputs for a target of share 1; `npm run fuzz` goes on from there for as long as one likes. */
const INPUTS = 500;
const SEED = 1;
const LIMIT_MS = 300_000;

describe("the fuzzer", () => {
  it("makes the same input again for the same seed and number", () => {
    for (const target of TARGETS) {
      for (const at of [0, 7, 99]) expect(inputAt(target, SEED, at).equals(inputAt(target, SEED, at)), `${target.name} ${at}`).toBe(true);
      expect(inputAt(target, SEED, 99).equals(inputAt(target, SEED + 1, 99)), target.name).toBe(false);
    }
  });

  it(
    "finds what is wrong with parsers that are broken on purpose",
    async () => {
      const names = BROKEN_TARGETS.map(({ name }) => name);
      const results = await superviseFuzz({ names, broken: true, seed: SEED, count: 2_000, seconds: null, stallMs: 3_000 });
      expect(Object.fromEntries(results.map(({ name, failure }) => [name, failure?.why.split("\n")[0]?.slice(0, 40)]))).toMatchObject({
        "broken-throws": expect.stringContaining("threw TypeError"),
        "broken-prototype": expect.stringContaining("another prototype"),
        "broken-grows": expect.stringMatching(/gave \d+ bytes/),
        "broken-hangs": expect.stringContaining("did not come back"),
        "broken-later": expect.stringContaining("left a rejection"),
        "broken-checked": "longer than it may be",
      });
      const thrown = results.find(({ name }) => name === "broken-throws");
      const [careless] = BROKEN_TARGETS;
      expect(await faultOf(careless!, inputAt(careless!, SEED, thrown?.failure?.at ?? -1))).toContain("threw TypeError");
    },
    LIMIT_MS,
  );
});

it(
  "parsers on the wire take anything: a value, or the error they declare",
  async () => {
    const results = await superviseFuzz({
      names: TARGETS.map(({ name }) => name),
      broken: false,
      seed: SEED,
      count: INPUTS,
      seconds: null,
    });
    expect(results).toHaveLength(TARGETS.length);
    const failures = results.flatMap(({ failure }) =>
      failure === null
        ? []
        : [`${failure.target}: ${failure.why}\nAgain: npm run fuzz -- ${failure.target} --seed ${SEED} --at ${failure.at}`],
    );
    expect(failures).toEqual([]);
  },
  LIMIT_MS,
);
