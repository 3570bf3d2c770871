/** What a colour says. Never said by colour alone: a word or an icon stands beside it. */
export type Tone = "good" | "warn" | "bad" | "info" | "accent" | "quiet";

export const TONE_TEXT: Record<Tone, string> = {
  good: "text-good",
  warn: "text-warn",
  bad: "text-bad",
  info: "text-info",
  accent: "text-accent-ink",
  quiet: "text-ink-2",
};

export const TONE_SOFT: Record<Tone, string> = {
  good: "bg-good-soft text-good",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  info: "bg-info-soft text-info",
  accent: "bg-accent-soft text-accent-ink",
  quiet: "bg-hover text-ink-2",
};

export const TONE_DOT: Record<Tone, string> = {
  good: "bg-good-dot",
  warn: "bg-warn-dot",
  bad: "bg-bad-dot",
  info: "bg-info-dot",
  accent: "bg-accent",
  quiet: "bg-quiet-dot",
};
