import { spawn } from "node:child_process";

type Command = readonly [string, ...string[]];

/** One suite of `npm test`: a command, and how its passes and failures are counted. */
export interface Suite {
  readonly name: string;
  readonly command: Command;
  readonly env?: NodeJS.ProcessEnv;
  readonly budgetSeconds: number;
  /** Counts from the runner's own JSON report; a suite without one counts as a single test. */
  readonly report?: () => SuiteReport;
  /** Runs the given files alone, once, where a few tests failed. */
  readonly secondTry?: (files: readonly string[]) => { command: Command; report: () => SuiteReport };
}

export interface SuiteReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
  /** Said once more at the very end, because of a long log often only the tail is kept. */
  readonly failures: readonly Failure[];
  /** Failed at first, and passed when the runner itself tried again. */
  readonly unsteady?: readonly Failure[];
}

export interface Failure {
  readonly file: string;
  readonly what: string;
  readonly how: string;
}

export interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly budgetSeconds: number;
  readonly failures: readonly Failure[];
  /** Failed at first, and passed when run again. */
  readonly unsteady: readonly Failure[];
}

/** More failures than this are no accident of a busy machine. */
export const MOST_FOR_SECOND_TRY = 3;

export async function runSuite(suite: Suite, cwd: string): Promise<Outcome> {
  const started = performance.now();
  console.log(`\n── ${suite.name} (budget ${suite.budgetSeconds} s)`);
  const code = await run(suite.command, cwd, suite.env);
  let counted = count(code, suite.report);
  for (const skipped of counted.skipped) console.log(`   skipped: ${skipped}`);
  let unsteady = counted.unsteady ?? [];
  const { failures } = counted;
  if (suite.secondTry && failures.length > 0 && failures.length === counted.failed && failures.length <= MOST_FOR_SECOND_TRY) {
    const files = [...new Set(failures.map(({ file }) => file))];
    console.log(`\n── ${suite.name}: ${failures.length} failed; once more by itself: ${files.join(", ")}`);
    const again = suite.secondTry(files);
    const second = count(await run(again.command, cwd, suite.env), again.report);
    // A test that failed for another reason the second time, or a runner that broke, has failed like any.
    if (second.failed === 0) {
      unsteady = failures;
      counted = { ...counted, passed: counted.passed + failures.length, failed: 0, failures: [] };
    }
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  const { passed, failed } = counted;
  console.log(
    `── ${suite.name}: ${passed} passed, ${failed} failed, ${seconds} s of ${suite.budgetSeconds} s${seconds > suite.budgetSeconds ? " (over budget)" : ""}`,
  );
  return { name: suite.name, passed, failed, seconds, budgetSeconds: suite.budgetSeconds, failures: counted.failures, unsteady };
}

/** The exit status; 127 where it could not be started. */
function run([file, ...args]: Command, cwd: string, env?: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", (error) => {
      console.error(error.message);
      resolve(127);
    });
    child.on("close", (status) => resolve(status ?? 1));
  });
}

function count(code: number, read: Suite["report"]): SuiteReport {
  const alone = { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [], failures: [] };
  if (!read) return alone;
  try {
    const report = read();
    // A runner may fail with every test green (a crash in a hook, an unhandled rejection), or run none: that is a failure.
    const broken = report.failed === 0 && (code !== 0 || report.passed === 0);
    return broken ? { ...report, failed: 1 } : report;
  } catch (error) {
    console.error(`   its report cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return { ...alone, passed: 0, failed: 1 };
  }
}
