import assert from "node:assert/strict";
import { after, before, describe as nodeDescribe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { format, isDeepStrictEqual } from "node:util";

/**
 * Stands in for vitest where an integration test of the product runs in the lab's machine, which has the agent's Node and nothing else
 * (`Machine.runInside` puts it in its place). It has what those tests use of vitest; a test that asks for more ends with "is not a function".
 */
type Body = () => unknown;
type Suite = (name: string, body: Body) => void;

const suite = (skip: boolean) =>
  Object.assign(((name, body) => void nodeDescribe(name, { skip }, () => void body())) satisfies Suite, {
    each:
      <Row extends readonly unknown[]>(rows: readonly Row[]) =>
      (name: string, body: (...row: Row) => void) => {
        // vitest's %s takes as many of the row's values as the name has places for.
        const places = name.match(/%s/g)?.length ?? 0;
        for (const row of rows) void nodeDescribe(format(name, ...row.slice(0, places)), { skip }, () => body(...row));
      },
  });
export const describe = Object.assign(suite(false), { skipIf: suite });
export const it = (name: string, body: Body): void => void test(name, async () => void (await body()));
export const beforeAll = (body: Body): void => before(async () => void (await body()));
export const afterAll = (body: Body): void => after(async () => void (await body()));

const matchers = (actual: unknown, message?: string) => {
  const said = (what: string) => `${message === undefined ? "" : `${message}: `}${what}; it is ${JSON.stringify(actual)}`;
  const holds = (yes: boolean) => {
    const claim = (held: boolean, what: string) => assert.ok(held === yes, said(`it was to ${yes ? "" : "not "}${what}`));
    return {
      toBe: (wanted: unknown) => claim(Object.is(actual, wanted), `be ${JSON.stringify(wanted)}`),
      toEqual: (wanted: unknown) => claim(isDeepStrictEqual(actual, wanted), `equal ${JSON.stringify(wanted)}`),
      toContain: (part: unknown) =>
        claim(typeof actual === "string" ? actual.includes(String(part)) : (actual as unknown[]).includes(part), `contain ${String(part)}`),
      toMatch: (pattern: RegExp) => claim(pattern.test(String(actual)), `match ${String(pattern)}`),
      toBeGreaterThan: (least: number) => claim(Number(actual) > least, `be more than ${least}`),
      toBeGreaterThanOrEqual: (least: number) => claim(Number(actual) >= least, `be at least ${least}`),
    };
  };
  return { ...holds(true), not: holds(false) };
};

/** Asks until it is what it was to be. @throws the last disappointment. */
const poll = (ask: () => unknown, options: { timeout: number }) => ({
  async toBe(wanted: unknown): Promise<void> {
    const deadline = Date.now() + options.timeout;
    for (;;) {
      const actual = await ask();
      if (Object.is(actual, wanted)) return;
      if (Date.now() > deadline) return matchers(actual).toBe(wanted);
      await sleep(50);
    }
  },
});

export const expect = Object.assign(matchers, { poll });
