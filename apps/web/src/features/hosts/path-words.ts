import type { CarrierPath, HostPath } from "@indium/contract/overlay";
import type { useTranslations } from "use-intl/react";
import type { Format } from "@/lib/i18n/format";

type Translator = ReturnType<typeof useTranslations<"hosts.path">>;

/** "WireGuard overlay, 0.4 ms", and why it is not the better way; null when it is. `now` in ms since the epoch, null before it is known. */
export function pathWords(path: HostPath, t: Translator, format: Format, now: number | null): { way: string; why: string | null } {
  const { kind, reason, roundTripMs } = path;
  const way = roundTripMs === null ? t(kind) : t("line", { way: t(kind), roundTrip: `${format.decimal(roundTripMs)} ms` });
  if (kind === "overlay" && reason === "healthy") return { way, why: null };
  const why = whyWords(path, t, format, now);
  return { way, why: path.carrier === undefined ? why : carrierWords(path.carrier, why, t, format) };
}

/** What becomes of WireGuard meanwhile: it goes inside the websocket, for paired hosts. */
function carrierWords({ state, detail, roundTripMs }: CarrierPath, why: string, t: Translator, format: Format): string {
  switch (state) {
    case "opening":
      return t("carrier.opening", { why });
    case "carrying":
      return roundTripMs === null
        ? t("carrier.opening", { why })
        : t("carrier.carrying", { why, roundTrip: `${format.decimal(roundTripMs)} ms` });
    case "failed":
      return t("carrier.failed", { why, detail: detail ?? "" });
  }
}

/** By which relay, and which one stands by. `standby`: as in HostUsage. One that says so of the link's own relay spoke before it was promoted. */
export function relayWords(relay: string, standby: string | null | undefined, t: Translator): string {
  if (standby === undefined || standby === relay) return t("by", { relay });
  return standby === null ? t("byAlone", { relay }) : t("byWithStandby", { relay, standby });
}

function whyWords({ reason, detail, overlayHeardAt }: HostPath, t: Translator, format: Format, now: number | null): string {
  switch (reason) {
    case "silent":
      return overlayHeardAt === null || now === null
        ? t("why.silentNever")
        : t("why.silent", { heard: format.relative(overlayHeardAt, now) });
    case "unlinked":
    case "relayOff":
    case "hostOff":
      return t(`why.${reason}`, { detail: detail ?? "" });
    case "healthy":
    case "trying":
    case "unsteady":
    case "sameMachine":
    case "simulated":
      return t(`why.${reason}`);
  }
}
