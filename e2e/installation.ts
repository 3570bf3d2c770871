import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** `npm start` as a user runs it, with its own state folder; what it printed is kept. */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");

export interface Installation {
  readonly output: () => string;
  readonly setupUrl: string | null;
  readonly readySeconds: number;
  readonly launcher: ChildProcess;
  /** Ctrl-C, and everything it says until it has ended. */
  stop(): Promise<void>;
}

export async function startInstallation(
  stateDir: string,
  extra: { args?: readonly string[]; env?: NodeJS.ProcessEnv; timeoutMs?: number; quiet?: boolean } = {},
): Promise<Installation> {
  const started = performance.now();
  const launcher = spawn(process.execPath, [join(root, "scripts/start.mjs"), ...(extra.args ?? [])], {
    cwd: root,
    env: { ...process.env, NO_COLOR: "1", INDIUM_STATE_DIR: stateDir, INDIUM_ALLOW_PRIVATE_IMAGE_HOSTS: "127.0.0.1", ...extra.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const seen = new Set<() => void>();
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
    if (extra.quiet !== true)
      process.stdout.write(
        chunk
          .toString()
          .replace(/^/gm, "  | ")
          .replace(/ {2}\| $/, ""),
      );
    for (const listener of seen) listener();
  };
  launcher.stdout?.on("data", keep);
  launcher.stderr?.on("data", keep);
  const ended = new Promise<void>((resolve) => launcher.once("exit", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`npm start was not ready in time. It said:\n${output}`)), extra.timeoutMs ?? 300_000);
    const look = () => {
      if (!/Ctrl-C stops Indium/.test(output)) return;
      clearTimeout(timer);
      seen.delete(look);
      resolve();
    };
    seen.add(look);
    launcher.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`npm start ended with ${code}. It said:\n${output}`));
    });
  });
  return {
    output: () => output,
    setupUrl: /(https?:\/\/\S+\/setup\S*)/.exec(output)?.[1] ?? null,
    readySeconds: (performance.now() - started) / 1000,
    launcher,
    stop: async () => {
      if (launcher.exitCode === null && launcher.signalCode === null) launcher.kill("SIGTERM");
      await ended;
    },
  };
}
