"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { formatBytes, formatUptime, plural } from "@/lib/format";
import { useNow } from "@/ui/clock";
import { CopyValue } from "@/ui/copy-button";
import { Facts } from "@/ui/facts";
import { RelativeTime } from "@/ui/relative-time";
import { ACCELERATION } from "./host-state";

export function HostFactsList({ host }: { host: HostView }) {
  const now = useNow();
  const { facts } = host;
  if (facts === null) return <p className="text-ink-3">The host has not said anything about itself yet.</p>;
  const acceleration = ACCELERATION[facts.acceleration];
  const uplinks = facts.nics.filter((nic) => nic.uplink);
  return (
    <Facts
      facts={[
        {
          label: "Acceleration",
          value: (
            <>
              {acceleration.label}
              <span className="block text-[0.8125rem] text-ink-3">{facts.accelerationReason ?? acceleration.sentence}</span>
            </>
          ),
        },
        {
          label: "Processor",
          value: (
            <>
              {facts.cpu.model}
              <span className="block text-[0.8125rem] text-ink-3">
                {plural(facts.cpu.sockets, "socket")}, {plural(facts.cpu.cores, "core")}, {plural(facts.cpu.threads, "thread")}
              </span>
            </>
          ),
        },
        { label: "Memory", value: formatBytes(facts.memoryBytes) },
        { label: "Storage for instances", value: `${formatBytes(facts.storage.sizeBytes)} at ${facts.storage.path}` },
        { label: "System", value: `${facts.operatingSystem}, Linux ${facts.kernel}` },
        { label: "Hypervisor", value: facts.hypervisorVersion ?? "simulated" },
        ...(facts.vmLimits === undefined ? [] : [{ label: "VMs' limits", value: vmLimitsInWords(facts.vmLimits) }]),
        {
          label: "Addresses",
          value:
            uplinks.length === 0
              ? "–"
              : uplinks.map((nic) => (
                  <span key={nic.name} className="block">
                    <span className="text-ink-3">{nic.name}</span> {nic.addresses.join(", ")}
                  </span>
                )),
        },
        { label: "Up for", value: now === null || host.state !== "online" ? "–" : formatUptime(now - facts.bootedAt) },
        { label: "Agent", value: facts.agentVersion },
        { label: "Enrolled", value: <RelativeTime date={host.enrolledAt} /> },
        { label: "Host name", value: facts.hostname },
        { label: "Id", value: <CopyValue value={host.id} label="Copy id" /> },
      ]}
    />
  );
}

function vmLimitsInWords(limits: NonNullable<NonNullable<HostView["facts"]>["vmLimits"]>): string {
  switch (limits.kind) {
    case "systemd":
      return "Memory and processor time, one systemd scope each";
    case "cgroup":
      return "Memory and processor time, one control group each";
    case "none":
      return `None${limits.reason === null ? "" : `: ${limits.reason}`}`;
  }
}
