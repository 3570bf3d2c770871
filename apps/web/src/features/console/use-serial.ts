"use client";

import type { ConsoleMode, SerialNote } from "@indium/contract/console";
import type { Terminal } from "@xterm/xterm";
import { useCallback, useEffect, useRef, useState } from "react";
import { startConnectLoop } from "./connect-loop";
import type { ConsoleState } from "./console-policy";
import type { ConsoleSource } from "./console-source";
import type { ConsoleSentence } from "./console-words";
import { useTurn } from "./use-turn";

interface UseSerialOptions {
  source: ConsoleSource;
  mode: ConsoleMode;
  /** Whether the VM should have a port now. */
  expected: boolean;
  /** Null until it stands in the page. */
  terminal: Terminal | null;
  controlSince: number | null;
  /** What is sent for what was typed. */
  translate: (text: string) => string;
}

interface SerialHandle {
  state: ConsoleState;
  sentence: ConsoleSentence | null;
  /** What was granted, while connected. */
  granted: ConsoleMode | null;
  /** Types; does nothing where one may only look. */
  send: (text: string) => void;
  again: () => void;
}

/** Joins a terminal and the VM's serial port; it comes back by itself. */
export function useSerial({ source, mode, expected, terminal, controlSince, translate }: UseSerialOptions): SerialHandle {
  const [state, setState] = useState<ConsoleState>("idle");
  const [sentence, setSentence] = useState<ConsoleSentence | null>(null);
  const [granted, setGranted] = useState<ConsoleMode | null>(null);
  const [round, setRound] = useState(0);
  const write = useRef<((bytes: Uint8Array<ArrayBuffer>) => void) | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is the wish to begin again
  useEffect(() => {
    if (!expected || terminal === null) {
      setState("idle");
      return;
    }
    return startConnectLoop({
      open: () => source.open("serial", mode),
      onState: (next, words) => {
        setState(next);
        setSentence(words);
      },
      attach: (socket, access, held) => {
        let fresh = true;
        /** Of the log, still to come: what it asks of a terminal was answered when it was printed. */
        let historyLeft = 0;
        let replaying = 0;
        socket.addEventListener("open", held);
        socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
          if (fresh) {
            // Only now: what was there stayed in sight until there was something new.
            terminal.reset();
            fresh = false;
          }
          if (typeof data === "string") {
            const note = noteIn(data);
            if (note !== null) historyLeft = note.bytes;
            return;
          }
          const bytes = new Uint8Array(data);
          const old = bytes.subarray(0, historyLeft);
          historyLeft -= old.length;
          if (old.length > 0) {
            replaying += 1;
            terminal.write(old, () => {
              replaying -= 1;
            });
          }
          if (old.length < bytes.length) terminal.write(bytes.subarray(old.length));
        });
        const typing = access.mode === "control";
        write.current = (bytes) => {
          if (typing && replaying === 0 && socket.readyState === WebSocket.OPEN) socket.send(bytes);
        };
        setGranted(access.mode);
        return () => {
          write.current = null;
          setGranted(null);
        };
      },
    });
  }, [source, mode, expected, terminal, round]);

  const send = useCallback((text: string) => write.current?.(new TextEncoder().encode(text)), []);
  const current = useRef(translate);
  current.current = translate;
  useEffect(() => {
    if (terminal === null) return;
    const text = terminal.onData((typed) => send(current.current(typed)));
    // Old mouse reports are bytes, not characters.
    const binary = terminal.onBinary((data) => write.current?.(Uint8Array.from(data, (character) => character.charCodeAt(0))));
    return () => {
      text.dispose();
      binary.dispose();
    };
  }, [terminal, send]);

  const again = useCallback(() => setRound((before) => before + 1), []);
  useTurn(granted, controlSince, again);
  return { state, sentence, granted, send, again };
}

function noteIn(text: string): SerialNote | null {
  try {
    const note: unknown = JSON.parse(text);
    if (typeof note !== "object" || note === null || !("kind" in note) || note.kind !== "history" || !("bytes" in note)) return null;
    return typeof note.bytes === "number" && Number.isSafeInteger(note.bytes) && note.bytes >= 0
      ? { kind: "history", bytes: note.bytes }
      : null;
  } catch {
    return null;
  }
}
