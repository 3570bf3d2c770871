import { expect, test } from "vitest";
import { withParameters } from "./url-parameters";

test("changes what is named, keeps the rest, and leaves no empty parameter behind", () => {
  const here = { pathname: "/o/org-1/instances", search: "?q=web&state=failed" };
  expect(withParameters(here, { state: null, tag: "env=a b" })).toBe("/o/org-1/instances?q=web&tag=env%3Da+b");
  expect(withParameters(here, { q: "", state: null })).toBe("/o/org-1/instances");
});
