import compile from "icu-minify/compile";
import { describe, expect, it } from "vitest";
import { LOCALES } from "@/lib/i18n/locale";
import { messagesOf } from "./messages";

type Tree = { readonly [key: string]: string | Tree };

function flat(tree: Tree, path = ""): [key: string, text: string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[path + key, value]] : flat(value, `${path}${key}.`),
  );
}

/** The names of a message's arguments and tags, whichever of its branches they stand in. */
function namesIn(message: string): string[] {
  const names = new Set<string>();
  const walkAll = (nodes: unknown): void => {
    if (Array.isArray(nodes)) nodes.forEach(walk);
  };
  /** Text, "#", [argument], [argument, kind, its options or branches] or [tag, ...what is in it] */
  const walk = (node: unknown): void => {
    if (!Array.isArray(node)) return;
    const [name, ...rest] = node as [string, ...unknown[]];
    names.add(name);
    if (typeof rest[0] === "number" && rest[0] !== 0) Object.values(rest[1] ?? {}).forEach(walkAll);
    else rest.forEach(walk);
  };
  walkAll(compile(message));
  return [...names].sort();
}

const english = new Map(flat(messagesOf("en")));

describe.each(LOCALES)("the messages in %s", (locale) => {
  const messages = flat(messagesOf(locale));

  it("are all there, none is empty, and each can be read", () => {
    expect(messages.map(([key]) => key).sort()).toEqual([...english.keys()].sort());
    expect(messages.filter(([, text]) => text.trim() === "")).toEqual([]);
    for (const [key, text] of messages) expect(() => compile(text), key).not.toThrow();
  });

  it("take the same arguments and tags as the English ones", () => {
    const wrong = messages.filter(([key, text]) => namesIn(text).join() !== namesIn(english.get(key) ?? "").join());
    expect(wrong).toEqual([]);
  });
});

it("is noticed when a translation names another argument", () => {
  expect(namesIn("{part} of {whole}")).toEqual(["part", "whole"]);
  expect(namesIn("{n, plural, one {# of <b>{name}</b>} other {{x}}}")).toEqual(["b", "n", "name", "x"]);
  expect(namesIn("nothing")).toEqual([]);
});
