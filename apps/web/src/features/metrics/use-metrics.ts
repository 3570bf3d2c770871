"use client";

import type { MetricRange, MetricsView } from "@indium/contract/api/metric-views";
import type { HostId, InstanceId } from "@indium/contract/ids";
import { mergeNewer } from "@indium/domain/metric-series";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useMetricTicks } from "@/features/live/live-provider";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { newsSince } from "./news-since";

export type MetricSubject =
  | { readonly kind: "host"; readonly hostId: HostId }
  | { readonly kind: "instance"; readonly instanceId: InstanceId; readonly hostId: HostId | null };

/** A chart's points. What is new is asked for when the live feed says that there is something, and put after what is shown. */
export function useMetrics(subject: MetricSubject, range: MetricRange) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queryClient = useQueryClient();
  const host = useQuery({
    ...trpc.metrics.host.queryOptions({ hostId: subject.hostId ?? "h-00000000000000000", range }),
    enabled: subject.kind === "host",
    placeholderData: keepPreviousData,
  });
  const instance = useQuery({
    ...trpc.metrics.instance.queryOptions({
      instanceId: subject.kind === "instance" ? subject.instanceId : "i-00000000000000000",
      range,
    }),
    enabled: subject.kind === "instance",
    placeholderData: keepPreviousData,
  });
  const asking = useRef(false);
  useMetricTicks(subject.hostId, (at) => {
    const key =
      subject.kind === "host"
        ? trpc.metrics.host.queryKey({ hostId: subject.hostId, range })
        : trpc.metrics.instance.queryKey({ instanceId: subject.instanceId, range });
    const shown = queryClient.getQueryData<MetricsView>(key);
    const since = shown === undefined ? null : newsSince(shown, at);
    if (since === null || asking.current) return;
    asking.current = true;
    const news =
      subject.kind === "host"
        ? client.metrics.host.query({ hostId: subject.hostId, range, since })
        : client.metrics.instance.query({ instanceId: subject.instanceId, range, since });
    news
      .then(
        (newer) => queryClient.setQueryData<MetricsView>(key, (now) => (now === undefined ? now : mergeNewer(now, newer))),
        // The next sample is seconds away, and asks for these too.
        () => {},
      )
      .finally(() => {
        asking.current = false;
      });
  });
  return subject.kind === "host" ? host : instance;
}
