import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nodeVersionProblem } from "./node-version.mjs";

describe("nodeVersionProblem", () => {
  it("accepts 20.19 and newer", () => {
    for (const version of ["20.19.0", "20.20.2", "22.1.0", "24.0.0"]) expect(nodeVersionProblem(version)).toBeNull();
  });
  it("tells an old Node's owner what to run", () => {
    for (const version of ["14.21.3", "18.20.4", "20.18.9"]) expect(nodeVersionProblem(version)).toContain("n 22");
  });
  it("lives in files that Node 14 can parse", async () => {
    const { transform } = await import("esbuild");
    for (const file of ["scripts/start.mjs", "scripts/launcher/node-version.mjs", "scripts/launcher/node-modules.mjs"]) {
      const source = readFileSync(file, "utf8");
      // What esbuild would have to rewrite for Node 14 must not be there; and `node:` imports are newer than Node 14.0.
      const { code } = await transform(source, { target: "node14", format: "esm" });
      const { code: modern } = await transform(source, { target: "esnext", format: "esm" });
      expect(code).toBe(modern);
      expect(source).not.toMatch(/from "node:/);
      expect(execFileSync(process.execPath, ["--check", file]).toString()).toBe("");
    }
  });
});
