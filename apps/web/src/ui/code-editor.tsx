"use client";

import { type ComponentType, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { useTranslations } from "use-intl/react";
import { cn } from "./cn";
import { useFieldControl } from "./field";
import { Kbd } from "./kbd";
import { Textarea } from "./textarea";

export interface CodeProblem {
  /** Both from 1. */
  line: number;
  column: number;
  severity: "error" | "warning";
  message: string;
}

export interface CodeEditorHandle {
  goTo: (line: number, column: number) => void;
}

export interface CodeEditorProps {
  value: string;
  onChange: (value: string) => void;
  /** The editor is no form control that a <label> could name. */
  label: string;
  placeholder: string;
  language: "yaml" | "plain";
  problems: readonly CodeProblem[];
  handle?: Ref<CodeEditorHandle>;
}

type Loaded = ComponentType<
  CodeEditorProps & { id: string | undefined; describedBy: string | undefined; invalid: boolean; takeFocusAt: number | null }
>;

/** A plain text area until the editor is loaded, and for good when it cannot be: nobody waits to type. */
export function CodeEditor(props: CodeEditorProps) {
  const t = useTranslations("ui.editor");
  const field = useFieldControl();
  const area = useRef<HTMLDivElement>(null);
  const [loaded, setLoaded] = useState<{ Editor: Loaded; takeFocusAt: number | null } | null>(null);
  useEffect(() => {
    let isGone = false;
    import("./code-mirror").then(
      (module) => {
        if (isGone) return;
        const typing = document.activeElement;
        const takeFocusAt = typing instanceof HTMLTextAreaElement && area.current?.contains(typing) ? typing.selectionStart : null;
        setLoaded({ Editor: module.default, takeFocusAt });
      },
      () => {},
    );
    return () => {
      isGone = true;
    };
  }, []);

  if (loaded === null) {
    return (
      <div ref={area}>
        <PlainEditor {...props} />
      </div>
    );
  }
  return (
    <div>
      <div
        className={cn(
          "overflow-hidden rounded-md border bg-surface focus-within:outline-2 focus-within:outline-accent-ink",
          field["aria-invalid"] ? "border-bad" : "border-line-strong",
        )}
      >
        <loaded.Editor
          {...props}
          id={field.id}
          describedBy={field["aria-describedby"]}
          invalid={field["aria-invalid"] ?? false}
          takeFocusAt={loaded.takeFocusAt}
        />
      </div>
      <p className="mt-1.5 text-[0.8125rem] text-ink-3 max-sm:hidden">
        {t.rich("leaving", { escape: () => <Kbd keys={["Esc"]} />, tab: () => <Kbd keys={["Tab"]} /> })}
      </p>
    </div>
  );
}

function PlainEditor({ value, onChange, label, placeholder, handle }: CodeEditorProps) {
  const wrapper = useRef<HTMLDivElement>(null);
  useImperativeHandle(handle, () => ({
    goTo(line, column) {
      const area = wrapper.current?.querySelector("textarea");
      if (!area) return;
      const before = value.split("\n").slice(0, line - 1);
      const position = before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
      area.focus();
      area.setSelectionRange(position, position);
    },
  }));
  return (
    <div ref={wrapper}>
      <Textarea
        mono
        rows={10}
        aria-label={label}
        autoCapitalize="off"
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
