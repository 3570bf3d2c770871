import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileResponse, rangeOf } from "./file-response";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "indium-file-"));
  await writeFile(join(dir, "blob"), "0123456789");
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const ask = (headers: Record<string, string> = {}, method = "GET") =>
  fileResponse(new Request("http://localhost/x", { headers, method }), {
    path: join(dir, "blob"),
    etag: "abc",
    contentType: "application/octet-stream",
    immutable: true,
  });

describe("fileResponse", () => {
  it("serves the whole, and a part that was asked for", async () => {
    const whole = await ask();
    expect([whole.status, whole.headers.get("content-length"), await whole.text()]).toEqual([200, "10", "0123456789"]);
    const part = await ask({ range: "bytes=7-" });
    expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([206, "bytes 7-9/10", "789"]);
  });
  it("resumes only what is still the same file", async () => {
    expect((await ask({ range: "bytes=7-", "if-range": '"abc"' })).status).toBe(206);
    expect((await ask({ range: "bytes=7-", "if-range": '"old"' })).status).toBe(200);
    expect((await ask({ "if-none-match": '"abc"' })).status).toBe(304);
  });
  it("refuses what lies beyond the end, and answers HEAD without a body", async () => {
    expect((await ask({ range: "bytes=10-" })).status).toBe(416);
    expect(await (await ask({}, "HEAD")).text()).toBe("");
  });
});

it("reads ranges as RFC 9110 has them", () => {
  expect(rangeOf("bytes=-3", 10)).toEqual({ start: 7, end: 9 });
  expect(rangeOf("bytes=2-4", 10)).toEqual({ start: 2, end: 4 });
  expect(rangeOf("bytes=0-99", 10)).toEqual({ start: 0, end: 9 });
  expect(rangeOf("bytes=0-1,3-4", 10)).toBeNull();
  expect(rangeOf("bytes=-0", 10)).toBe("unsatisfiable");
  expect(rangeOf(null, 10)).toBeNull();
});
