"use client";

import type { HostView } from "@indium/contract/api/host-views";
import type { HostPath } from "@indium/contract/overlay";
import { useTranslations } from "use-intl/react";
import { useHostUsage } from "@/features/live/live-provider";
import { useFormat } from "@/lib/i18n/use-format";
import { useNow } from "@/ui/clock";

/** By which way the host is linked, as the host measures it. An unreachable host shows nothing rather than what was. */
export function HostPathLine({ host }: { host: HostView }) {
  const t = useTranslations("hosts.path");
  const format = useFormat();
  const sample = useHostUsage(host);
  const why = useReason();
  const path = host.state === "online" ? sample?.path : undefined;
  if (path === undefined) return null;
  const way = t(path.kind);
  const reason = path.kind === "overlay" && path.reason === "healthy" ? null : why(path);
  return (
    <p className="text-[0.8125rem] text-ink-2">
      <span className="text-ink-3">{t("label")}</span>{" "}
      <span className="tabular">
        {path.roundTripMs === null ? way : t("line", { way, roundTrip: `${format.decimal(path.roundTripMs)} ms` })}
      </span>
      {reason === null ? null : <span className="text-ink-3"> {reason}</span>}
    </p>
  );
}

function useReason(): (path: HostPath) => string {
  const t = useTranslations("hosts.path.why");
  const format = useFormat();
  const now = useNow();
  return ({ reason, detail, overlayHeardAt }) => {
    switch (reason) {
      case "silent":
        return overlayHeardAt === null || now === null ? t("silentNever") : t("silent", { heard: format.relative(overlayHeardAt, now) });
      case "unlinked":
      case "relayOff":
      case "hostOff":
        return t(reason, { detail: detail ?? "" });
      case "healthy":
      case "trying":
      case "unsteady":
      case "sameMachine":
      case "simulated":
        return t(reason);
    }
  };
}
