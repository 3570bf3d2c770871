import { newId } from "@indium/contract/plain/ids";
import { expect, test } from "vitest";
import { formatTag, instanceFilterParameters, isFiltered, NO_FILTER, parseInstanceFilter, parseTag } from "./instance-filter";

const read = (parameters: Record<string, string | null>) => parseInstanceFilter((name) => parameters[name] ?? null);

test("a filter survives the address bar", () => {
  const filter = {
    search: "web",
    state: "failed",
    siteId: newId("site"),
    hostId: newId("host"),
    tag: { key: "env", value: "prod" },
    sort: { key: "name", direction: "desc" },
  } as const;
  expect(read(instanceFilterParameters(filter))).toEqual(filter);
});

test("what is nonsense in the address is left out", () => {
  const filter = read({ state: "on fire", site: "site-1", host: "x", tag: "", sort: "size" });
  expect(filter).toEqual({ ...NO_FILTER, sort: { key: "created", direction: "desc" } });
  expect(isFiltered(filter)).toBe(false);
});

test.each(["env", "a=b", "100%", "%3D", "%25=%"])("a tag named %s survives, with a value and without", (key) => {
  for (const value of [null, "", "x=y"]) expect(parseTag(formatTag({ key, value }))).toEqual({ key, value });
});

test("clearing takes every parameter but the order away", () => {
  expect(Object.values(instanceFilterParameters(NO_FILTER)).every((value) => value === null || value === "")).toBe(true);
  expect(instanceFilterParameters(NO_FILTER)).not.toHaveProperty("sort");
});
