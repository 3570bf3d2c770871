"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { useUsageHistory } from "@/features/live/live-provider";
import { formatBytes, formatPercent, formatUptime, plural } from "@/lib/format";
import { paths } from "@/lib/path-builder";
import { Badge } from "@/ui/badge";
import { useNow } from "@/ui/clock";
import { CopyValue } from "@/ui/copy-button";
import { Facts } from "@/ui/facts";
import { Meter } from "@/ui/meter";
import { RelativeTime } from "@/ui/relative-time";

export function InstanceFacts({ instance }: { instance: InstanceView }) {
  const tImages = useTranslations("images");
  const now = useNow();
  const running = instance.startedAt !== null && instance.state === "running";
  const tags = Object.entries(instance.tags);
  return (
    <Facts
      facts={[
        { label: "Image", value: instance.imageName },
        {
          label: "Size",
          value: `${instance.sizeName === null ? "" : `${instance.sizeName}: `}${plural(instance.vcpus, "vCPU")}, ${formatBytes(instance.memoryBytes)}, ${formatBytes(instance.diskBytes)} disk`,
        },
        {
          label: "Host",
          value:
            instance.hostId === null ? (
              "Not placed yet"
            ) : (
              <>
                <Link
                  href={paths.host(instance.organizationId, instance.hostId)}
                  className="rounded text-accent-ink underline decoration-accent-line underline-offset-2"
                >
                  {instance.hostName}
                </Link>
                {instance.siteName ? <span className="text-ink-3"> in {instance.siteName}</span> : null}
                {instance.placementReason ? <span className="block text-[0.8125rem] text-ink-3">{instance.placementReason}</span> : null}
              </>
            ),
        },
        { label: "Up for", value: running && now !== null && instance.startedAt ? formatUptime(now - instance.startedAt.getTime()) : "–" },
        {
          label: "Access",
          value:
            [
              instance.sshKeyNames.length > 0 ? `SSH: ${instance.sshKeyNames.join(", ")}` : null,
              instance.hasPassword ? `password for ${instance.defaultUser}` : null,
            ]
              .filter(Boolean)
              .join("; ") || "no key, no password",
        },
        { label: "Firmware", value: firmwareWords(instance) },
        {
          label: "Metadata",
          value: `${tImages(`dialects.${instance.dialect}.name`)}${instance.metadataTokens === "required" ? ", session tokens only" : ""}`,
        },
        { label: "User data", value: instance.hasUserData ? "given" : "none" },
        {
          label: "Created",
          value: (
            <>
              <RelativeTime date={instance.createdAt} />
              {instance.createdBy ? ` by ${instance.createdBy}` : ""}
            </>
          ),
        },
        { label: "Id", value: <CopyValue value={instance.id} label="Copy id" /> },
        {
          label: "Tags",
          value:
            tags.length === 0 ? (
              "none"
            ) : (
              <span className="flex flex-wrap gap-1">
                {tags.map(([name, value]) => (
                  <Badge key={name}>{value === "" ? name : `${name}: ${value}`}</Badge>
                ))}
              </span>
            ),
        },
      ]}
    />
  );
}

function firmwareWords({ firmware, secureBoot, tpm }: InstanceView): string {
  return `${firmware === "uefi" ? "UEFI" : "BIOS"}${secureBoot ? " with Secure Boot" : ""}${tpm ? ", TPM 2.0" : ""}`;
}

/** The instance's own use of its host, from the host's stream of samples. */
export function InstanceUsage({ instance }: { instance: InstanceView }) {
  const sample = useUsageHistory(instance.hostId ?? "")
    .at(-1)
    ?.instances.find((each) => each.instanceId === instance.id);
  if (instance.state !== "running" && instance.state !== "paused") return null;
  const cpu = sample?.cpuFraction ?? instance.cpuFraction;
  return (
    <div className="mb-5 grid gap-4 sm:grid-cols-2">
      <Meter label="CPU" value={cpu} text={cpu === null ? "" : formatPercent(cpu)} />
      <Meter
        calm
        label="Memory held on the host"
        value={sample === undefined ? null : sample.memoryBytes / instance.memoryBytes}
        text={sample === undefined ? "" : `${formatBytes(sample.memoryBytes)} of ${formatBytes(instance.memoryBytes)}`}
      />
    </div>
  );
}
