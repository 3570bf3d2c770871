import { expect, test } from "vitest";
import { formatSort, parseSort } from "./sort-parameter";

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
