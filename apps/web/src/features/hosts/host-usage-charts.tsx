"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { useHostUsage, useUsageHistory } from "@/features/live/live-provider";
import { formatBytesOf, formatPercent, formatRate } from "@/lib/format";
import { Sparkline } from "@/ui/sparkline";

/** The last minutes, as they come in while the page is open. */
export function HostUsageCharts({ host }: { host: HostView }) {
  const history = useUsageHistory(host.id);
  const sample = useHostUsage(host);
  if (host.state !== "online" || sample === null || host.facts === null) {
    return <p className="text-ink-3">{host.state === "online" ? "The first sample is on its way." : "The host sends no samples now."}</p>;
  }
  const memory = host.facts.memoryBytes;
  const network = sample.networkReceivedBytesPerSecond + sample.networkSentBytesPerSecond;
  const charts = [
    { label: "CPU", now: formatPercent(sample.cpuFraction), values: history.map((each) => each.cpuFraction), max: 1 },
    {
      label: "Memory",
      now: formatBytesOf(sample.memoryUsedBytes, memory),
      values: history.map((each) => each.memoryUsedBytes),
      max: memory,
    },
    {
      label: "Disk",
      now: formatBytesOf(sample.storageUsedBytes, host.facts.storage.sizeBytes),
      values: history.map((each) => each.storageUsedBytes),
      max: host.facts.storage.sizeBytes,
    },
    {
      label: "Network",
      now: formatRate(network),
      values: history.map((each) => each.networkReceivedBytesPerSecond + each.networkSentBytesPerSecond),
      max: undefined,
    },
  ];
  return (
    <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
      {charts.map((chart) => (
        <div key={chart.label} className="min-w-0">
          <div className="mb-1 flex items-baseline justify-between gap-3">
            <h3 className="text-[0.8125rem] text-ink-3">{chart.label}</h3>
            <p className="tabular font-medium">{chart.now}</p>
          </div>
          <Sparkline
            label={`${chart.label}: now ${chart.now}`}
            values={chart.values}
            {...(chart.max === undefined ? {} : { max: chart.max })}
          />
        </div>
      ))}
    </div>
  );
}
