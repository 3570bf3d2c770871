"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import type { HostId } from "@indium/contract/ids";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { useUsageHistory } from "@/features/live/live-provider";
import { useFormat } from "@/lib/i18n/use-format";
import { paths } from "@/lib/path-builder";
import { Badge } from "@/ui/badge";
import { useNow } from "@/ui/clock";
import { CopyValue } from "@/ui/copy-button";
import { Facts } from "@/ui/facts";
import { Meter } from "@/ui/meter";
import { RelativeTime } from "@/ui/relative-time";

export function InstanceFacts({ instance }: { instance: InstanceView }) {
  const t = useTranslations("instancesDetail.facts");
  const format = useFormat();
  const common = useTranslations("common");
  const tImages = useTranslations("images");
  const now = useNow();
  const running = instance.startedAt !== null && instance.state === "running";
  const tags = Object.entries(instance.tags);
  const dialect = tImages(`dialects.${instance.dialect}.name`);
  const shape = {
    vcpus: instance.vcpus,
    memory: format.bytes(instance.memoryBytes),
    disk: format.bytes(instance.diskBytes),
  };
  const access = [
    instance.sshKeyNames.length > 0 ? t("sshKeys", { names: instance.sshKeyNames.join(", ") }) : null,
    instance.hasPassword ? t("password", { user: instance.defaultUser }) : null,
  ].filter((way) => way !== null);
  return (
    <Facts
      facts={[
        { label: common("image"), value: instance.imageName },
        {
          label: common("size"),
          value: instance.sizeName === null ? t("shape", shape) : t("shapeNamed", { ...shape, size: instance.sizeName }),
        },
        {
          label: common("host"),
          value:
            instance.hostId === null ? (
              t("notPlaced")
            ) : (
              <>
                <Place instance={instance} hostId={instance.hostId} />
                {instance.placementReason ? (
                  <span lang="en" className="block text-[0.8125rem] text-ink-3">
                    {instance.placementReason}
                  </span>
                ) : null}
              </>
            ),
        },
        {
          label: t("upFor"),
          value: running && now !== null && instance.startedAt ? format.uptime(now - instance.startedAt.getTime()) : "–",
        },
        {
          label: t("access"),
          value: access.length === 0 ? t("noAccess") : access.join("; "),
        },
        { label: t("firmware"), value: firmwareWords(instance, t) },
        {
          label: t("metadata"),
          value: instance.metadataTokens === "required" ? t("tokensOnly", { dialect }) : dialect,
        },
        { label: t("userData"), value: instance.hasUserData ? t("userDataGiven") : common("none") },
        {
          label: common("created"),
          value:
            instance.createdBy === null ? (
              <RelativeTime date={instance.createdAt} />
            ) : (
              t.rich("createdBy", { when: () => <RelativeTime date={instance.createdAt} />, user: instance.createdBy })
            ),
        },
        { label: t("id"), value: <CopyValue value={instance.id} label={t("copyId")} /> },
        {
          label: t("tags"),
          value:
            tags.length === 0 ? (
              common("none")
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

/** "host-1 in Berlin" */
function Place({ instance, hostId }: { instance: InstanceView; hostId: HostId }) {
  const t = useTranslations("instancesDetail.facts");
  const host = (
    <Link
      href={paths.host(instance.organizationId, hostId)}
      className="rounded text-accent-ink underline decoration-accent-line underline-offset-2"
    >
      {instance.hostName}
    </Link>
  );
  if (!instance.siteName) return host;
  return t.rich("inSite", { host: () => host, site: instance.siteName, quiet: (words) => <span className="text-ink-3">{words}</span> });
}

function firmwareWords(
  { firmware, secureBoot, tpm, desktop }: InstanceView,
  t: ReturnType<typeof useTranslations<"instancesDetail.facts">>,
): string {
  const plain = firmware === "uefi" ? "UEFI" : "BIOS";
  const secured = secureBoot ? t("secureBoot", { firmware: plain }) : plain;
  const trusted = tpm ? t("withTpm", { firmware: secured }) : secured;
  return desktop ? t("withDesktop", { firmware: trusted }) : trusted;
}

/** The instance's own use of its host, from the host's stream of samples. */
export function InstanceUsage({ instance }: { instance: InstanceView }) {
  const t = useTranslations("instancesDetail.facts");
  const format = useFormat();
  const sample = useUsageHistory(instance.hostId ?? "")
    .at(-1)
    ?.instances.find((each) => each.instanceId === instance.id);
  if (instance.state !== "running" && instance.state !== "paused") return null;
  const cpu = sample?.cpuFraction ?? instance.cpuFraction;
  return (
    <div className="mb-5 grid gap-4 sm:grid-cols-2 xl:grid-cols-1">
      <Meter label={t("cpu")} value={cpu} text={cpu === null ? "" : format.percent(cpu)} />
      <Meter
        calm
        label={t("memoryHeld")}
        value={sample === undefined ? null : sample.memoryBytes / instance.memoryBytes}
        text={
          sample === undefined ? "" : t("memoryOf", { held: format.bytes(sample.memoryBytes), whole: format.bytes(instance.memoryBytes) })
        }
      />
    </div>
  );
}
