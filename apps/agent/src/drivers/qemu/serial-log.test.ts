import { appendFileSync, closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
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

it("of a guest that never stops writing stays small, and ends with what it wrote last", async () => {
  // As QEMU does: opened once, appended to. The kernel moves the next write to the end of what was cut.
  const writer = openSync(path, "a");
  const line = (count: number): string => `${String(count).padStart(9, "0")}\n`;
  let largest = 0;
  for (let count = 0; count < 20_000; count++) {
    appendFileSync(writer, line(count));
    if (count % 100 !== 99) continue;
    await boundSerialLog(path, old, 5_000, 1_000);
    largest = Math.max(largest, statSync(path).size + (existsSync(old) ? statSync(old).size : 0));
  }
  closeSync(writer);
  expect(largest).toBeLessThanOrEqual(5_000 + 1_000);
  expect((await serialTail(path, old, 20)).text).toBe(line(19_998) + line(19_999));
});
