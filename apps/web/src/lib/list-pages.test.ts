import { describe, expect, test } from "vitest";
import { AT_THE_TOP, pagesInSight, rangeAt, rowsOf, splitAt } from "./list-pages";

const page = (...items: string[]) => ({ items, nextCursor: null, total: null });

describe("stretches of a list", () => {
  test("each begins where the one before ends, and the last has no end", () => {
    const boundaries = splitAt(splitAt(AT_THE_TOP, 0, "b"), 1, "d");
    expect([0, 1, 2].map((index) => rangeAt(boundaries, index))).toEqual([
      { cursor: null, until: "b" },
      { cursor: "b", until: "d" },
      { cursor: "d", until: null },
    ]);
  });
  test("one that outgrew its answer becomes two in its place", () => {
    expect(splitAt([null, "d"], 0, "b")).toEqual([null, "b", "d"]);
  });
  test("being told twice of the same boundary changes nothing", () => {
    expect(splitAt([null, "b"], 0, "b")).toEqual([null, "b"]);
  });
});

describe("the rows", () => {
  test("a row that moved is shown once, at its first place", () => {
    expect(rowsOf([page("a", "c"), page("b", "c")], (row) => row)).toEqual(["a", "c", "b"]);
  });
  test("rows behind a gap wait until it is filled", () => {
    expect(rowsOf([page("a"), undefined, page("c")], (row) => row)).toEqual(["a"]);
  });
});

test("only the stretches in sight are kept fresh", () => {
  const pages = [page("a", "b"), page("c", "d"), page("e", "f")];
  expect(pagesInSight(pages, 0, 1)).toEqual({ from: 0, to: 0 });
  expect(pagesInSight(pages, 1, 2)).toEqual({ from: 0, to: 1 });
  expect(pagesInSight(pages, 4, 5)).toEqual({ from: 2, to: 2 });
  expect(pagesInSight([page()], 0, 0)).toEqual({ from: 0, to: 0 });
});
