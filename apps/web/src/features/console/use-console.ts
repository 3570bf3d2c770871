"use client";

import type { ConsoleMode } from "@indium/contract/console";
import type RFB from "novnc-core";
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { startConnectLoop } from "./connect-loop";
import type { ConsoleState } from "./console-policy";
import type { ConsoleSource } from "./console-source";
import type { ConsoleSentence } from "./console-words";
import { useTurn } from "./use-turn";

interface UseConsoleOptions {
  source: ConsoleSource;
  mode: ConsoleMode;
  /** Whether the VM should have a screen now, by its live state. */
  expected: boolean;
  /** Where the screen is put. */
  target: RefObject<HTMLDivElement | null>;
  /** Keeps the last frame when the connection goes. */
  lastFrame: RefObject<HTMLCanvasElement | null>;
  focusOnConnect: boolean;
  controlSince: number | null;
}

export interface ConsoleHandle {
  state: ConsoleState;
  /** What to say while it is not connected. */
  sentence: ConsoleSentence | null;
  hasFrame: boolean;
  /** What was granted, while connected. */
  granted: ConsoleMode | null;
  /** What the guest copied last, where it tells. */
  clipboard: string | null;
  rfb: RefObject<RFB | null>;
  /** Connect now, whatever the policy waits for. */
  again: () => void;
}

export function useConsole({ source, mode, expected, target, lastFrame, focusOnConnect, controlSince }: UseConsoleOptions): ConsoleHandle {
  const [state, setState] = useState<ConsoleState>("idle");
  const [sentence, setSentence] = useState<ConsoleSentence | null>(null);
  const [hasFrame, setHasFrame] = useState(false);
  const [granted, setGranted] = useState<ConsoleMode | null>(null);
  const [clipboard, setClipboard] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const rfb = useRef<RFB | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is the wish to begin again
  useEffect(() => {
    if (!expected) {
      setState("idle");
      return;
    }
    let Rfb: typeof RFB | null = null;
    return startConnectLoop({
      open: async () => {
        const [access, library] = await Promise.all([source.open("vnc", mode), import("novnc-core")]);
        Rfb = library.default;
        return access;
      },
      onState: (next, words) => {
        setState(next);
        setSentence(words);
      },
      attach: (socket, access, held) => {
        if (Rfb === null || target.current === null) throw new Error("the screen has left the page");
        const connection = new Rfb(target.current, socket);
        connection.viewOnly = access.mode === "view";
        connection.scaleViewport = true;
        connection.background = "transparent";
        connection.showDotCursor = true;
        connection.addEventListener("connect", () => {
          setGranted(access.mode);
          held();
          if (focusOnConnect && access.mode === "control") connection.focus();
        });
        connection.addEventListener("clipboard", (event) => setClipboard(event.detail.text));
        rfb.current = connection;
        return () => {
          // noVNC takes its canvas away with the connection.
          if (keepFrame(target.current, lastFrame.current)) setHasFrame(true);
          rfb.current = null;
          setGranted(null);
          connection.disconnect();
        };
      },
    });
  }, [source, mode, expected, target, lastFrame, focusOnConnect, round]);

  const again = useCallback(() => setRound((before) => before + 1), []);
  useTurn(granted, controlSince, again);
  return { state, sentence, hasFrame, granted, clipboard, rfb, again };
}

function keepFrame(target: HTMLElement | null, frame: HTMLCanvasElement | null): boolean {
  const screen = target?.querySelector("canvas");
  if (!screen || !frame || screen.width === 0 || screen.height === 0) return false;
  frame.width = screen.width;
  frame.height = screen.height;
  frame.getContext("2d")?.drawImage(screen, 0, 0);
  return true;
}
