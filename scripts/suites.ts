import { spawn } from "node:child_process";

/** One suite of `npm test`: a command, and how its passes and failures are counted. */
export interface Suite {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
  readonly budgetSeconds: number;
  /** Counts from the runner's own JSON report; a suite without one counts as a single test. */
  readonly report?: () => { passed: number; failed: number; skipped: readonly string[] };
}

export interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly budgetSeconds: number;
}

export async function runSuite(suite: Suite, cwd: string): Promise<Outcome> {
  const started = performance.now();
  console.log(`\n── ${suite.name} (budget ${suite.budgetSeconds} s)`);
  const code = await new Promise<number>((resolve) => {
    const [file, ...args] = suite.command;
    const child = spawn(file, args, { cwd, env: { ...process.env, ...suite.env }, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", (error) => {
      console.error(error.message);
      resolve(127);
    });
    child.on("close", (status) => resolve(status ?? 1));
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  let passed = code === 0 ? 1 : 0;
  let failed = code === 0 ? 0 : 1;
  if (suite.report) {
    try {
      const report = suite.report();
      for (const skipped of report.skipped) console.log(`   skipped: ${skipped}`);
      passed = report.passed;
      // A runner may fail with every test green (a crash in a hook, an unhandled rejection): that is a failure.
      failed = report.failed > 0 ? report.failed : code === 0 ? 0 : 1;
      if (passed + failed === 0) failed = 1;
    } catch (error) {
      console.error(`   its report cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      passed = 0;
      failed = 1;
    }
  }
  console.log(
    `── ${suite.name}: ${passed} passed, ${failed} failed, ${seconds} s of ${suite.budgetSeconds} s${seconds > suite.budgetSeconds ? " (over budget)" : ""}`,
  );
  return { name: suite.name, passed, failed, seconds, budgetSeconds: suite.budgetSeconds };
}
