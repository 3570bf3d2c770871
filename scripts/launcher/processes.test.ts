import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { boundLogs, Processes, restartDelayMs } from "./processes";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "indium-processes-"));
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true, force: true });
});

const counting = (file: string) => ["-e", `require("node:fs").appendFileSync(${JSON.stringify(file)}, "x"); process.exit(3)`];
const starts = (file: string) => {
  try {
    return readFileSync(file, "utf8").length;
  } catch {
    return 0;
  }
};

it("waits longer for each short life, and half a minute at most", () => {
  expect([0, 1, 2, 3, 5, 20].map(restartDelayMs)).toEqual([250, 250, 500, 1_000, 4_000, 30_000]);
});

it("cuts a log that grows without end, keeps its end, and leaves the others alone", () => {
  writeFileSync(join(dir, "small.log"), "few words");
  for (let line = 0; line < 1_000; line++) {
    appendFileSync(join(dir, "loud.log"), `line ${line}\n`);
    boundLogs(dir, 1_000, 200);
  }
  expect(statSync(join(dir, "loud.log")).size).toBeLessThanOrEqual(1_000);
  expect(statSync(join(dir, "loud.log.1")).size).toBe(200);
  expect(readFileSync(join(dir, "loud.log"), "utf8")).toMatch(/line 999\n$/);
  expect(readdirSync(dir).sort()).toEqual(["loud.log", "loud.log.1", "small.log"]);
  expect(readFileSync(join(dir, "small.log"), "utf8")).toBe("few words");
});

describe("a part that cannot run", () => {
  it("ends the start of Indium, with its exit and where to read on", async () => {
    const file = join(dir, "starts");
    let told = "";
    const processes = new Processes(
      dir,
      (message) => {
        told = message;
      },
      () => 10,
    );
    processes.start({ name: "part", args: counting(file), env: process.env });
    await vi.waitFor(() => expect(told).toMatch(/part ended 5 times, each within seconds/), { timeout: 14_000, interval: 50 });
    expect(starts(file)).toBe(5);
    await processes.stop();
  });

  it("ends nothing once Indium was ready: it is tried for ever", async () => {
    const file = join(dir, "starts");
    let told = "";
    const processes = new Processes(
      dir,
      (message) => {
        told = message;
      },
      () => 10,
    );
    processes.ready();
    processes.start({ name: "part", args: counting(file), env: process.env }, 30);
    await vi.waitFor(() => expect(starts(file)).toBeGreaterThanOrEqual(2), { timeout: 14_000, interval: 50 });
    expect(told).toBe("");
    await processes.stop();
  });
});
