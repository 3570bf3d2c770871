"use client";

import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Terminal } from "@xterm/xterm";
import { useTranslations } from "use-intl/react";
import { Sentence } from "./console-words";
import "@xterm/xterm/css/xterm.css";
import type { ConsoleMode } from "@indium/contract/console";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { cn } from "@/ui/cn";
import { useToast } from "@/ui/toast";
import type { ConsoleSource } from "./console-source";
import { Curtain } from "./curtain";
import { saveText } from "./save-file";
import { SerialSearch } from "./serial-search";
import { SerialToolbar } from "./serial-toolbar";
import type { Modifier } from "./special-keys";
import { sequenceOf, withModifiers } from "./terminal-sequences";
import { TouchKeys } from "./touch-keys";
import { useSerial } from "./use-serial";

export interface SerialTerminalProps {
  source: ConsoleSource;
  mode: ConsoleMode;
  name: string;
  /** Whether the VM should have a port now. */
  expected: boolean;
  /** What to say while it should not. */
  idleSentence: string;
  /** Since when this person controls the console, ms since the epoch; null while they do not. */
  controlSince: number | null;
  className?: string;
  /** At the start of the toolbar. */
  leading?: ReactNode;
}

const FONT = { smallest: 9, usual: 13, largest: 24, key: "indium.serial.font" } as const;
const SCROLLBACK_LINES = 10_000;
const THEME = {
  background: "#0b0b0f",
  foreground: "#e8e8ee",
  cursor: "#e8e8ee",
  selectionBackground: "#3d4a7a",
};

interface Parts {
  terminal: Terminal;
  fit: FitAddon;
  search: SearchAddon;
}

/** The serial port in a terminal, with its toolbar. */
export function SerialTerminal({ source, mode, name, expected, idleSentence, controlSince, className, leading }: SerialTerminalProps) {
  const t = useTranslations("console");
  const box = useRef<HTMLDivElement>(null);
  const exit = useRef<HTMLDivElement>(null);
  const [parts, setParts] = useState<Parts | null>(null);
  const [fontSize, setFontSize] = useState(rememberedFontSize);
  const [typing, setTyping] = useState(false);
  const [searching, setSearching] = useState(false);
  const toast = useToast();
  const [armed, setArmed] = useState<ReadonlySet<Modifier>>(new Set());
  const { state, sentence, granted, send, again } = useSerial({
    ...{ source, mode, expected, controlSince },
    terminal: parts?.terminal ?? null,
    translate: (text) => {
      if (armed.size === 0) return text;
      setArmed(new Set());
      return withModifiers(text, armed);
    },
  });
  const connected = state === "connected";

  useEffect(() => {
    if (box.current === null) return;
    const terminal = new Terminal({
      // The search marks what it finds by decorations, which are still an opt-in.
      allowProposedApi: true,
      cursorBlink: false,
      scrollback: SCROLLBACK_LINES,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--font-geist-mono") || "monospace",
      fontSize: rememberedFontSize(),
      theme: THEME,
    });
    const made: Parts = { terminal, fit: new FitAddon(), search: new SearchAddon() };
    terminal.loadAddon(made.fit);
    terminal.loadAddon(made.search);
    terminal.open(box.current);
    terminal.attachCustomKeyEventHandler((event) => {
      if (event.type !== "keydown" || !event.ctrlKey) return true;
      if (event.altKey && event.key === "Enter") {
        exit.current?.querySelector("button")?.focus();
        return false;
      }
      if (event.key.toLowerCase() === "f" && !event.altKey) {
        setSearching(true);
        event.preventDefault();
        return false;
      }
      // The browser copies what is selected; without a selection Ctrl-C is the guest's.
      return !(event.key.toLowerCase() === "c" && !event.altKey && terminal.hasSelection());
    });
    made.fit.fit();
    const observer = new ResizeObserver(() => made.fit.fit());
    observer.observe(box.current);
    setParts(made);
    return () => {
      observer.disconnect();
      terminal.dispose();
      setParts(null);
    };
  }, []);

  useEffect(() => {
    parts?.terminal.textarea?.setAttribute("aria-label", t("serial.input"));
  }, [t, parts]);
  useEffect(() => {
    if (parts === null) return;
    parts.terminal.options.fontSize = fontSize;
    parts.fit.fit();
    window.localStorage.setItem(FONT.key, String(fontSize));
  }, [parts, fontSize]);
  useEffect(() => {
    if (parts !== null) parts.terminal.options.disableStdin = granted === "view";
  }, [parts, granted]);

  const download = async () => {
    if (source.serialLog === null) return;
    try {
      saveText(`${name}-serial.log`, await source.serialLog());
    } catch {
      toast.show({ tone: "bad", title: t("serial.noLog"), description: t("serial.noLogHint") });
    }
  };
  const closeSearch = useCallback(() => {
    setSearching(false);
    parts?.terminal.focus();
  }, [parts]);

  return (
    <div className={cn("flex min-h-0 min-w-0 flex-col bg-surface", className)}>
      <div ref={exit}>
        <SerialToolbar
          leading={leading}
          typing={typing}
          viewOnly={granted === "view"}
          refusal={connected ? null : t("serial.notConnected")}
          onFocus={() => parts?.terminal.focus()}
          onSearch={() => setSearching(true)}
          textToCopy={() => textOf(parts?.terminal ?? null)}
          onDownload={source.serialLog === null ? null : download}
          fontSize={fontSize}
          onFontSize={(size) => setFontSize(Math.min(FONT.largest, Math.max(FONT.smallest, size)))}
          onTellSize={() => {
            if (parts !== null) send(`stty cols ${parts.terminal.cols} rows ${parts.terminal.rows}\r`);
            parts?.terminal.focus();
          }}
          onClear={() => parts?.terminal.clear()}
        />
      </div>
      {searching && parts !== null ? <SerialSearch search={parts.search} onClose={closeSearch} /> : null}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only watches where the keyboard goes */}
      <div
        data-testid="serial-console"
        data-serial-state={state}
        onFocus={() => setTyping(true)}
        onBlur={() => setTyping(false)}
        className={cn(
          "relative min-h-0 flex-1 overflow-hidden bg-[#0b0b0f] p-2",
          typing && connected && granted === "control" && "shadow-[inset_0_0_0_2px_var(--accent-line)]",
        )}
      >
        <section ref={box} aria-label={t("serial.label", { name })} className={cn("size-full", !connected && "opacity-45")} />
        {connected ? null : (
          <Curtain
            state={state}
            sentence={expected ? sentence === null ? t("serial.connecting") : <Sentence of={sentence} /> : idleSentence}
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
          onKey={({ code }) => {
            send(withModifiers(sequenceOf(code), armed));
            setArmed(new Set());
          }}
          onKeyboard={null}
        />
      ) : null}
    </div>
  );
}

function rememberedFontSize(): number {
  const kept = Number(window.localStorage.getItem(FONT.key));
  return kept >= FONT.smallest && kept <= FONT.largest ? kept : FONT.usual;
}

/** What is selected, or else everything there is. */
function textOf(terminal: Terminal | null): string {
  if (terminal === null) return "";
  if (terminal.hasSelection()) return terminal.getSelection();
  const lines: string[] = [];
  const { active } = terminal.buffer;
  for (let row = 0; row < active.length; row += 1) {
    const line = active.getLine(row);
    const text = line?.translateToString(true) ?? "";
    if (line?.isWrapped === true) lines.push(`${lines.pop() ?? ""}${text}`);
    else lines.push(text);
  }
  return lines.join("\n").trimEnd();
}
