import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runSuite, type Suite, type SuiteReport } from "./suites";

const exits = (code: number) => [process.execPath, "-e", `process.exit(${code})`] as const;
const failure = (file: string) => ({ file, what: `${file}: does it`, how: "expected 1 to be 2" });
const counts = (passed: number, ...files: string[]): SuiteReport => ({
  passed,
  failed: files.length,
  skipped: [],
  failures: files.map(failure),
});
const suite = (first: SuiteReport, second: SuiteReport, code = 1): Suite => ({
  name: "some",
  command: exits(code),
  budgetSeconds: 10,
  report: () => first,
  secondTry: () => ({ command: exits(second.failed === 0 ? 0 : 1), report: () => second }),
});

describe("a suite of npm test", () => {
  beforeEach(() => {
    vi.spyOn(console, "log").mockImplementation(() => undefined);
    vi.spyOn(console, "error").mockImplementation(() => undefined);
  });
  afterEach(() => vi.restoreAllMocks());

  it("fails where a test fails twice, and names it", async () => {
    expect(await runSuite(suite(counts(5, "a"), counts(0, "a")), "/")).toMatchObject({
      passed: 5,
      failed: 1,
      failures: [{ file: "a" }],
      unsteady: [],
    });
  });

  it("passes where the few that failed pass by themselves, and names them", async () => {
    expect(await runSuite(suite(counts(5, "a", "b"), counts(9)), "/")).toMatchObject({
      passed: 7,
      failed: 0,
      failures: [],
      unsteady: [{ file: "a" }, { file: "b" }],
    });
  });

  it("gives many failures no second try", async () => {
    expect(await runSuite(suite(counts(5, "a", "b", "c", "d"), counts(9)), "/")).toMatchObject({ passed: 5, failed: 4, unsteady: [] });
  });

  it("fails where the runner fails with every test green, or ran none", async () => {
    expect(await runSuite(suite(counts(5), counts(9)), "/")).toMatchObject({ passed: 5, failed: 1 });
    expect(await runSuite(suite(counts(0), counts(9), 0), "/")).toMatchObject({ passed: 0, failed: 1 });
  });

  it("fails where a report cannot be read", async () => {
    const unread: Suite = {
      ...suite(counts(5), counts(9), 0),
      report: () => {
        throw new Error("no such file");
      },
    };
    expect(await runSuite(unread, "/")).toMatchObject({ passed: 0, failed: 1 });
  });
});
