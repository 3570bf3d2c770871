import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { catalogueKey } from "@/lib/i18n/catalogue-words";
import { BUILT } from "./catalogue";

interface Entry {
  readonly slug: string;
  readonly description: string;
  readonly dialectReason: string;
}

it("says nothing of its images that other languages do not know", () => {
  const catalogue: readonly Entry[] = JSON.parse(readFileSync(new URL("../../../../../image/catalogue.json", import.meta.url), "utf8"));
  const said = [...catalogue, ...BUILT].flatMap(({ description, dialectReason }) => [description, dialectReason]);
  expect(said.filter((sentence) => catalogueKey(sentence) === null)).toEqual([]);
});
