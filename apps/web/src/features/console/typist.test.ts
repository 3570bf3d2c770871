import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keystrokes } from "./keystrokes";
import { MODIFIERS, NAMED_KEYS, pressTogether } from "./special-keys";
import { startTyping } from "./typist";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function typing(text: string, connected = () => true) {
  const sent: string[] = [];
  const progress: number[] = [];
  const ends: string[] = [];
  const stop = startTyping({
    keys: keystrokes(text).keys,
    intervalMs: 25,
    sender: () => (connected() ? (_keysym, code, down) => sent.push(`${down ? "+" : "-"}${code}`) : null),
    onProgress: (typed) => progress.push(typed),
    onEnd: (result) => ends.push(result),
  });
  return { sent, progress, ends, stop };
}

describe("a text typed into a console", () => {
  test("goes key by key, with Shift held where it must be", () => {
    const { sent, progress, ends } = typing("aB\n");
    vi.advanceTimersByTime(25);
    expect(sent).toEqual(["+KeyA", "-KeyA"]);
    vi.advanceTimersByTime(1_000);
    expect(sent).toEqual(["+KeyA", "-KeyA", "+ShiftLeft", "+KeyB", "-KeyB", "-ShiftLeft", "+Enter", "-Enter"]);
    expect(progress).toEqual([1, 2, 3]);
    expect(ends).toEqual(["typed"]);
  });
  test("stops at the user's word", () => {
    const { sent, ends, stop } = typing("abc");
    vi.advanceTimersByTime(30);
    stop();
    vi.advanceTimersByTime(1_000);
    expect(sent).toEqual(["+KeyA", "-KeyA"]);
    expect(ends).toEqual(["cancelled"]);
  });
  test("stops when the console is lost, and does not go on in another", () => {
    let connected = true;
    const { sent, ends } = typing("abc", () => connected);
    vi.advanceTimersByTime(25);
    connected = false;
    vi.advanceTimersByTime(25);
    connected = true;
    vi.advanceTimersByTime(1_000);
    expect(sent).toEqual(["+KeyA", "-KeyA"]);
    expect(ends).toEqual(["lost"]);
  });
});

test("a combination is held together and let go the other way round", () => {
  const sent: string[] = [];
  pressTogether((_keysym, code, down) => sent.push(`${down ? "+" : "-"}${code}`), [MODIFIERS.ctrl, MODIFIERS.alt, NAMED_KEYS.delete]);
  expect(sent).toEqual(["+ControlLeft", "+AltLeft", "+Delete", "-Delete", "-AltLeft", "-ControlLeft"]);
});
