import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LauncherError, say } from "./say";

/**
 * The processes `npm start` runs, each with its own log and pid file.
 *
 * - One that dies is started again, with back-off when it lives shortly. While Indium starts, five short lives in a row end the
 *   launcher with its last words. Once it is ready it gives nothing up: what a full disk or an out-of-memory killer ended works again
 *   when that has passed.
 * - A launcher that was killed leaves its processes behind; the next one ends exactly those (pid and start time must match).
 */
export interface ProcessSpec {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

const LOG_LIMIT_BYTES = 20 * 1024 * 1024;
const LOG_KEEP_BYTES = 2 * 1024 * 1024;
const LOG_LOOK_MS = 60_000;
/** Whoever lives longer did not die of its own start. */
const SHORT_LIFE_MS = 5_000;
const SHORT_LIVES_AT_START = 5;
const LAST_RETRY_MS = 30_000;

/** Before the next start of what died after so many short lives in a row. */
export const restartDelayMs = (shortLives: number): number => Math.min(LAST_RETRY_MS, 250 * 2 ** Math.max(0, shortLives - 1));

/** Field 22 of /proc/pid/stat: clock ticks from boot to the process's start; together with the pid it names a process for good. */
export function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return (
      stat
        .slice(stat.lastIndexOf(")") + 2)
        .split(" ")
        .at(19) ?? null
    );
  } catch {
    return null;
  }
}

/** Of each log beyond the limit the end is kept as `<name>.log.1`, and the file begins anew. */
export function boundLogs(directory: string, limitBytes = LOG_LIMIT_BYTES, keepBytes = LOG_KEEP_BYTES): void {
  for (const name of readdirSync(directory).filter((one) => one.endsWith(".log"))) {
    const path = join(directory, name);
    try {
      const { size } = statSync(path);
      if (size <= limitBytes) continue;
      const kept = Buffer.alloc(Math.min(size, keepBytes));
      const file = openSync(path, "r");
      try {
        readSync(file, kept, 0, kept.length, size - kept.length);
      } finally {
        closeSync(file);
      }
      writeFileSync(`${path}.1`, kept, { mode: 0o600 });
      truncateSync(path, 0);
    } catch {
      // A full disk, or a file that just went: tried again in a minute.
    }
  }
}

export class Processes {
  readonly #children = new Map<string, { child: ChildProcess; spec: ProcessSpec }>();
  readonly #runDir: string;
  readonly #logDir: string;
  #stopping = false;
  #ready = false;
  readonly #onFatal: (message: string) => void;

  readonly #delayMs: (shortLives: number) => number;

  constructor(stateDir: string, onFatal: (message: string) => void, delayMs = restartDelayMs) {
    this.#delayMs = delayMs;
    this.#runDir = join(stateDir, "run");
    this.#logDir = join(stateDir, "logs");
    this.#onFatal = onFatal;
    // Written by processes that live for a year; they append, so that a file can be cut under them.
    setInterval(() => boundLogs(this.#logDir), LOG_LOOK_MS).unref();
    mkdirSync(this.#runDir, { recursive: true });
    mkdirSync(this.#logDir, { recursive: true });
  }

  /** Indium has started: from now on nothing that dies ends it. */
  ready(): void {
    this.#ready = true;
  }

  /** Ends what an earlier, killed launcher left running. @returns their names. */
  async endLeftovers(): Promise<readonly string[]> {
    const ended: string[] = [];
    for (const file of readdirSync(this.#runDir).filter((name) => name.endsWith(".pid"))) {
      const [pidText, startTime] = readFileSync(join(this.#runDir, file), "utf8").trim().split(" ");
      const pid = Number(pidText);
      if (Number.isInteger(pid) && pid > 1 && startTime !== undefined && startTimeOf(pid) === startTime) {
        process.kill(pid, "SIGTERM");
        for (let tries = 0; tries < 100 && startTimeOf(pid) === startTime; tries++) await sleep(50);
        if (startTimeOf(pid) === startTime) process.kill(pid, "SIGKILL");
        ended.push(file.slice(0, -4));
      }
      rmSync(join(this.#runDir, file), { force: true });
    }
    return ended;
  }

  start(spec: ProcessSpec, shortLives = 0): void {
    const logFile = join(this.#logDir, `${spec.name}.log`);
    const log = openSync(logFile, "a", 0o600);
    // Own process group: Ctrl-C reaches the launcher only, which then stops them in order.
    const child = spawn(process.execPath, spec.args, { env: spec.env, cwd: spec.cwd, stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    const began = performance.now();
    this.#children.set(spec.name, { child, spec });
    if (child.pid !== undefined) writeFileSync(join(this.#runDir, `${spec.name}.pid`), `${child.pid} ${startTimeOf(child.pid) ?? ""}`);
    child.once("error", (error) => this.#onFatal(`${spec.name} could not be started: ${error.message}`));
    child.once("exit", (code, signal) => {
      if (this.#stopping) return;
      const short = performance.now() - began < SHORT_LIFE_MS ? shortLives + 1 : 0;
      if (!this.#ready && short >= SHORT_LIVES_AT_START) {
        this.#onFatal(
          `${spec.name} ended ${short} times, each within seconds. Its last words:\n  ${this.lastWords(spec.name).join("\n  ")}\n  The whole log: ${logFile}`,
        );
        return;
      }
      // The first of many: a part that cannot run must not bury everything else that is said.
      if (short <= SHORT_LIVES_AT_START) say.note(`${spec.name} ended (${signal ?? `exit ${code}`}); starting it again. Log: ${logFile}`);
      if (short === SHORT_LIVES_AT_START) {
        const tries = `every ${LAST_RETRY_MS / 1000} s at the latest`;
        say.note(`${spec.name} keeps ending; it is tried ${tries}. Its last words:\n  ${this.lastWords(spec.name).join("\n  ")}`);
      }
      setTimeout(() => !this.#stopping && this.start(spec, short), this.#delayMs(short));
    });
  }

  lastWords(name: string, lines = 8): readonly string[] {
    try {
      return readFileSync(join(this.#logDir, `${name}.log`), "utf8")
        .trim()
        .split("\n")
        .slice(-lines);
    } catch {
      return ["it said nothing"];
    }
  }

  isRunning(name: string): boolean {
    const entry = this.#children.get(name);
    return entry !== undefined && entry.child.exitCode === null && entry.child.signalCode === null;
  }

  /** Stops all, newest first; SIGKILL after 10 s. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const [name, { child }] of [...this.#children].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.kill("SIGTERM");
      await Promise.race([gone, sleep(10_000)]);
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await gone;
      }
      rmSync(join(this.#runDir, `${name}.pid`), { force: true });
    }
  }
}

/** Waits until `url` answers with any status below 500. */
export async function waitForHttp(url: string, options: { name: string; processes: Processes; timeoutMs: number }): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000), redirect: "manual" });
      await response.body?.cancel();
      if (response.status < 500) return;
    } catch {
      // Not yet.
    }
    if (Date.now() > deadline)
      throw new LauncherError(
        `${options.name} did not answer at ${url} within ${options.timeoutMs / 1000} s. Its last words:\n  ${options.processes.lastWords(options.name).join("\n  ")}`,
      );
    await sleep(50);
  }
}
