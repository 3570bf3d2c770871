import { type ChildProcess, spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { AppError } from "@indium/contract/errors";
import { openInput } from "@indium/tunnel/input-file";

/**
 * The agent's only door to other programs. Arguments are always a list, never a shell's string, and nothing here starts a
 * shell. Callers validate what they pass; this file only carries it.
 */

/** Output kept per stream; a program that says more keeps running and loses the middle of what it said. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;
const STDERR_TAIL = 4_000;

export interface RunOptions {
  /** The program's standard input; without it there is none (/dev/null). */
  readonly input?: string;
  /** After this the program is killed (SIGKILL). Default 30 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Replaces the agent's own environment when given. */
  readonly env?: NodeJS.ProcessEnv;
  /** Resolve on a non-zero exit as well. A program that cannot be started still throws. */
  readonly allowFailure?: boolean;
}

export interface RunResult {
  /** Exit code; 128 + the signal's meaning is not guessed: -1 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Decodes as one UTF-8 text at the end, so that a character cut by a chunk's border survives. */
class Collector {
  readonly #chunks: Buffer[] = [];
  #size = 0;

  push(chunk: Buffer): void {
    if (this.#size >= MAX_OUTPUT_BYTES) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}

/**
 * Runs a program to its end.
 * @throws AppError `internal` when it cannot be started, times out, is aborted, or (without `allowFailure`) exits non-zero;
 * `detail` is the end of its standard error.
 */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted === true) {
      reject(aborted(file, options.signal));
      return;
    }
    const child = spawnWithInput(file, args, options);
    const stdout = new Collector();
    const stderr = new Collector();
    let failure: AppError | null = null;

    const timer = setTimeout(() => {
      failure = new AppError("internal", `${file} did not end within ${timeoutMs / 1000} s and was killed.`);
      child.kill("SIGKILL");
    }, timeoutMs);
    const onAbort = (): void => {
      failure = aborted(file, options.signal);
      child.kill("SIGKILL");
    };
    options.signal?.addEventListener("abort", onAbort, { once: true });
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
      act();
    };

    child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", (error) => settle(() => reject(cannotStart(file, error))));
    child.on("close", (code) =>
      settle(() => {
        const result: RunResult = { code: code ?? -1, stdout: stdout.text(), stderr: stderr.text() };
        if (failure !== null) reject(failure);
        else if (result.code !== 0 && options.allowFailure !== true) reject(exited(file, args, result));
        else resolve(result);
      }),
    );
  });
}

function spawnWithInput(file: string, args: readonly string[], { input, env }: RunOptions): ChildProcess {
  const stdin = input === undefined ? null : openInput(input);
  try {
    return spawn(file, args, { stdio: [stdin?.fd ?? "ignore", "pipe", "pipe"], ...(env === undefined ? {} : { env }) });
  } finally {
    stdin?.close();
  }
}

export interface SpawnDetachedOptions {
  /** Appended to; made with mode 0600 when missing. Without it the stream goes to /dev/null. */
  readonly stdoutPath?: string;
  readonly stderrPath?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Starts a program in its own session that outlives the agent. Resolves once it has been started.
 * @throws AppError `internal` when it cannot be started.
 */
export async function spawnDetached(file: string, args: readonly string[], options: SpawnDetachedOptions = {}): Promise<{ pid: number }> {
  const opened: { close(): Promise<void> }[] = [];
  try {
    const stdio: ("ignore" | number)[] = ["ignore"];
    for (const path of [options.stdoutPath, options.stderrPath]) {
      if (path === undefined) {
        stdio.push("ignore");
        continue;
      }
      const handle = await open(path, "a", 0o600);
      opened.push(handle);
      stdio.push(handle.fd);
    }
    const child = spawn(file, args, {
      detached: true,
      stdio,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) => reject(cannotStart(file, error)));
    });
    child.on("error", () => {});
    child.unref();
    if (child.pid === undefined) throw new AppError("internal", `${file} could not be started.`);
    return { pid: child.pid };
  } finally {
    for (const handle of opened) await handle.close();
  }
}

export interface SpawnChildOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Default: pipes for all three. Add "ipc" for helpers that hand sockets over. */
  readonly stdio?: readonly ("pipe" | "ignore" | "inherit" | "ipc" | number)[];
  readonly signal?: AbortSignal;
}

/** A child that the caller talks to (pipes, ipc) and whose end it awaits. It dies with its caller's care, not by itself. */
export function spawnChild(file: string, args: readonly string[], options: SpawnChildOptions = {}): ChildProcess {
  return spawn(file, args, {
    stdio: options.stdio === undefined ? ["pipe", "pipe", "pipe"] : [...options.stdio],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

function cannotStart(file: string, error: Error): AppError {
  const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
  return new AppError(
    "internal",
    missing ? `The program ${file} is not installed on this host.` : `The program ${file} could not be started: ${error.message}.`,
    { cause: error },
  );
}

function exited(file: string, args: readonly string[], result: RunResult): AppError {
  const words = result.stderr.trim().slice(-STDERR_TAIL);
  return new AppError("internal", `${file} failed with exit code ${result.code}.`, {
    ...(words === "" ? {} : { detail: words }),
    internal: `${file} ${args.join(" ")}`,
  });
}

function aborted(file: string, signal: AbortSignal | undefined): AppError {
  return new AppError("internal", `${file} was cancelled.`, { cause: signal?.reason });
}
