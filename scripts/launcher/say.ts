/** What the launcher prints. One line per step, with its seconds; a failure is a sentence that says what to do. */
const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

export const say = {
  line: (text: string) => console.log(text),
  done: (text: string) => console.log(`${paint(32, "✓")} ${text}`),
  note: (text: string) => console.log(`${paint(33, "!")} ${text}`),
  fail: (text: string) => console.error(`${paint(31, "✗")} ${text}`),
  dim: (text: string) => console.log(paint(2, `  ${text}`)),
};

/** A failure the user can do something about: printed without a stack. */
export class LauncherError extends Error {}

/** Runs one step with its time; `work` may return a remark for the end of the line. */
export async function step<T>(title: string, work: () => Promise<T>, remark?: (result: T) => string): Promise<T> {
  const started = performance.now();
  const still = setInterval(() => say.dim(`${title}… ${Math.round((performance.now() - started) / 1000)} s`), 10_000);
  try {
    const result = await work();
    const seconds = (performance.now() - started) / 1000;
    say.done(`${title}${remark ? ` ${remark(result)}` : ""} (${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s)`);
    return result;
  } finally {
    clearInterval(still);
  }
}
