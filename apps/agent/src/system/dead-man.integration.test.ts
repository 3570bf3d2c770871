import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { armDeadMan, decide } from "./dead-man";

describe("a dead man's switch", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "indium-switch-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const mark = (name: string) => ({
    file: process.execPath,
    args: ["-e", `require("node:fs").writeFileSync(process.argv[1], "")`, join(folder, name)],
  });
  const there = (name: string): Promise<boolean> =>
    readFile(join(folder, name)).then(
      () => true,
      () => false,
    );
  const until = async (name: string): Promise<void> => {
    for (const end = Date.now() + 60_000; !(await there(name)); await new Promise((done) => setTimeout(done, 50)))
      if (Date.now() > end) throw new Error(`${name} was not made`);
  };

  it("runs its program at its deadline unless it was told to keep", async () => {
    const kept = join(folder, "kept-verdict");
    await armDeadMan({ verdictPath: kept, afterMs: 700, ...mark("kept-undone") });
    expect(await decide(kept, "keep")).toBe("keep");
    const left = join(folder, "left-verdict");
    // Armed later, fires later: when it has, the first one has had its time.
    await armDeadMan({ verdictPath: left, afterMs: 1_500, ...mark("left-undone") });
    await until("left-undone");
    expect(await there("kept-undone")).toBe(false);
    expect(await decide(left, "keep")).toBe("undo");
    expect(await decide(kept, "undo")).toBe("keep");
  });
});
