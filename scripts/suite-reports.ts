import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { type Failure, MOST_FOR_SECOND_TRY, type SuiteReport } from "./suites";

/** How each runner's own report becomes counts, names of what was left out, and names of what failed. */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
export const reports = join(root, "test-results");

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: {
    status: string;
    message: string;
    name: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

/** Enough of a failure to know it by: what was expected, and where it was asked. */
const brief = (message: string) =>
  stripVTControlCharacters(message)
    .split("\n")
    .filter((line) => !line.includes("node_modules"))
    .slice(0, 12)
    .map((line) => `      ${line}`)
    .join("\n");

/** Of vitest's JSON report. */
export function vitestReport(file: string) {
  return (): SuiteReport => {
    const report: VitestReport = JSON.parse(readFileSync(join(reports, file), "utf8"));
    // A file that does not even load has no tests in it, and is a failure all the same.
    const broken = report.testResults.filter((result) => result.status === "failed" && result.assertionResults.length === 0);
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken.length,
      skipped: report.testResults.flatMap((result) =>
        result.assertionResults.filter(({ status }) => status === "pending" || status === "skipped").map(({ fullName }) => fullName),
      ),
      failures: [
        ...broken.map(({ name, message }) => ({ file: relative(root, name), what: relative(root, name), how: brief(message) })),
        ...report.testResults.flatMap(({ name, assertionResults }) =>
          assertionResults
            .filter(({ status }) => status === "failed")
            .map(({ fullName, failureMessages }) => {
              const file = relative(root, name);
              return { file, what: `${file}: ${fullName}`, how: brief(failureMessages.join("\n")) };
            }),
        ),
      ],
    };
  };
}

interface PlaywrightSuite {
  file: string;
  suites?: PlaywrightSuite[];
  specs: { title: string; ok: boolean; tests: { status: string; results: { error?: { message?: string } }[] }[] }[];
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; skipped: number; flaky: number };
  suites: PlaywrightSuite[];
}

/** `status` is Playwright's: unexpected, or flaky where a further try passed. */
function playwrightFailures({ file, specs, suites = [] }: PlaywrightSuite, status: "unexpected" | "flaky"): Failure[] {
  return [
    ...specs.flatMap(({ title, tests }) =>
      tests
        .filter((each) => each.status === status)
        .map(({ results }) => {
          const errors = results.flatMap(({ error }) => error?.message ?? []);
          return { file, what: `${file}: ${title}`, how: brief(errors.join("\n")) };
        }),
    ),
    ...suites.flatMap((each) => playwrightFailures(each, status)),
  ];
}

/** Of Playwright's JSON report. */
export function playwrightReport(file: string) {
  return (): SuiteReport => {
    const { stats, suites }: PlaywrightReport = JSON.parse(readFileSync(join(reports, file), "utf8"));
    const failures = suites.flatMap((suite) => playwrightFailures(suite, "unexpected"));
    const unsteady = suites.flatMap((suite) => playwrightFailures(suite, "flaky"));
    const tooMany = unsteady.length > MOST_FOR_SECOND_TRY;
    return {
      passed: stats.expected + (tooMany ? 0 : stats.flaky),
      failed: stats.unexpected + (tooMany ? stats.flaky : 0),
      skipped: stats.skipped > 0 ? [`${stats.skipped} browser tests; their reasons are above`] : [],
      failures: tooMany ? [...failures, ...unsteady] : failures,
      unsteady: tooMany ? [] : unsteady,
    };
  };
}

/** A campaign is one test; each thing that is not as it was asked for afterwards is a failure. */
export function chaosReport(): SuiteReport {
  const { kills, violations }: { kills: Record<string, number>; violations: string[] } = JSON.parse(
    readFileSync(join(reports, "chaos-simulated.json"), "utf8"),
  );
  const killed = Object.values(kills).reduce((sum, count) => sum + count, 0);
  console.log(`   ${killed} kills of a seed that is the same each time; longer, and with real VMs: npm run chaos`);
  return {
    passed: violations.length === 0 ? 1 : 0,
    failed: violations.length,
    skipped: [],
    failures: violations.map((what) => ({ file: "chaos", what, how: "" })),
  };
}
