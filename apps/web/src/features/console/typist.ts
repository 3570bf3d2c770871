import { type Keystroke, SHIFT } from "./keystrokes";
import type { KeySender } from "./special-keys";

/** Ms from key to key. A PS/2 or USB keyboard holds 16 keys until the guest reads them, which firmware and a busy guest do slowly. */
export const TYPING_SPEEDS = [
  { value: "fast", intervalMs: 10 },
  { value: "usual", intervalMs: 25 },
  { value: "slow", intervalMs: 100 },
] as const;
export type TypingSpeed = (typeof TYPING_SPEEDS)[number]["value"];

export interface Typing {
  readonly keys: readonly Keystroke[];
  readonly intervalMs: number;
  /** Null: there is nobody to type to any more. */
  readonly sender: () => KeySender | null;
  readonly onProgress: (typed: number) => void;
  readonly onEnd: (result: "typed" | "cancelled" | "lost") => void;
}

/** Types key by key, as a person would, and says how far it is. @returns how to stop it. */
export function startTyping({ keys, intervalMs, sender, onProgress, onEnd }: Typing): () => void {
  let next = 0;
  const end = (result: Parameters<Typing["onEnd"]>[0]) => {
    clearInterval(timer);
    onEnd(result);
  };
  const timer = setInterval(() => {
    const key = keys[next];
    if (key === undefined) {
      end("typed");
      return;
    }
    const send = sender();
    if (send === null) {
      end("lost");
      return;
    }
    if (key.shift) send(SHIFT.keysym, SHIFT.code, true);
    send(key.keysym, key.code, true);
    send(key.keysym, key.code, false);
    if (key.shift) send(SHIFT.keysym, SHIFT.code, false);
    next += 1;
    onProgress(next);
  }, intervalMs);
  return () => end("cancelled");
}
