import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run, spawnDetached } from "./exec";

const node = (script: string): [string, string[]] => [process.execPath, ["-e", script]];

describe("run", () => {
  it("gives output, error output and code", async () => {
    expect(await run(...node("console.log('out'); console.error('err')"))).toEqual({ code: 0, stdout: "out\n", stderr: "err\n" });
  });

  it("passes arguments as they are: no shell sees them", async () => {
    const argument = "$(touch /tmp/x); `id` && \"'";
    expect((await run(process.execPath, ["-e", "console.log(process.argv[1])", argument])).stdout).toBe(`${argument}\n`);
  });

  it("hands over its input", async () => {
    expect((await run("cat", [], { input: "grüße" })).stdout).toBe("grüße");
    expect((await run("cat", [])).stdout).toBe("");
  });

  it("hands it over as a file, which can be opened by name: nft of Ubuntu 24.04 takes nothing else", async () => {
    const { stdout } = await run("sh", ["-c", "test -f /dev/stdin && cat /dev/stdin && wc -c < /dev/stdin"], {
      input: "x".repeat(200_000),
    });
    expect(stdout).toBe(`${"x".repeat(200_000)}200000\n`);
  });

  it("throws a failure with the program's own words, unless failures are allowed", async () => {
    const failing = node("console.error('no such thing'); process.exit(3)");
    await expect(run(...failing)).rejects.toMatchObject({ code: "internal", detail: "no such thing" });
    expect(await run(failing[0], failing[1], { allowFailure: true })).toMatchObject({ code: 3 });
  });

  it("says which program is missing, also when failures are allowed", async () => {
    await expect(run("indium-no-such-program", [], { allowFailure: true })).rejects.toThrow(/indium-no-such-program is not installed/);
  });

  it("kills what takes too long, and what is cancelled", async () => {
    await expect(run("sleep", ["60"], { timeoutMs: 50 })).rejects.toThrow(/did not end/);
    const controller = new AbortController();
    const running = run("sleep", ["60"], { signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toThrow(/cancelled/);
    await expect(run("sleep", ["60"], { signal: AbortSignal.abort() })).rejects.toThrow(/cancelled/);
  });
});

describe("spawnDetached", () => {
  it("starts a program in a session of its own that writes where it is told", async () => {
    const directory = await mkdtemp(join(tmpdir(), "indium-exec-"));
    try {
      const path = join(directory, "out");
      const [file, args] = node("console.log('alive'); setTimeout(() => {}, 30000)");
      const { pid } = await spawnDetached(file, args, { stdoutPath: path });
      try {
        while (!(await readFile(path, "utf8")).includes("alive")) await new Promise((resolve) => setImmediate(resolve));
        const stat = await readFile(`/proc/${pid}/stat`, "utf8");
        const session = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]);
        expect(session).toBe(pid);
      } finally {
        process.kill(pid, "SIGKILL");
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("says when it cannot be started", async () => {
    await expect(spawnDetached("indium-no-such-program", [])).rejects.toThrow(/not installed/);
  });
});
