"use client";

import type { HostUsage } from "@indium/contract/host";
import type { OrganizationId } from "@indium/contract/ids";
import { useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { useTRPC } from "@/lib/trpc";
import { onDemand } from "@/ui/on-demand";
import type { StaleQuery } from "./live-mapping";
import { MetricTicks } from "./metric-ticks";
import { UsageStore } from "./usage-store";

/** Which queries a change touches: of use with the first of them. */
const mapping = onDemand(() => import("./live-mapping"));

/** A list that answers slowly does not hold up the others for longer. */
const SLOWEST_ANSWER_MS = 2_000;
/** Changes come in bursts (an operation's step, its instance, its host): ask once for the burst. */
const BATCH_MS = 100;
const RESUBSCRIBE_MS = 2_000;

interface Live {
  connected: boolean;
  usage: UsageStore;
  metrics: MetricTicks;
}
const LiveContext = createContext<Live | null>(null);

/** Subscribes to the organization's changes and makes exactly the touched queries stale. */
export function LiveProvider({ organizationId, children }: { organizationId: OrganizationId; children: ReactNode }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const usage = useMemo(() => new UsageStore(), []);
  const metrics = useMemo(() => new MetricTicks(), []);
  const pending = useRef<StaleQuery[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);

  // Asking again while the last answers are on their way would throw them away: where things change faster than the centre answers,
  // nothing would ever be shown. What changes meanwhile waits for them.
  const flush = useCallback(async () => {
    const { matchesKey, mergeStale } = await mapping.fetch();
    while (pending.current.length > 0) {
      const stale = mergeStale(pending.current);
      pending.current = [];
      const answered = queryClient.invalidateQueries({ predicate: (query) => stale.some((each) => matchesKey(query.queryKey, each)) });
      await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, SLOWEST_ANSWER_MS))]);
    }
    timer.current = null;
  }, [queryClient]);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
    },
    [],
  );

  const subscription = useSubscription(
    trpc.live.changes.subscriptionOptions(
      { organizationId },
      {
        onData: (change) => {
          switch (change.kind) {
            case "usage":
              usage.push(change.hostId, change.usage);
              return;
            case "metrics":
              metrics.push(change.hostId, change.at);
              return;
            case "resync":
              void queryClient.invalidateQueries();
              return;
            case "changed":
              mapping.fetch().then(
                ({ staleQueries }) => {
                  pending.current.push(...staleQueries(change));
                  timer.current ??= setTimeout(() => void flush(), BATCH_MS);
                },
                () => queryClient.invalidateQueries(),
              );
          }
        },
      },
    ),
  );

  // The link reconnects by itself; a stream that the server ended or refused is asked for again here.
  const { status, reset } = subscription;
  useEffect(() => {
    if (status !== "error" && status !== "idle") return;
    const again = setTimeout(reset, RESUBSCRIBE_MS);
    return () => clearTimeout(again);
  }, [status, reset]);

  const connected = status === "pending";
  const live = useMemo(() => ({ connected, usage, metrics }), [connected, usage, metrics]);
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error("this component belongs inside a LiveProvider");
  return live;
}

export function useLiveConnected(): boolean {
  return useLive().connected;
}

/** A host's samples, oldest first, as they came in while this page was open. */
export function useUsageHistory(hostId: string): readonly HostUsage[] {
  const { usage } = useLive();
  return useSyncExternalStore(
    useCallback((listener) => usage.subscribe(hostId, listener), [usage, hostId]),
    () => usage.history(hostId),
    () => usage.history(hostId),
  );
}

/** Calls back with the beginning of each of the host's newly kept slots, ms, while the component is there. */
export function useMetricTicks(hostId: string | null, onTick: (at: number) => void): void {
  const { metrics } = useLive();
  const call = useRef(onTick);
  call.current = onTick;
  useEffect(() => (hostId === null ? undefined : metrics.subscribe(hostId, (at) => call.current(at))), [metrics, hostId]);
}

/** The newest sample: streamed, or else what the page was loaded with. */
export function useHostUsage(host: { id: string; usage: HostUsage | null }): HostUsage | null {
  return useUsageHistory(host.id).at(-1) ?? host.usage;
}
