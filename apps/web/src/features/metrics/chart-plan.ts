import type { MetricsView } from "@indium/contract/api/metric-views";
import type { MetricName } from "@indium/contract/plain/metrics";
import { summaryOf } from "@indium/domain/metric-series";
import { formatBytes, formatBytesOf, formatPercent, formatRate } from "@/lib/format";

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

interface Wanted extends Omit<ChartPlan, "lines" | "summary"> {
  readonly lines: readonly (readonly [label: string, metric: MetricName])[];
  /** Kept as they are, or a part of this much. */
  readonly of?: number;
}

const perSecond = (value: number): string =>
  `${value < 10 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value).toLocaleString("en")}/s`;

/** The charts of a host or an instance: those of which anything was measured. */
export function chartPlans(view: MetricsView, kind: "host" | "instance", capacity: Capacity): readonly ChartPlan[] {
  const bytesOf = (whole: number) => (value: number) => (value > whole ? formatBytes(value) : formatBytesOf(value, whole));
  const wanted: readonly Wanted[] = [
    { title: "CPU", lines: [["Used", "cpu"]], format: formatPercent, base: 10, top: 1, of: capacity.processors },
    {
      title: "Memory",
      lines:
        kind === "host"
          ? [["Used", "memory"]]
          : [
              ["Held on the host", "memory"],
              ["Used in the guest", "guestMemory"],
            ],
      format: bytesOf(capacity.memoryBytes),
      formatTick: formatBytes,
      base: 2,
      top: capacity.memoryBytes,
    },
    {
      title: "Network",
      lines: [
        ["Received", "received"],
        ["Sent", "sent"],
      ],
      format: formatRate,
      base: 2,
      top: 1_024,
    },
    {
      title: "Disk",
      lines: [
        ["Read", "diskRead"],
        ["Written", "diskWritten"],
      ],
      format: formatRate,
      base: 2,
      top: 1_024,
    },
    {
      title: "Packets",
      lines: [
        ["Received", "receivedPackets"],
        ["Sent", "sentPackets"],
      ],
      format: perSecond,
      base: 10,
      top: 1,
    },
    {
      title: "Disk operations",
      lines: [
        ["Reads", "diskReads"],
        ["Writes", "diskWrites"],
      ],
      format: perSecond,
      base: 10,
      top: 1,
    },
    ...(capacity.storageBytes === null
      ? []
      : [
          {
            title: "Disk space",
            lines: [["Used", "storage"]],
            format: bytesOf(capacity.storageBytes),
            formatTick: formatBytes,
            base: 2,
            top: capacity.storageBytes,
          } as const,
        ]),
  ];
  return wanted.flatMap(({ lines, of, ...chart }) => {
    const drawn = lines.flatMap(([label, metric]) => {
      const values = view.series[metric];
      if (values === undefined) return [];
      return { label, values: of === undefined ? values : values.map((value) => (value === null ? null : value / of)) };
    });
    if (drawn.length === 0) return [];
    return { ...chart, lines: drawn, summary: wordsOf(chart.title, drawn, chart.format) };
  });
}

/** "CPU. Used: lowest 1 %, mean 5 %, highest 30 %, last 4 %." */
function wordsOf(title: string, lines: ChartPlan["lines"], format: (value: number) => string): string {
  const sentences = lines.map(({ label, values }) => {
    const summary = summaryOf(values);
    if (summary === null) return `${label}: not measured.`;
    const { min, average, max, last } = summary;
    return `${label}: lowest ${format(min)}, mean ${format(average)}, highest ${format(max)}, last ${format(last)}.`;
  });
  return `${title}. ${sentences.join(" ")}`;
}
