import type { MetricsView } from "@indium/contract/api/metric-views";
import type { MetricWords } from "./metric-words";

/** What an empty chart says: what is awaited, and when. */
export interface MetricsCircumstances {
  readonly kind: "host" | "instance";
  readonly name: string;
  readonly hostName: string | null;
  /** The host's link is up. */
  readonly hostOnline: boolean;
  /** Instances: it runs (or is paused). */
  readonly running: boolean;
  /** Instances: since when, ms. */
  readonly startedAt: number | null;
  readonly agentVersion: string | null;
  readonly nowMs: number;
}

/** A slot ends, travels, and is written. */
export const FIRST_SAMPLE_MS = 45_000;

export function awaited(
  t: MetricWords,
  view: Pick<MetricsView, "newestAt" | "hostNewestAt">,
  about: MetricsCircumstances,
): { title: string; description: string } {
  const { kind, name, hostName, hostOnline, running, startedAt, agentVersion, nowMs } = about;
  const host = kind === "host" ? name : hostName;
  if (host === null) return { title: t("awaited.notPlaced"), description: t("awaited.notPlacedHint") };
  if (!hostOnline) return { title: t("awaited.unreachable", { host }), description: t("awaited.unreachableHint") };
  if (view.hostNewestAt === null)
    return {
      title: t("awaited.first"),
      description:
        agentVersion === null ? t("awaited.firstOfHost", { host }) : t("awaited.firstOfHostOrOlder", { host, version: agentVersion }),
    };
  if (kind === "instance" && !running) return { title: t("awaited.off", { name }), description: t("awaited.offHint") };
  if (kind === "instance" && view.newestAt === null) {
    const due = startedAt === null ? null : startedAt + FIRST_SAMPLE_MS;
    const leftS = due === null ? 0 : Math.ceil((due - nowMs) / 1_000);
    return {
      title: t("awaited.first"),
      description: leftS > 0 ? t("awaited.started", { name, seconds: String(leftS) }) : t("awaited.next", { host, name }),
    };
  }
  return { title: t("awaited.nothing"), description: t("awaited.nothingHint") };
}
