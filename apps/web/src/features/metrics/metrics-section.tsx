"use client";

import type { MetricRange } from "@indium/contract/api/metric-views";
import { METRIC_RANGES } from "@indium/contract/plain/metrics";
import { useMemo } from "react";
import { QueryView } from "@/features/shell/query-view";
import { useUrlChoice } from "@/lib/use-url-choice";
import { Section } from "@/ui/card";
import { useNow } from "@/ui/clock";
import { Segments } from "@/ui/segments";
import { Skeleton } from "@/ui/skeleton";
import { TimeChart } from "@/ui/time-chart";
import { awaited, type MetricsCircumstances } from "./awaited";
import { type Capacity, chartPlans } from "./chart-plan";
import { type MetricSubject, useMetrics } from "./use-metrics";

const RANGE_WORDS: Record<MetricRange, string> = {
  "1h": "1 hour",
  "6h": "6 hours",
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
  "1y": "1 year",
};

interface MetricsSectionProps {
  subject: MetricSubject;
  about: Omit<MetricsCircumstances, "kind" | "nowMs">;
  /** Null while nobody knows it (a host that never told its facts). */
  capacity: Capacity | null;
}

/** The charts of a host or an instance, moving by themselves, over the range that stands in the address. */
export function MetricsSection({ subject, about, capacity }: MetricsSectionProps) {
  const [range, setRange] = useUrlChoice("range", METRIC_RANGES);
  const metrics = useMetrics(subject, range);
  const now = useNow();
  return (
    <Section
      title="Metrics"
      aside={
        <Segments
          label="Time range"
          value={range}
          onValueChange={setRange}
          options={METRIC_RANGES.map((value) => ({ value, label: value, name: `Last ${RANGE_WORDS[value]}` }))}
        />
      }
    >
      <QueryView query={metrics} what="metrics" skeleton={<ChartSkeletons />}>
        {(view) => {
          const isEmpty = Object.keys(view.series).length === 0;
          if (isEmpty || capacity === null) {
            const { title, description } = awaited(view, { ...about, kind: subject.kind, nowMs: now ?? 0 });
            return (
              <div role="status" className="py-8 text-center">
                <p className="font-medium text-ink">{title}</p>
                <p className="mx-auto mt-1 max-w-prose text-pretty text-ink-3">{description}</p>
              </div>
            );
          }
          return <Charts view={view} kind={subject.kind} capacity={capacity} />;
        }}
      </QueryView>
    </Section>
  );
}

function Charts({ view, kind, capacity }: { view: Parameters<typeof chartPlans>[0]; kind: "host" | "instance"; capacity: Capacity }) {
  const { processors, memoryBytes, storageBytes } = capacity;
  const plans = useMemo(
    () => chartPlans(view, kind, { processors, memoryBytes, storageBytes }),
    [view, kind, processors, memoryBytes, storageBytes],
  );
  return (
    <div className="grid grid-cols-1 gap-x-8 gap-y-6 lg:grid-cols-2">
      {plans.map((plan) => (
        <TimeChart key={plan.title} from={view.from} stepMs={view.stepMs} syncKey="metrics" {...plan} />
      ))}
    </div>
  );
}

function ChartSkeletons() {
  return (
    <div role="status" aria-label="Loading metrics…" className="grid grid-cols-1 gap-x-8 gap-y-6 lg:grid-cols-2">
      {["cpu", "memory", "network", "disk"].map((name) => (
        <Skeleton key={name} className="h-48 rounded-md" />
      ))}
    </div>
  );
}
