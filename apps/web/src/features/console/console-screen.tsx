"use client";

import { ClipboardType, Keyboard, Maximize, Minimize, Scaling } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Button, IconButton } from "@/ui/button";
import { cn } from "@/ui/cn";
import { Spinner } from "@/ui/spinner";
import type { ConsoleState } from "./console-policy";
import { type Keystroke, SHIFT } from "./keystrokes";
import { PasteDialog } from "./paste-dialog";
import { useConsole } from "./use-console";

/** A PS/2 or USB keyboard holds 16 keys until the guest reads them. */
const KEY_INTERVAL_MS = 20;
const CONTROL = { keysym: 0xffe3, code: "ControlLeft" } as const;
const ALT = { keysym: 0xffe9, code: "AltLeft" } as const;

interface ConsoleScreenProps {
  instanceId: `i-${string}`;
  name: string;
  /** Whether the VM should have a screen now. */
  expected: boolean;
  /** What to say while it should not. */
  idleSentence: string;
  focusOnConnect?: boolean;
  className?: string;
  /** At the start of the toolbar. */
  leading?: ReactNode;
}

/** The VM's screen with its toolbar; it comes back by itself. */
export function ConsoleScreen({
  instanceId,
  name,
  expected,
  idleSentence,
  focusOnConnect = false,
  className,
  leading,
}: ConsoleScreenProps) {
  const frame = useRef<HTMLDivElement>(null);
  const target = useRef<HTMLDivElement>(null);
  const lastFrame = useRef<HTMLCanvasElement>(null);
  const keyboardButton = useRef<HTMLSpanElement>(null);
  const { state, sentence, hasFrame, rfb, again } = useConsole({ instanceId, expected, target, lastFrame, focusOnConnect });
  const [fit, setFit] = useState(true);
  const [typing, setTyping] = useState(false);
  const [pasting, setPasting] = useState(false);
  const [fullscreen, setFullscreen] = useState(false);
  const connected = state === "connected";
  const refusal = connected ? null : "The console is not connected.";

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new connection (`state`) takes over how it is shown
  useEffect(() => {
    if (rfb.current === null) return;
    rfb.current.scaleViewport = fit;
    rfb.current.clipViewport = false;
  }, [fit, state, rfb]);

  useEffect(() => {
    const onChange = () => setFullscreen(document.fullscreenElement === frame.current);
    document.addEventListener("fullscreenchange", onChange);
    return () => document.removeEventListener("fullscreenchange", onChange);
  }, []);

  const typeKeys = (keys: readonly Keystroke[]) => {
    keys.forEach((key, index) => {
      setTimeout(() => {
        const connection = rfb.current;
        if (connection === null) return;
        if (key.shift) connection.sendKey(SHIFT.keysym, SHIFT.code, true);
        connection.sendKey(key.keysym, key.code);
        if (key.shift) connection.sendKey(SHIFT.keysym, SHIFT.code, false);
      }, index * KEY_INTERVAL_MS);
    });
  };

  /** The screen swallows Tab and everything else; this is the way out (WCAG 2.1.2). */
  const leave = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !event.ctrlKey || !event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    // The guest saw these go down and will not see them come up.
    rfb.current?.sendKey(CONTROL.keysym, CONTROL.code, false);
    rfb.current?.sendKey(ALT.keysym, ALT.code, false);
    rfb.current?.blur();
    keyboardButton.current?.querySelector("button")?.focus();
  };

  return (
    <div ref={frame} className={cn("flex min-h-0 min-w-0 flex-col bg-surface", fullscreen && "h-dvh", className)}>
      <div role="toolbar" aria-label="Console" className="flex flex-wrap items-center gap-1 border-line border-b px-2 py-1.5">
        {leading}
        <span ref={keyboardButton}>
          <Button size="sm" variant="ghost" aria-pressed={typing} disabledReason={refusal} onClick={() => rfb.current?.focus()}>
            <Keyboard aria-hidden className={typing ? "text-accent-ink" : ""} />
            <span className="max-sm:sr-only">{typing ? "Keyboard goes to the VM" : "Type into the VM"}</span>
          </Button>
        </span>
        <span className="hidden text-ink-3 text-xs lg:inline">{typing ? "Ctrl Alt Enter gives it back" : ""}</span>
        <span className="ml-auto flex items-center gap-1">
          <Button size="sm" variant="ghost" disabledReason={refusal} onClick={() => rfb.current?.sendCtrlAltDel()}>
            Ctrl Alt Del
          </Button>
          <IconButton size="iconSm" label="Type text into the console" disabledReason={refusal} onClick={() => setPasting(true)}>
            <ClipboardType aria-hidden />
          </IconButton>
          <IconButton
            size="iconSm"
            label={fit ? "Show at its own size" : "Fit to the window"}
            aria-pressed={!fit}
            onClick={() => setFit(!fit)}
          >
            <Scaling aria-hidden />
          </IconButton>
          <IconButton
            size="iconSm"
            label={fullscreen ? "Leave full screen" : "Full screen"}
            onClick={() => void (fullscreen ? document.exitFullscreen() : frame.current?.requestFullscreen())}
          >
            {fullscreen ? <Minimize aria-hidden /> : <Maximize aria-hidden />}
          </IconButton>
        </span>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only watches where the keyboard goes */}
      <div
        data-testid="console-screen"
        data-console-state={state}
        onKeyDownCapture={leave}
        onFocus={() => setTyping(true)}
        onBlur={() => setTyping(false)}
        className={cn(
          "relative min-h-0 flex-1 overflow-hidden bg-[#0b0b0f]",
          typing && connected && "shadow-[inset_0_0_0_2px_var(--accent-line)]",
        )}
      >
        <div
          ref={target}
          role="application"
          aria-label={`Screen of ${name}`}
          className={cn("absolute inset-0.5", !connected && "invisible")}
        />
        <canvas
          ref={lastFrame}
          aria-hidden
          className={cn("absolute inset-0.5 size-[calc(100%-4px)] object-contain opacity-35", (connected || !hasFrame) && "hidden")}
        />
        {connected ? null : (
          <Curtain state={state} sentence={expected ? (sentence ?? "Connecting to the screen…") : idleSentence} onAgain={again} />
        )}
      </div>
      <PasteDialog open={pasting} onOpenChange={setPasting} onType={typeKeys} />
    </div>
  );
}

function Curtain({ state, sentence, onAgain }: { state: ConsoleState; sentence: string; onAgain: () => void }) {
  return (
    <div className="absolute inset-0 flex flex-col items-center justify-center gap-3 p-6 text-center text-[#e8e8ee]">
      <p role="status" className="flex max-w-md items-center gap-2.5 text-balance rounded-lg bg-[#0b0b0f]/85 px-3.5 py-2">
        {state === "connecting" || state === "waiting" ? <Spinner /> : null}
        {sentence}
      </p>
      {state === "ended" || state === "waiting" ? (
        <Button size="sm" onClick={onAgain}>
          Connect again
        </Button>
      ) : null}
    </div>
  );
}
