import { open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { spawnDetached } from "./exec";
import { isErrno, syncDirectory } from "./files";

/**
 * A dead man's switch: a process of its own, in a session of its own, that runs a program unless it is told in time to keep what
 * was done. It outlives the agent and any kill of it.
 *
 * Whoever first makes the verdict file (exclusively) decides: the agent by "keep", the switch by "undo" at its deadline. So never
 * both, however close to the deadline.
 *
 * Its source is text, run by `node -e`: the agent is bundled to one file, and has none beside it to run.
 */
const SOURCE = `
"use strict";
const { writeFileSync } = require("node:fs");
const { spawnSync } = require("node:child_process");
const { verdict, afterMs, file, args } = JSON.parse(process.argv[1]);
process.on("SIGHUP", () => {});
setTimeout(() => {
  try { writeFileSync(verdict, "undo", { flag: "wx", mode: 0o600 }); } catch { process.exit(0); }
  spawnSync(file, args, { stdio: "ignore", timeout: 30000 });
  process.exit(0);
}, afterMs);
`;

export interface DeadMan {
  /** Made by whoever decides; its folder exists. */
  readonly verdictPath: string;
  readonly afterMs: number;
  /** What it runs; repeating it must do no harm. */
  readonly file: string;
  readonly args: readonly string[];
}

/** Resolves once the switch runs. */
export async function armDeadMan(options: DeadMan): Promise<void> {
  const { verdictPath: verdict, afterMs, file, args } = options;
  // NODE_OPTIONS of a developer's run would load a compiler here.
  await spawnDetached(process.execPath, ["-e", SOURCE, JSON.stringify({ verdict, afterMs, file, args })], {
    cwd: "/",
    env: { PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
}

/** @returns whose verdict holds: this one, or the one made before. On disk before this resolves. */
export async function decide(verdictPath: string, verdict: "keep" | "undo"): Promise<"keep" | "undo"> {
  try {
    const file = await open(verdictPath, "wx", 0o600);
    try {
      await file.writeFile(verdict);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncDirectory(dirname(verdictPath));
    return verdict;
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
    // An empty one: the writer died between making and writing. Undoing is the safe reading.
    return (await readFile(verdictPath, "utf8")) === "keep" ? "keep" : "undo";
  }
}
