"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { useTranslations } from "use-intl/react";
import { useHostUsage } from "@/features/live/live-provider";
import { useFormat } from "@/lib/i18n/use-format";
import { useNow } from "@/ui/clock";
import { pathWords, relayWords } from "./path-words";

/** By which way the host is linked, as the host measures it, and by which relay; which one stands by. An unreachable host shows nothing rather than what was. */
export function HostPathLine({ host }: { host: HostView }) {
  const t = useTranslations("hosts.path");
  const format = useFormat();
  const now = useNow();
  const sample = useHostUsage(host);
  const path = host.state === "online" ? sample?.path : undefined;
  if (path === undefined) return null;
  const { way, why } = pathWords(path, t, format, now);
  return (
    <p className="text-[0.8125rem] text-ink-2">
      <span className="text-ink-3">{t("label")}</span> <span className="tabular">{way}</span>
      {host.relayName === null ? null : <span> {relayWords(host.relayName, sample?.standby, t)}</span>}
      {why === null ? null : <span className="text-ink-3"> · {why}</span>}
    </p>
  );
}
