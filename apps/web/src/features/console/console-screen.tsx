"use client";

import type { ConsoleMode } from "@indium/contract/console";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl/react";
import { cn } from "@/ui/cn";
import type { ConsoleSource } from "./console-source";
import { Sentence } from "./console-words";
import { Curtain } from "./curtain";
import { PasteDialog } from "./paste-dialog";
import { saveBlob } from "./save-file";
import { type Fit, ScreenToolbar } from "./screen-toolbar";
import { SoftKeyboard } from "./soft-keyboard";
import { MODIFIER_NAMES, MODIFIERS, type Modifier, pressTogether, type SpecialKey } from "./special-keys";
import { TouchKeys } from "./touch-keys";
import { TypingStrip } from "./typing-strip";
import { useConsole } from "./use-console";
import { useTypist } from "./use-typist";

interface ConsoleScreenProps {
  source: ConsoleSource;
  mode: ConsoleMode;
  name: string;
  /** Whether the VM should have a screen now. */
  expected: boolean;
  /** What to say while it should not. */
  idleSentence: string;
  /** Whether the VM has a port for a clipboard agent; whether one runs in the guest, nobody knows before it speaks. */
  sharesClipboard: boolean;
  /** Since when this person controls the console, ms since the epoch; null while they do not. */
  controlSince: number | null;
  focusOnConnect?: boolean;
  className?: string;
  /** At the start and the end of the toolbar. */
  leading?: ReactNode;
  trailing?: ReactNode;
}

const FIT_KEY = "indium.console.fit";

/** The VM's screen with its toolbar; it comes back by itself. */
export function ConsoleScreen(props: ConsoleScreenProps) {
  const t = useTranslations("console");
  const {
    source,
    mode,
    name,
    expected,
    idleSentence,
    focusOnConnect = false,
    controlSince,
    sharesClipboard,
    className,
    leading,
    trailing,
  } = props;
  const frame = useRef<HTMLDivElement>(null);
  const target = useRef<HTMLDivElement>(null);
  const lastFrame = useRef<HTMLCanvasElement>(null);
  const exit = useRef<HTMLDivElement>(null);
  const softKeyboard = useRef<HTMLTextAreaElement>(null);
  const handle = useConsole({ source, mode, expected, target, lastFrame, focusOnConnect, controlSince });
  const { state, sentence, hasFrame, granted, rfb, again } = handle;
  const [fit, setFit] = useState<Fit>("fit");
  const [typing, setTyping] = useState(false);
  const [pasting, setPasting] = useState(false);
  const [fullscreen, setFullscreen] = useState(false);
  const [armed, setArmed] = useState<ReadonlySet<Modifier>>(new Set());
  const connected = state === "connected";
  const typist = useTypist(() => {
    const connection = rfb.current;
    return connection === null ? null : (keysym, code, down) => connection.sendKey(keysym, code, down);
  });

  useEffect(() => {
    const kept = window.localStorage.getItem(FIT_KEY);
    if (kept === "actual" || kept === "match") setFit(kept);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new connection (`state`) takes over how it is shown
  useEffect(() => {
    if (rfb.current === null) return;
    // A guest that does not change its size is still shown whole.
    rfb.current.scaleViewport = fit !== "actual";
    rfb.current.resizeSession = fit === "match";
    rfb.current.clipViewport = false;
  }, [fit, state, rfb]);

  useEffect(() => {
    const onChange = () => setFullscreen(document.fullscreenElement === frame.current);
    document.addEventListener("fullscreenchange", onChange);
    return () => document.removeEventListener("fullscreenchange", onChange);
  }, []);

  const press = (keys: readonly SpecialKey[]) => {
    const connection = rfb.current;
    if (connection !== null) pressTogether((keysym, code, down) => connection.sendKey(keysym, code, down), keys);
  };
  const touch = (key: SpecialKey, shift = false) => {
    const held = MODIFIER_NAMES.filter((modifier) => armed.has(modifier) || (shift && modifier === "shift"));
    press([...held.map((modifier) => MODIFIERS[modifier]), key]);
    setArmed(new Set());
  };

  /** The screen swallows Tab and everything else; this is the way out (WCAG 2.1.2). */
  const leave = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !event.ctrlKey || !event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    // The guest saw these go down and will not see them come up.
    for (const { keysym, code } of [MODIFIERS.ctrl, MODIFIERS.alt]) rfb.current?.sendKey(keysym, code, false);
    rfb.current?.blur();
    exit.current?.querySelector("button")?.focus();
  };

  const screenshot = () => {
    const canvas = (connected ? target.current?.querySelector("canvas") : null) ?? lastFrame.current;
    const stamp = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
    canvas?.toBlob((blob) => {
      if (blob !== null) saveBlob(`${name}-${stamp}.png`, blob);
    });
  };

  return (
    <div ref={frame} className={cn("flex min-h-0 min-w-0 flex-col bg-surface", fullscreen && "h-dvh", className)}>
      <div ref={exit}>
        <ScreenToolbar
          leading={leading}
          trailing={trailing}
          typing={typing}
          viewOnly={granted === "view"}
          guest={mode === "view"}
          refusal={connected ? null : t("screen.notConnected")}
          hasPicture={connected || hasFrame}
          clipboard={handle.clipboard}
          fit={fit}
          onFit={(next) => {
            setFit(next);
            window.localStorage.setItem(FIT_KEY, next);
          }}
          fullscreen={fullscreen}
          onFullscreen={() => void (fullscreen ? document.exitFullscreen() : frame.current?.requestFullscreen())}
          onFocus={() => rfb.current?.focus()}
          onPress={press}
          onPaste={() => setPasting(true)}
          onScreenshot={screenshot}
        />
      </div>
      {typist.progress === null ? null : <TypingStrip progress={typist.progress} onStop={typist.stop} />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only watches where the keyboard goes */}
      <div
        data-testid="console-screen"
        data-console-state={state}
        data-console-mode={granted}
        onKeyDownCapture={leave}
        onFocus={() => setTyping(true)}
        onBlur={() => setTyping(false)}
        className={cn(
          "relative min-h-0 flex-1 overflow-hidden bg-[#0b0b0f]",
          typing && connected && granted === "control" && "shadow-[inset_0_0_0_2px_var(--accent-line)]",
        )}
      >
        <div
          ref={target}
          role="application"
          aria-label={t("screen.label", { name })}
          className={cn("absolute inset-0.5", !connected && "invisible")}
        />
        <canvas
          ref={lastFrame}
          aria-hidden
          className={cn("absolute inset-0.5 size-[calc(100%-4px)] object-contain opacity-35", (connected || !hasFrame) && "hidden")}
        />
        <SoftKeyboard input={softKeyboard} onKey={touch} />
        {connected ? null : (
          <Curtain
            state={state}
            sentence={expected ? sentence === null ? t("screen.connecting") : <Sentence of={sentence} /> : idleSentence}
            onAgain={again}
          />
        )}
      </div>
      {granted === "control" ? (
        <TouchKeys
          armed={armed}
          onArm={(modifier) => {
            const next = new Set(armed);
            if (!next.delete(modifier)) next.add(modifier);
            setArmed(next);
          }}
          onKey={touch}
          onKeyboard={() => softKeyboard.current?.focus()}
        />
      ) : null}
      <PasteDialog
        open={pasting}
        onOpenChange={setPasting}
        onType={typist.type}
        onClipboard={handle.clipboard === null && !sharesClipboard ? null : (text) => rfb.current?.clipboardPasteFrom(text)}
      />
    </div>
  );
}
