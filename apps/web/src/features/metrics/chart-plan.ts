import type { MetricsView } from "@indium/contract/api/metric-views";
import type { MetricName } from "@indium/contract/plain/metrics";
import { summaryOf } from "@indium/domain/metric-series";
import type { Format } from "@/lib/i18n/format";
import type { Messages } from "@/locales/messages";
import type { MetricWords } from "./metric-words";

/** What a machine has, so that its use can be told as a part of it. */
export interface Capacity {
  readonly processors: number;
  readonly memoryBytes: number;
  /** Of the file system with the disks; hosts only. */
  readonly storageBytes: number | null;
}

export interface ChartPlan {
  readonly title: string;
  readonly lines: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
  readonly format: (value: number) => string;
  readonly formatTick?: (value: number) => string;
  readonly base: 2 | 10;
  /** The scale reaches at least to here. */
  readonly top: number;
  readonly summary: string;
}

interface Wanted extends Omit<ChartPlan, "title" | "lines" | "summary"> {
  readonly chart: keyof Messages["metrics"]["charts"];
  readonly lines: readonly (readonly [label: keyof Messages["metrics"]["lines"], metric: MetricName])[];
  /** Kept as they are, or a part of this much. */
  readonly of?: number;
}

/** The charts of a host or an instance: those of which anything was measured. */
export function chartPlans(
  t: MetricWords,
  format: Format,
  view: MetricsView,
  kind: "host" | "instance",
  capacity: Capacity,
): readonly ChartPlan[] {
  const bytesOf = (whole: number) => (value: number) => (value > whole ? format.bytes(value) : format.bytesOf(value, whole));
  const wanted: readonly Wanted[] = [
    { chart: "cpu", lines: [["used", "cpu"]], format: format.percent, base: 10, top: 1, of: capacity.processors },
    {
      chart: "memory",
      lines:
        kind === "host"
          ? [["used", "memory"]]
          : [
              ["heldOnHost", "memory"],
              ["usedInGuest", "guestMemory"],
            ],
      format: bytesOf(capacity.memoryBytes),
      formatTick: format.bytes,
      base: 2,
      top: capacity.memoryBytes,
    },
    {
      chart: "network",
      lines: [
        ["received", "received"],
        ["sent", "sent"],
      ],
      format: format.rate,
      base: 2,
      top: 1_024,
    },
    {
      chart: "disk",
      lines: [
        ["read", "diskRead"],
        ["written", "diskWritten"],
      ],
      format: format.rate,
      base: 2,
      top: 1_024,
    },
    {
      chart: "packets",
      lines: [
        ["received", "receivedPackets"],
        ["sent", "sentPackets"],
      ],
      format: format.frequency,
      base: 10,
      top: 1,
    },
    {
      chart: "diskOperations",
      lines: [
        ["reads", "diskReads"],
        ["writes", "diskWrites"],
      ],
      format: format.frequency,
      base: 10,
      top: 1,
    },
    ...(capacity.storageBytes === null
      ? []
      : [
          {
            chart: "diskSpace",
            lines: [["used", "storage"]],
            format: bytesOf(capacity.storageBytes),
            formatTick: format.bytes,
            base: 2,
            top: capacity.storageBytes,
          } as const,
        ]),
  ];
  return wanted.flatMap(({ chart, lines, of, ...rest }) => {
    const drawn = lines.flatMap(([label, metric]) => {
      const values = view.series[metric];
      if (values === undefined) return [];
      return {
        label: t(`lines.${label}`),
        values: of === undefined ? values : values.map((value) => (value === null ? null : value / of)),
      };
    });
    if (drawn.length === 0) return [];
    const title = t(`charts.${chart}`);
    return { ...rest, title, lines: drawn, summary: wordsOf(t, title, drawn, rest.format) };
  });
}

/** "CPU. Used: lowest 1 %, mean 5 %, highest 30 %, last 4 %." */
function wordsOf(t: MetricWords, title: string, lines: ChartPlan["lines"], format: (value: number) => string): string {
  const sentences = lines.map(({ label, values }) => {
    const summary = summaryOf(values);
    if (summary === null) return t("summary.unmeasured", { label });
    const { min, average, max, last } = summary;
    return t("summary.line", { label, min: format(min), average: format(average), max: format(max), last: format(last) });
  });
  return `${title}. ${sentences.join(" ")}`;
}
