"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import { useTranslations } from "use-intl/react";
import { progressFraction } from "@/lib/format";
import { useFormat } from "@/lib/i18n/use-format";
import { StateBadge } from "@/ui/badge";
import { Progress } from "@/ui/progress";
import type { Tone } from "@/ui/tone";

type State = ImageView["state"] | "available";
type CopyState = ImageView["copies"][number]["state"];

interface Look {
  readonly tone: Tone;
  readonly active: boolean;
}

const LOOK: Record<State, Look> = {
  ready: { tone: "good", active: false },
  building: { tone: "accent", active: true },
  failed: { tone: "bad", active: false },
  /** Offered, but on no disk of ours until a host needs it. */
  available: { tone: "quiet", active: false },
};

const COPY_LOOK: Record<CopyState, Look> = {
  absent: { tone: "quiet", active: false },
  downloading: { tone: "accent", active: true },
  verifying: { tone: "accent", active: true },
  ready: { tone: "good", active: false },
  failed: { tone: "bad", active: false },
};

export function ImageStateBadge({ image }: { image: Pick<ImageView, "state" | "origin"> }) {
  const t = useTranslations("images");
  const state: State = image.state === "ready" && image.origin !== "built" ? "available" : image.state;
  return <StateBadge {...LOOK[state]}>{t(`states.${state}`)}</StateBadge>;
}

export function CopyStateBadge({ state }: { state: CopyState }) {
  const t = useTranslations("images");
  return <StateBadge {...COPY_LOOK[state]}>{t(`copyStates.${state}`)}</StateBadge>;
}

interface ImageProgressProps {
  label: string;
  progress: ImageView["progress"];
  /** What whoever works on it says, in English. */
  message?: string | null;
  /** Until it says something. */
  meanwhile?: string;
}

/** A bar with its numbers, while something is being built or fetched. */
export function ImageProgress({ label, progress, message, meanwhile }: ImageProgressProps) {
  const numbers = useFormat().progress(progress);
  const words = message ? <span lang="en">{message}</span> : meanwhile;
  return (
    <span className="block min-w-0">
      <Progress label={label} value={progressFraction(progress)} />
      {words || numbers ? (
        <span className="mt-1 block truncate text-ink-3 text-xs">
          {words}
          {words && numbers ? " · " : null}
          {numbers}
        </span>
      ) : null}
    </span>
  );
}
