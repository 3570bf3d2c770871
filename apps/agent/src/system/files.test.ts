import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readJsonFile, removeFile, writeFileAtomic } from "./files";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "indium-files-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("writeFileAtomic", () => {
  it("replaces the whole file with the mode asked for, and leaves nothing else", async () => {
    const path = join(directory, "state.json");
    await writeFile(path, "a much longer old content");
    await writeFileAtomic(path, "new", { mode: 0o640 });
    expect(await readFile(path, "utf8")).toBe("new");
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await readdir(directory)).toEqual(["state.json"]);
  });

  it("keeps the old file when the new one cannot be put in its place", async () => {
    await expect(writeFileAtomic(join(directory, "no", "such", "folder"), "x")).rejects.toThrow();
    expect(await readdir(directory)).toEqual([]);
  });
});

describe("readJsonFile", () => {
  it("gives null for no file, the value for one, and names a damaged one", async () => {
    const path = join(directory, "a.json");
    expect(await readJsonFile(path)).toBeNull();
    await writeFile(path, '{"a":1}');
    expect(await readJsonFile(path)).toEqual({ a: 1 });
    await writeFile(path, '{"a":');
    await expect(readJsonFile(path)).rejects.toThrow(path);
  });
});

it("removeFile does not mind a missing file", async () => {
  await removeFile(join(directory, "nothing"));
});
