"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { MetricsSection } from "@/features/metrics/metrics-section";

/** What the instance uses, over time, as its host measures it. */
export function MetricsPanel({ instance }: { instance: InstanceView }) {
  return (
    <MetricsSection
      subject={{ kind: "instance", instanceId: instance.id, hostId: instance.hostId }}
      about={{
        name: instance.name,
        hostName: instance.hostName,
        hostOnline: instance.state !== "unknown",
        running: instance.state === "running" || instance.state === "paused",
        startedAt: instance.startedAt?.getTime() ?? null,
        agentVersion: null,
      }}
      capacity={{ processors: instance.vcpus, memoryBytes: instance.memoryBytes, storageBytes: null }}
    />
  );
}
