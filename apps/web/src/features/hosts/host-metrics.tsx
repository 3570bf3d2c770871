"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { MetricsSection } from "@/features/metrics/metrics-section";

/** What the host uses, over time, by its own measurement. */
export function HostMetrics({ host }: { host: HostView }) {
  const { facts } = host;
  return (
    <MetricsSection
      subject={{ kind: "host", hostId: host.id }}
      about={{
        name: host.name,
        hostName: host.name,
        hostOnline: host.state === "online",
        running: true,
        startedAt: null,
        agentVersion: facts?.agentVersion ?? null,
      }}
      capacity={
        facts === null
          ? null
          : { processors: facts.cpu.threads, memoryBytes: facts.memoryBytes, storageBytes: facts.storage.sizeBytes || null }
      }
    />
  );
}
