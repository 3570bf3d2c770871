import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const folder = fileURLToPath(new URL("../../../../prisma/migrations", import.meta.url));
/** What would pull the floor from under a web of the version before, which is still running (docs/operations/upgrade.md). */
const TAKES_AWAY = /\bDROP\s+(TABLE|COLUMN|SCHEMA|TYPE)\b|\bRENAME\b|\bALTER\s+COLUMN\s+\S+\s+(SET\s+NOT\s+NULL|(SET\s+DATA\s+)?TYPE)\b/i;

it("migrations only add, so that pieces of the version before go on working beside the new ones", () => {
  const names = readdirSync(folder).filter((name) => /^\d{4}_/.test(name));
  expect(names.length).toBeGreaterThan(10);
  const takers = names.flatMap((name) => {
    const sql = readFileSync(join(folder, name, "migration.sql"), "utf8").replace(/--.*$/gm, "");
    const found = TAKES_AWAY.exec(sql);
    return found === null ? [] : [`${name}: ${found[0]}`];
  });
  expect(takers, "leave what is no longer used for a version, and tell docs/operations/upgrade.md otherwise").toEqual([]);
});
