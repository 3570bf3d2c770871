import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { ROOT_ROOMS } from "./rooms";

const source = join(import.meta.dirname, "../..");
const app = join(source, "app");

interface Imports {
  files: readonly string[];
  rooms: readonly string[];
}
const known = new Map<string, Imports>();

function importsOf(file: string): Imports {
  const before = known.get(file);
  if (before !== undefined) return before;
  const text = readFileSync(file, "utf8");
  const names = [...text.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^;"']*?from\s+)?"([^"]+)"|import\("([^"]+)"\)/gm)];
  const files = names.map(([, fixed, onDemand]) => resolve(file, fixed ?? onDemand ?? "")).filter((found) => found !== null);
  const rooms = [...text.matchAll(/useTranslations\("(\w+)/g)].map(([, room = ""]) => room);
  const found = { files: files.filter((each) => !each.startsWith(join(source, "server"))), rooms };
  known.set(file, found);
  return found;
}

function resolve(from: string, name: string): string | null {
  const base = name.startsWith("@/") ? join(source, name.slice(2)) : name.startsWith(".") ? join(dirname(from), name) : null;
  return base === null
    ? null
    : (["", ".tsx", ".ts"].map((end) => base + end).find((file) => /\.tsx?$/.test(file) && existsSync(file)) ?? null);
}

/** What all that a file brings along, at once or later, says. */
function roomsOf(file: string): Set<string> {
  const seen = new Set([file]);
  const rooms = new Set<string>();
  for (const each of seen) {
    const { files, rooms: own } = importsOf(each);
    for (const next of files) seen.add(next);
    for (const room of own) rooms.add(room);
  }
  return rooms;
}

function givenBy(file: string): readonly string[] {
  const list = /<Words\s+rooms=\{\s*\[([^\]]*)\]\}/.exec(readFileSync(file, "utf8"))?.[1] ?? "";
  return [...list.matchAll(/"(\w+)"/g)].map(([, room = ""]) => room);
}

/** By the layouts above it. */
function givenAround(file: string): Set<string> {
  const given = new Set<string>(ROOT_ROOMS);
  let folder = dirname(file);
  if (file.endsWith("/layout.tsx")) folder = dirname(folder);
  for (; folder.startsWith(app); folder = dirname(folder)) {
    const layout = join(folder, "layout.tsx");
    if (existsSync(layout) && folder !== app) for (const room of givenBy(layout)) given.add(room);
  }
  return given;
}

function below(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(source, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => pattern.test(name))
    .map((name) => join(source, folder, name));
}
const files = below("app", /(^|\/)(page|layout|error|not-found)\.tsx$/);

it("reads who says what", () => {
  expect(files.length).toBeGreaterThan(20);
  expect(roomsOf(join(source, "features/networks/networks-page.tsx"))).toContain("networks");
  // By way of a dialog that comes on demand.
  expect(roomsOf(join(app, "o/[organizationId]/instances/[instanceId]/page.tsx"))).toContain("instancesSettings");
});

it("asks for words by a name that can be read", () => {
  const unread = ["app", "features", "ui", "lib"]
    .flatMap((folder) => below(folder, /^(?!.*\.test\.).*\.tsx?$/))
    .filter((file) => /useTranslations\((?!")/.test(readFileSync(file, "utf8")));
  expect(unread).toEqual([]);
});

it.each(files.map((file) => [file.slice(app.length + 1), file]))("%s brings the words that are said in it, and no others", (_, file) => {
  const around = givenAround(file);
  const needed = [...roomsOf(file)].filter((room) => !around.has(room)).sort();
  expect([...givenBy(file)].sort(), `write <Words rooms={${JSON.stringify(needed)}}> around what it shows`).toEqual(needed);
});
