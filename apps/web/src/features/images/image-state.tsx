import type { ImageView } from "@indium/contract/api/catalogue-views";
import { formatProgress, progressFraction } from "@/lib/format";
import { StateBadge } from "@/ui/badge";
import { Progress } from "@/ui/progress";
import type { Tone } from "@/ui/tone";

const STATE: Record<ImageView["state"], { label: string; tone: Tone; active: boolean }> = {
  ready: { label: "Ready", tone: "good", active: false },
  building: { label: "Building", tone: "accent", active: true },
  failed: { label: "Failed", tone: "bad", active: false },
};

/** Offered, but on no disk of ours until a host needs it. */
const AVAILABLE = { label: "Available", tone: "quiet", active: false } as const;

const COPY: Record<ImageView["copies"][number]["state"], { label: string; tone: Tone; active: boolean }> = {
  absent: { label: "Not there yet", tone: "quiet", active: false },
  downloading: { label: "Downloading", tone: "accent", active: true },
  verifying: { label: "Verifying", tone: "accent", active: true },
  ready: { label: "Ready", tone: "good", active: false },
  failed: { label: "Failed", tone: "bad", active: false },
};

export function ImageStateBadge({ image }: { image: Pick<ImageView, "state" | "origin"> }) {
  const { label, tone, active } = image.state === "ready" && image.origin !== "built" ? AVAILABLE : STATE[image.state];
  return (
    <StateBadge tone={tone} active={active}>
      {label}
    </StateBadge>
  );
}

export function CopyStateBadge({ state }: { state: ImageView["copies"][number]["state"] }) {
  const { label, tone, active } = COPY[state];
  return (
    <StateBadge tone={tone} active={active}>
      {label}
    </StateBadge>
  );
}

/** A bar with its numbers, while something is being built or fetched. */
export function ImageProgress({ label, progress, message }: { label: string; progress: ImageView["progress"]; message?: string | null }) {
  const words = [message, formatProgress(progress)].filter(Boolean).join(" · ");
  return (
    <span className="block min-w-0">
      <Progress label={label} value={progressFraction(progress)} />
      {words === "" ? null : <span className="mt-1 block truncate text-ink-3 text-xs">{words}</span>}
    </span>
  );
}
