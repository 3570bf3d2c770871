import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { spawnChild } from "../system/exec";
import { lockStateDirectory } from "./state-lock";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "indium-lock-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const file = () => join(directory, "agent.lock");

describe("the state directory's lock", () => {
  it("is refused while its holder lives, naming it", async () => {
    const other = spawnChild("sleep", ["60"]);
    try {
      // As that process would have written it.
      lockStateDirectory(directory)();
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      const stat = readFileSync(`/proc/${other.pid}/stat`, "utf8");
      const started = stat
        .slice(stat.lastIndexOf(")") + 2)
        .split(" ")
        .at(19);
      writeFileSync(file(), `${other.pid} ${started}/${boot}\n`);
      expect(() => lockStateDirectory(directory)).toThrow(`process ${other.pid}`);
    } finally {
      other.kill("SIGKILL");
    }
  });

  it("is taken over from a process that is no more, and from another with the same number", () => {
    writeFileSync(file(), "999999999 1/x\n");
    lockStateDirectory(directory)();
    writeFileSync(file(), "1 1/another-boot\n");
    const unlock = lockStateDirectory(directory);
    expect(readFileSync(file(), "utf8")).toMatch(new RegExp(`^${process.pid} `));
    unlock();
  });
});
