import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
// @ts-expect-error plain JavaScript: it runs before anything is built
import { portableNode } from "./portable-node.mjs";

let dir: string;
let small: string;
let packed: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "indium-portable-"));
  small = join(dir, "node");
  writeFileSync(small, "a program around libnode.so");
  mkdirSync(join(dir, "made/package/bin"), { recursive: true });
  writeFileSync(join(dir, "made/package/bin/node"), "the official one");
  writeFileSync(join(dir, "made/package/LICENSE"), "MIT");
  packed = join(dir, "node-linux.tgz");
  execFileSync("tar", ["-czf", packed, "-C", join(dir, "made"), "package"]);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const take = (overrides: object = {}) => {
  const fetched: string[] = [];
  const found = () =>
    portableNode({
      node: small,
      cache: join(dir, "cache"),
      arch: "x64",
      sha512: { x64: createHash("sha512").update(readFileSync(packed)).digest("base64") },
      fetch: (name: string, folder: string) => {
        fetched.push(name);
        writeFileSync(join(folder, "some.tgz"), readFileSync(packed));
      },
      ...overrides,
    });
  return { fetched, found };
};

it("is this machine's own where that stands by itself", () => {
  expect(
    portableNode({
      node: process.execPath,
      cache: dir,
      fetch: () => {
        throw new Error("not to be asked");
      },
    }),
  ).toEqual({
    path: process.execPath,
    version: process.version,
  });
});

it("is fetched once where it does not, with its licence", () => {
  const { fetched, found } = take();
  const { path, version } = found();
  expect(readFileSync(path, "utf8")).toBe("the official one");
  expect(readFileSync(join(path, "../../LICENSE"), "utf8")).toBe("MIT");
  expect(version).toMatch(/^v20\./);
  expect(found().path).toBe(path);
  expect(fetched).toHaveLength(1);
  expect(readdirSync(join(dir, "cache"))).toHaveLength(1);
});

it("is refused when it is not the one that is known, and leaves nothing behind", () => {
  const { found } = take({ sha512: { x64: "another" } });
  expect(found).toThrow(/has another hash than the one known\. Check the network/);
  expect(readdirSync(join(dir, "cache"))).toEqual([]);
});

it("says what to do when it cannot be had", () => {
  const { found } = take({
    fetch: () => {
      throw Object.assign(new Error("Command failed"), { stderr: Buffer.from("npm error first\nnpm error getaddrinfo EAI_AGAIN\n") });
    },
  });
  expect(found).toThrow(/libraries of this machine.*EAI_AGAIN\. Check the network and start again/);
  expect(existsSync(join(dir, "cache/bin"))).toBe(false);
});
