import { paths } from "@/lib/path-builder";
import type { Messages } from "@/locales/messages";

/**
 * Every keyboard shortcut of the dashboard, once: the listener acts by this list and the help sheet shows it. A sequence ("g i") is pressed one key
 * after the other. None of them acts while one types, or in a console or terminal, whose keys are the guest's.
 */
export type ShortcutEffect =
  | { readonly kind: "go"; readonly to: (organization: string) => string }
  | { readonly kind: "palette" }
  | { readonly kind: "search" }
  | { readonly kind: "help" };

/** What it is called is in the language files. */
type Name =
  | { readonly group: "goTo"; readonly name: Exclude<keyof Messages["shell"]["nav"], "label"> }
  | { readonly group: "general" | "make"; readonly name: keyof Messages["palette"]["shortcuts"] };

export type Shortcut = Name & {
  /** Keys as `KeyboardEvent.key` gives them, in order. With `mod`: while Ctrl or ⌘ is held. */
  readonly keys: readonly string[];
  readonly mod?: true;
  readonly effect: ShortcutEffect;
};

const go = (key: string, name: Extract<Name, { group: "goTo" }>["name"], to: (organization: string) => string): Shortcut => ({
  keys: ["g", key],
  name,
  group: "goTo",
  effect: { kind: "go", to },
});

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ["k"], mod: true, name: "palette", group: "general", effect: { kind: "palette" } },
  { keys: ["/"], name: "search", group: "general", effect: { kind: "search" } },
  { keys: ["?"], name: "help", group: "general", effect: { kind: "help" } },
  go("o", "overview", paths.organization),
  go("i", "instances", paths.instances),
  go("h", "hosts", paths.hosts),
  go("m", "images", paths.images),
  go("n", "networks", paths.networks),
  go("s", "securityGroups", paths.securityGroups),
  go("k", "sshKeys", paths.sshKeys),
  go("z", "sizes", paths.sizes),
  go("p", "operations", paths.operations),
  go("t", "settings", paths.settings),
  { keys: ["c"], name: "createInstance", group: "make", effect: { kind: "go", to: paths.instanceNew } },
];

/** The second key of a sequence has to come within this. */
export const SEQUENCE_MS = 2_000;

export interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly at: number;
}

/** The key that a sequence has begun with, and when. */
export interface Begun {
  readonly key: string;
  readonly at: number;
}

/** What a press means after `begun`: a shortcut, or the beginning of one, or nothing. */
export function interpret(press: Press, begun: Begun | null): { readonly shortcut: Shortcut | null; readonly begun: Begun | null } {
  const isMod = press.ctrlKey || press.metaKey;
  const key = press.key.length === 1 && isMod ? press.key.toLowerCase() : press.key;
  if (press.altKey) return { shortcut: null, begun: null };
  if (isMod) return { shortcut: SHORTCUTS.find((each) => each.mod === true && each.keys[0] === key) ?? null, begun: null };
  const plain = SHORTCUTS.filter((each) => each.mod === undefined);
  if (begun !== null && press.at - begun.at <= SEQUENCE_MS) {
    const found = plain.find((each) => each.keys.length === 2 && each.keys[0] === begun.key && each.keys[1] === key);
    if (found !== undefined) return { shortcut: found, begun: null };
  }
  const single = plain.find((each) => each.keys.length === 1 && each.keys[0] === key);
  if (single !== undefined) return { shortcut: single, begun: null };
  return { shortcut: null, begun: plain.some((each) => each.keys.length === 2 && each.keys[0] === key) ? { key, at: press.at } : null };
}
