import type { HostPairView } from "@indium/contract/api/host-views";
import type { PeerPath } from "@indium/contract/direct";
import type { useTranslations } from "use-intl/react";
import type { Tone } from "@/ui/tone";

type Translator = ReturnType<typeof useTranslations<"hosts.pairs">>;
type Shown = Pick<HostPairView, "name" | "onOverlay">;

export interface PairWords {
  readonly way: string;
  readonly tone: Tone;
  /** Something is being tried. */
  readonly active: boolean;
  readonly why: string;
}

/** By which way two hosts reach each other, and why not by a better one. `path` as one of them says it; null: neither says anything now. */
export function pairWords({ name, onOverlay }: Shown, path: PeerPath | null, t: Translator): PairWords {
  if (path === null) return { way: t("way.unknown"), tone: "quiet", active: false, why: unknownWhy(name, onOverlay, t) };
  if (path.state === "direct") return { way: t("way.direct"), tone: "good", active: false, why: viaWords(path, t) };
  const why = t(`why.${path.reason}`, { name });
  const active = path.state === "probing";
  // Without an answer it would be untrue that the relay carries anything.
  if (path.roundTripMs !== null) return { way: t("way.relayed"), tone: "quiet", active, why };
  if (active) return { way: t("way.trying"), tone: "quiet", active, why };
  return { way: t("way.silent"), tone: "warn", active, why: path.reason === "noTunnel" ? why : t("andSilent", { why }) };
}

function viaWords({ via }: PeerPath, t: Translator): string {
  if (via === null) return "";
  return t(`via.${via.kind ?? "elsewhere"}`, { endpoint: via.endpoint });
}

function unknownWhy(name: string, { here, there }: HostPairView["onOverlay"], t: Translator): string {
  if (!here && !there) return t("off.both");
  if (!here) return t("off.here");
  return there ? t("off.unsaid") : t("off.there", { name });
}
