import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
const files = readdirSync(join(root, "deploy"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));
const units = files.filter((file) => file.endsWith(".service"));
const ANALYZE = "/usr/bin/systemd-analyze";
if (!existsSync(ANALYZE)) console.log("The units of deploy/ are not verified: systemd is not installed");

describe("what deploy/ holds", () => {
  it("sets nothing that the table of settings does not know", () => {
    const known = readFileSync(join(root, "docs/architecture.md"), "utf8");
    const unknown = files.flatMap((file) =>
      (readFileSync(file, "utf8").match(/\bINDIUM_[A-Z_]+\b/g) ?? [])
        .filter((name) => !known.includes(`\`${name}\``))
        .map((name) => `${file.slice(root.length)}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  it("starts files that the build makes", () => {
    const build = readFileSync(join(root, "scripts/build.ts"), "utf8");
    expect(units).toHaveLength(4);
    for (const file of units) {
      const entry = /^ExecStart=\/usr\/bin\/node --enable-source-maps (dist\/\S+\.js)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? "none";
      expect(build, file).toContain(entry);
    }
  });

  it.skipIf(!existsSync(ANALYZE))("has units that systemd understands", () => {
    // It says what it does not understand, and ends well all the same.
    for (const file of units) {
      const words = execFileSync("/bin/sh", ["-c", '"$0" verify --man=no "$1" 2>&1', ANALYZE, file], { encoding: "utf8" });
      expect(
        words.split("\n").filter((line) => line.includes(file)),
        file,
      ).toEqual([]);
    }
  });
});
