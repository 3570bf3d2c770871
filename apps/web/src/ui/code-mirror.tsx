"use client";

import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Annotation, Compartment, EditorSelection, EditorState, type Text } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder as placeholderText } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useImperativeHandle, useRef } from "react";
import type { CodeEditorProps, CodeProblem } from "./code-editor";

/**
 * CodeMirror in our tokens. Loaded by code-editor.tsx alone: it is 150 kB that no other page needs.
 * Tab indents, so it must not trap the keyboard: after Escape, Tab and Shift-Tab leave, until something is typed.
 */
const fromOutside = Annotation.define<true>();

const theme = EditorView.theme({
  "&": { backgroundColor: "var(--surface)", color: "var(--ink)", borderRadius: "6px" },
  "&.cm-focused": { outline: "none" },
  // The space above is the scroller's: the line numbers learn of the content's own only when something is typed.
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.6", maxHeight: "28rem", overflow: "auto", padding: "8px 0" },
  ".cm-content, .cm-gutter": { minHeight: "11rem" },
  ".cm-content": { padding: "0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 10px 0 6px" },
  ".cm-gutters": {
    margin: "-8px 0",
    padding: "8px 0",
    backgroundColor: "var(--sunken)",
    color: "var(--ink-3)",
    border: "none",
    borderRadius: "6px 0 0 6px",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "color-mix(in oklch, var(--hover) 55%, transparent)" },
  "&.cm-focused .cm-activeLineGutter": { color: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-soft)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", color: "inherit" },
  ".cm-placeholder": { color: "var(--ink-3)" },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    color: "var(--ink)",
    border: "1px solid var(--line)",
    borderRadius: "6px",
    maxWidth: "min(32rem, 90vw)",
  },
  ".cm-diagnostic": { fontFamily: "var(--font-sans)", padding: "6px 10px" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--bad-dot)" },
  ".cm-diagnostic-warning": { borderLeft: "3px solid var(--warn-dot)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad-dot)", textUnderlineOffset: "3px" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--warn-dot)", textUnderlineOffset: "3px" },
  ".cm-lint-marker": { width: "0.75em", height: "0.75em" },
  ".cm-lint-marker-error": { content: "none", backgroundColor: "var(--bad-dot)", borderRadius: "2px" },
  ".cm-lint-marker-warning": { content: "none", backgroundColor: "var(--warn-dot)", borderRadius: "50%" },
});

const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--accent-ink)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--info)" },
  { tag: [tags.comment, tags.lineComment, tags.meta], color: "var(--ink-3)" },
  { tag: [tags.keyword, tags.typeName, tags.labelName, tags.attributeValue], color: "var(--warn)" },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: "var(--ink-2)" },
]);

export default function CodeMirror(
  props: CodeEditorProps & { id: string | undefined; describedBy: string | undefined; invalid: boolean; takeFocusAt: number | null },
) {
  const { value, onChange, label, placeholder, language, problems, handle, id, describedBy, invalid, takeFocusAt } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ value, onChange, takeFocusAt });
  latest.current = { value, onChange, takeFocusAt };
  const parts = useRef({ language: new Compartment(), attributes: new Compartment() });

  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; what changes afterwards is dispatched to it below
  useEffect(() => {
    const parent = host.current;
    if (parent === null) return;
    let released = false;
    const release = (wanted: boolean) => {
      released = wanted;
      // Dialogs leave the Escape key to what is marked so (dialog.tsx).
      parent.toggleAttribute("data-takes-escape", !wanted);
    };
    release(false);
    const editor = new EditorView({
      parent,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          keymap.of([
            {
              key: "Escape",
              run: () => {
                if (released) return false;
                release(true);
                return true;
              },
            },
            { key: "Tab", run: (target) => !released && indentMore(target), shift: (target) => !released && indentLess(target) },
            ...defaultKeymap,
            ...historyKeymap,
          ]),
          history(),
          lineNumbers(),
          lintGutter(),
          drawSelection(),
          highlightActiveLine(),
          indentOnInput(),
          bracketMatching(),
          EditorState.tabSize.of(2),
          EditorView.lineWrapping,
          syntaxHighlighting(colours),
          theme,
          placeholderText(placeholder),
          parts.current.language.of([]),
          parts.current.attributes.of([]),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            release(false);
            if (!update.transactions.some((transaction) => transaction.annotation(fromOutside)))
              latest.current.onChange(update.state.doc.toString());
          }),
          EditorView.domEventHandlers({ blur: () => release(false) }),
        ],
      }),
    });
    view.current = editor;
    if (latest.current.takeFocusAt !== null) {
      editor.focus();
      editor.dispatch({ selection: EditorSelection.cursor(Math.min(latest.current.takeFocusAt, editor.state.doc.length)) });
    }
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    view.current?.dispatch({ effects: parts.current.language.reconfigure(language === "yaml" ? yaml() : []) });
  }, [language]);
  useEffect(() => {
    const attributes = EditorView.contentAttributes.of({
      "aria-label": label,
      spellcheck: "false",
      autocapitalize: "off",
      autocorrect: "off",
      ...(id === undefined ? {} : { id }),
      ...(describedBy === undefined ? {} : { "aria-describedby": describedBy }),
      ...(invalid ? { "aria-invalid": "true" } : {}),
    });
    view.current?.dispatch({ effects: parts.current.attributes.reconfigure(attributes) });
  }, [label, id, describedBy, invalid]);
  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === value) return;
    // Undone with Ctrl-Z like everything else.
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value }, annotations: fromOutside.of(true) });
  }, [value]);
  useEffect(() => {
    const editor = view.current;
    if (editor !== null) editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(editor.state.doc, problems)));
  }, [problems]);
  useImperativeHandle(handle, () => ({
    goTo(line, column) {
      const editor = view.current;
      if (editor === null) return;
      const position = offsetOf(editor.state.doc, line, column);
      editor.focus();
      editor.dispatch({ selection: EditorSelection.cursor(position), effects: EditorView.scrollIntoView(position, { y: "center" }) });
    },
  }));

  return <div ref={host} className="text-base sm:text-[0.8125rem]" />;
}

function offsetOf(document: Text, line: number, column: number): number {
  const at = document.line(Math.min(Math.max(1, line), document.lines));
  return Math.min(at.from + Math.max(0, column - 1), at.to);
}

/** To the end of the word, or of the line where there is none: a mark needs a width to be seen. */
function diagnosticsOf(document: Text, problems: readonly CodeProblem[]): Diagnostic[] {
  return problems.map(({ line, column, severity, message }) => {
    const from = offsetOf(document, line, column);
    const rest = document.sliceString(from, document.lineAt(from).to);
    return { from, to: from + (/^[\w$@./-]+/.exec(rest)?.[0].length ?? rest.length), severity, message };
  });
}
