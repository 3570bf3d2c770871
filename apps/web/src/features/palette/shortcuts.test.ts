import { describe, expect, it } from "vitest";
import { type Begun, interpret, type Press, SEQUENCE_MS, SHORTCUTS } from "./shortcuts";

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  at: 1_000,
  ...more,
});
const name = (result: ReturnType<typeof interpret>) => result.shortcut?.name ?? null;

describe("shortcuts", () => {
  it("are each pressed in one way, and no single key begins a sequence", () => {
    const ways = SHORTCUTS.map((each) => `${each.mod === true ? "mod " : ""}${each.keys.join(" ")}`);
    expect(new Set(ways).size).toBe(ways.length);
    const beginnings = new Set(SHORTCUTS.filter((each) => each.keys.length === 2).map((each) => each.keys[0]));
    for (const each of SHORTCUTS) if (each.keys.length === 1 && each.mod === undefined) expect(beginnings.has(each.keys[0])).toBe(false);
  });

  it("take Ctrl and ⌘ for the same, also with capitals locked", () => {
    expect(name(interpret(press("k", { ctrlKey: true }), null))).toBe("palette");
    expect(name(interpret(press("K", { metaKey: true }), null))).toBe("palette");
    expect(name(interpret(press("k"), null))).toBeNull();
    expect(name(interpret(press("c", { ctrlKey: true }), null))).toBeNull();
    expect(name(interpret(press("c", { altKey: true }), null))).toBeNull();
  });

  it("follow a sequence, within its time only", () => {
    const { begun } = interpret(press("g"), null);
    expect(begun).toEqual({ key: "g", at: 1_000 } satisfies Begun);
    expect(name(interpret(press("i", { at: 1_500 }), begun))).toBe("instances");
    expect(name(interpret(press("i", { at: 1_001 + SEQUENCE_MS }), begun))).toBeNull();
    expect(interpret(press("x", { at: 1_100 }), begun)).toEqual({ shortcut: null, begun: null });
    expect(name(interpret(press("c", { at: 1_100 }), begun))).toBe("createInstance");
  });
});
