import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { boundSerialLog, serialTail } from "./serial-log";

let directory: string;
let path: string;
let old: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "indium-serial-"));
  path = join(directory, "serial.log");
  old = join(directory, "serial.log.1");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it("has no tail when there is no log", async () => {
  expect(await serialTail(path, old, 100)).toEqual({ text: "", totalBytes: 0 });
});

it("gives the last bytes and how many there are", async () => {
  writeFileSync(path, "one\ntwo\nthree\n");
  expect(await serialTail(path, old, 6)).toEqual({ text: "three\n", totalBytes: 14 });
});

it("is cut beyond its limit, keeps its end, and is read across the cut", async () => {
  writeFileSync(path, `${"x".repeat(100)}END`);
  await boundSerialLog(path, old, 50, 10);
  appendFileSync(path, "NEW");
  expect(await serialTail(path, old, 8)).toEqual({ text: "xxENDNEW", totalBytes: 13 });
});

it("is left alone within its limit", async () => {
  writeFileSync(path, "short");
  await boundSerialLog(path, old, 50, 10);
  expect(await serialTail(path, old, 100)).toEqual({ text: "short", totalBytes: 5 });
});
