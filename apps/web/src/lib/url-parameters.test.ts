import { expect, test } from "vitest";
import { formatSort, parseSort, withParameters } from "./url-parameters";

test("changes what is named, keeps the rest, and leaves no empty parameter behind", () => {
  const here = { pathname: "/o/org-1/instances", search: "?q=web&state=failed" };
  expect(withParameters(here, { state: null, tag: "env=a b" })).toBe("/o/org-1/instances?q=web&tag=env%3Da+b");
  expect(withParameters(here, { q: "", state: null })).toBe("/o/org-1/instances");
});

test("an order survives the address bar, and the usual one does not clutter it", () => {
  const keys = ["created", "name"] as const;
  const normal = { key: "created", direction: "desc" } as const;
  for (const key of keys)
    for (const direction of ["asc", "desc"] as const) {
      const sort = { key, direction };
      expect(parseSort(formatSort(sort, normal), keys, normal)).toEqual(sort);
    }
  expect(formatSort(normal, normal)).toBeNull();
  for (const nonsense of ["", "-", "size", "--name"]) expect(parseSort(nonsense, keys, normal)).toEqual(normal);
});
