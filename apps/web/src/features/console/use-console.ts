"use client";

import type RFB from "novnc-core";
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { useTRPCClient } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { type AfterClose, afterClose, afterRefusal, type ConsoleState } from "./console-policy";

interface UseConsoleOptions {
  instanceId: `i-${string}`;
  /** Whether the VM should have a screen now, by its live state. */
  expected: boolean;
  /** Where the screen is put. */
  target: RefObject<HTMLDivElement | null>;
  /** Keeps the last frame when the connection goes. */
  lastFrame: RefObject<HTMLCanvasElement | null>;
  focusOnConnect: boolean;
}

export interface ConsoleHandle {
  state: ConsoleState;
  /** What to say while it is not connected. */
  sentence: string | null;
  hasFrame: boolean;
  rfb: RefObject<RFB | null>;
  /** Connect now, whatever the policy waits for. */
  again: () => void;
}

export function useConsole({ instanceId, expected, target, lastFrame, focusOnConnect }: UseConsoleOptions): ConsoleHandle {
  const client = useTRPCClient();
  const [state, setState] = useState<ConsoleState>("idle");
  const [sentence, setSentence] = useState<string | null>(null);
  const [hasFrame, setHasFrame] = useState(false);
  const [round, setRound] = useState(0);
  const rfb = useRef<RFB | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is the wish to begin again
  useEffect(() => {
    if (!expected) {
      setState("idle");
      return;
    }
    let over = false;
    let attempt = 0;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let socket: WebSocket | null = null;

    const settle = (next: AfterClose) => {
      if (over) return;
      setSentence(next.sentence);
      if (next.kind === "end") {
        setState("ended");
        return;
      }
      attempt += 1;
      setState("waiting");
      timer = setTimeout(() => void connect(), next.delayMs);
    };

    const connect = async () => {
      setState("connecting");
      let url: string;
      try {
        const [access, { default: Rfb }] = await Promise.all([
          client.instance.openConsole.mutate({ instanceId, kind: "vnc" }),
          import("novnc-core"),
        ]);
        url = websocketUrl(access.url);
        if (over || target.current === null) return;
        socket = new WebSocket(url);
        socket.binaryType = "arraybuffer";
        // Registered before noVNC's own, which takes the screen away.
        socket.addEventListener("close", (event) => {
          if (keepFrame(target.current, lastFrame.current)) setHasFrame(true);
          rfb.current = null;
          settle(afterClose(event.code, attempt));
        });
        const connection = new Rfb(target.current, socket);
        connection.scaleViewport = true;
        connection.background = "transparent";
        connection.showDotCursor = true;
        connection.addEventListener("connect", () => {
          if (over) return;
          attempt = 0;
          setSentence(null);
          setState("connected");
          if (focusOnConnect) connection.focus();
        });
        rfb.current = connection;
      } catch (thrown) {
        const wire = wireErrorOf(thrown);
        settle(afterRefusal(wire.code, wire.message, attempt));
      }
    };

    void connect();
    return () => {
      over = true;
      if (timer !== null) clearTimeout(timer);
      if (keepFrame(target.current, lastFrame.current)) setHasFrame(true);
      const connection = rfb.current;
      rfb.current = null;
      if (connection !== null) connection.disconnect();
      else socket?.close();
    };
  }, [expected, instanceId, client, target, lastFrame, focusOnConnect, round]);

  const again = useCallback(() => setRound((before) => before + 1), []);
  return { state, sentence, hasFrame, rfb, again };
}

/** The API may answer a path (the relay behind this very origin) or a full address (a relay of its own). */
function websocketUrl(url: string): string {
  const absolute = new URL(url, window.location.href);
  if (absolute.protocol === "http:") absolute.protocol = "ws:";
  if (absolute.protocol === "https:") absolute.protocol = "wss:";
  return absolute.toString();
}

function keepFrame(target: HTMLElement | null, frame: HTMLCanvasElement | null): boolean {
  const screen = target?.querySelector("canvas");
  if (!screen || !frame || screen.width === 0 || screen.height === 0) return false;
  frame.width = screen.width;
  frame.height = screen.height;
  frame.getContext("2d")?.drawImage(screen, 0, 0);
  return true;
}
