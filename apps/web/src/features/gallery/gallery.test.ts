import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ui = join(import.meta.dirname, "../../ui");
/** Not components; or the inside of one that is shown. */
const INSIDE = new Set([
  "clock",
  "cn",
  "tone",
  "code-mirror",
  "time-chart-plot",
  "on-demand",
  "ignore-enter",
  "with-props",
  "virtual-rows",
  "use-in-sight",
  "use-return-focus",
  "dialog-body",
  "menu-body",
  "toast-stack",
  "tooltip-body",
]);

it("shows every component of ui/", () => {
  const shown = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith(".tsx"))
    .map((name) => readFileSync(join(import.meta.dirname, name), "utf8"))
    .join("\n");
  const missing = readdirSync(ui)
    .filter((name) => /^[a-z-]+\.tsx?$/.test(name) && !name.includes(".test."))
    .map((name) => name.replace(/\.tsx?$/, ""))
    .filter((name) => !INSIDE.has(name) && !shown.includes(`"@/ui/${name}"`));
  expect(missing, "add these to features/gallery").toEqual([]);
});
