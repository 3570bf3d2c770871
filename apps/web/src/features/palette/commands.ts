import type { ReactNode } from "react";

/** What is in the palette besides what the server finds. */
export interface Command {
  readonly id: string;
  readonly label: string;
  /** Other words for it. */
  readonly keywords?: string;
  /** Why it cannot be done: shown, and then it does nothing. */
  readonly denial?: string | null;
  /** Keys that do the same. */
  readonly keys?: readonly string[];
}

/** A command with its looks and what it does. */
export interface Doable extends Command {
  readonly icon: ReactNode;
  readonly act: () => void;
}

/** Those in which every typed word occurs; a label that begins with the first word comes first. */
export function matching<T extends Command>(commands: readonly T[], text: string): T[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const [first] = words;
  if (first === undefined) return [...commands];
  return commands
    .filter((command) => {
      const haystack = `${command.label} ${command.keywords ?? ""}`.toLowerCase();
      return words.every((word) => haystack.includes(word));
    })
    .sort((left, right) => Number(right.label.toLowerCase().startsWith(first)) - Number(left.label.toLowerCase().startsWith(first)));
}

/** The instance whose page one is on. */
export function instanceInPath(pathname: string): `i-${string}` | null {
  const id = /^\/o\/[^/]+\/instances\/(i-[0-9a-f]{17})(?:\/|$)/.exec(pathname)?.[1];
  return id === undefined ? null : (id as `i-${string}`);
}
