"use client";

import type { MetricsView } from "@indium/contract/api/metric-views";
import { METRIC_RANGES } from "@indium/contract/plain/metrics";
import { useMemo } from "react";
import { useTranslations } from "use-intl/react";
import { QueryView } from "@/features/shell/query-view";
import { useFormat } from "@/lib/i18n/use-format";
import { useUrlChoice } from "@/lib/use-url-choice";
import { Section } from "@/ui/card";
import { useNow } from "@/ui/clock";
import { Segments } from "@/ui/segments";
import { Skeleton } from "@/ui/skeleton";
import { TimeChart } from "@/ui/time-chart";
import { awaited, type MetricsCircumstances } from "./awaited";
import { type Capacity, chartPlans } from "./chart-plan";
import { type MetricSubject, useMetrics } from "./use-metrics";

interface MetricsSectionProps {
  subject: MetricSubject;
  about: Omit<MetricsCircumstances, "kind" | "nowMs">;
  /** Null while nobody knows it (a host that never told its facts). */
  capacity: Capacity | null;
}

/** The charts of a host or an instance, moving by themselves, over the range that stands in the address. */
export function MetricsSection({ subject, about, capacity }: MetricsSectionProps) {
  const t = useTranslations("metrics");
  const [range, setRange] = useUrlChoice("range", METRIC_RANGES);
  const metrics = useMetrics(subject, range);
  const now = useNow();
  return (
    <Section
      title={t("title")}
      aside={
        <Segments
          label={t("range")}
          value={range}
          onValueChange={setRange}
          options={METRIC_RANGES.map((value) => ({ value, label: t(`rangesShort.${value}`), name: t(`ranges.${value}`) }))}
        />
      }
    >
      <QueryView query={metrics} what={t("what")} skeleton={<ChartSkeletons />}>
        {(view) => {
          const isEmpty = Object.keys(view.series).length === 0;
          if (isEmpty || capacity === null) {
            const { title, description } = awaited(t, view, { ...about, kind: subject.kind, nowMs: now ?? 0 });
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

function Charts({ view, kind, capacity }: { view: MetricsView; kind: "host" | "instance"; capacity: Capacity }) {
  const t = useTranslations("metrics");
  const format = useFormat();
  const { processors, memoryBytes, storageBytes } = capacity;
  const plans = useMemo(
    () => chartPlans(t, format, view, kind, { processors, memoryBytes, storageBytes }),
    [t, format, view, kind, processors, memoryBytes, storageBytes],
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
  const t = useTranslations("metrics");
  return (
    <div role="status" aria-label={t("loading")} className="grid grid-cols-1 gap-x-8 gap-y-6 lg:grid-cols-2">
      {["cpu", "memory", "network", "disk"].map((name) => (
        <Skeleton key={name} className="h-48 rounded-md" />
      ))}
    </div>
  );
}
