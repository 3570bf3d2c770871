import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
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
      const entry =
        /^ExecStart=\/opt\/indium\/centre\/current\/bin\/node --enable-source-maps (dist\/\S+\.js)$/m.exec(
          readFileSync(file, "utf8"),
        )?.[1] ?? "none";
      expect(build, file).toContain(entry);
    }
  });

  it.skipIf(!existsSync(ANALYZE))("has units that systemd understands, and that are exposed little", () => {
    const folder = mkdtempSync(join(tmpdir(), "indium-units-"));
    try {
      for (const file of units) {
        // verify looks for the program, which is not installed here.
        const copy = join(folder, basename(file));
        writeFileSync(copy, readFileSync(file, "utf8").replace("/opt/indium/centre/current/bin/node", process.execPath));
        // It says what it does not understand, and ends well all the same.
        const words = execFileSync("/bin/sh", ["-c", '"$0" verify --man=no "$1" 2>&1', ANALYZE, copy], { encoding: "utf8" });
        expect(
          words.split("\n").filter((line) => line.includes(basename(file))),
          file,
        ).toEqual([]);
        // In tenths; it fails beyond. lab/units.test.ts asks a running systemd, which knows more and says less.
        execFileSync(ANALYZE, ["security", "--offline=true", "--threshold=20", "--no-pager", copy], { stdio: "pipe" });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
