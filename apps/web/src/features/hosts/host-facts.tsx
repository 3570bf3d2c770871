"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { useTranslations } from "use-intl/react";
import { useFormat } from "@/lib/i18n/use-format";
import { useNow } from "@/ui/clock";
import { CopyValue } from "@/ui/copy-button";
import { Facts } from "@/ui/facts";
import { RelativeTime } from "@/ui/relative-time";
import type { HostWords } from "./host-state";

export function HostFactsList({ host }: { host: HostView }) {
  const t = useTranslations("hosts");
  const format = useFormat();
  const now = useNow();
  const { facts } = host;
  if (facts === null) return <p className="text-ink-3">{t("facts.none")}</p>;
  const acceleration = facts.acceleration;
  const uplinks = facts.nics.filter((nic) => nic.uplink);
  return (
    <Facts
      facts={[
        {
          label: t("facts.acceleration"),
          value: (
            <>
              {t(`acceleration.${acceleration}.label`)}
              {facts.accelerationReason === null ? (
                <span className="block text-[0.8125rem] text-ink-3">{t(`acceleration.${acceleration}.sentence`)}</span>
              ) : (
                <span lang="en" className="block text-[0.8125rem] text-ink-3">
                  {facts.accelerationReason}
                </span>
              )}
            </>
          ),
        },
        {
          label: t("facts.processor"),
          value: (
            <>
              {facts.cpu.model}
              <span className="block text-[0.8125rem] text-ink-3">
                {t("facts.processorCounts", { sockets: facts.cpu.sockets, cores: facts.cpu.cores, threads: facts.cpu.threads })}
              </span>
            </>
          ),
        },
        { label: t("memory"), value: format.bytes(facts.memoryBytes) },
        {
          label: t("facts.storage"),
          value: t("facts.storageAt", { size: format.bytes(facts.storage.sizeBytes), path: facts.storage.path }),
        },
        { label: t("facts.system"), value: `${facts.operatingSystem}, Linux ${facts.kernel}` },
        { label: t("facts.hypervisor"), value: facts.hypervisorVersion ?? t("facts.simulated") },
        ...(facts.vmLimits === undefined ? [] : [{ label: t("facts.vmLimits"), value: vmLimitsInWords(t, facts.vmLimits) }]),
        {
          label: t("facts.addresses"),
          value:
            uplinks.length === 0
              ? "–"
              : uplinks.map((nic) => (
                  <span key={nic.name} className="block">
                    <span className="text-ink-3">{nic.name}</span> {nic.addresses.join(", ")}
                  </span>
                )),
        },
        { label: t("facts.upFor"), value: now === null || host.state !== "online" ? "–" : format.uptime(now - facts.bootedAt) },
        { label: t("facts.agent"), value: facts.agentVersion },
        { label: t("facts.enrolled"), value: <RelativeTime date={host.enrolledAt} /> },
        { label: t("facts.hostname"), value: facts.hostname },
        { label: t("facts.id"), value: <CopyValue value={host.id} label={t("facts.copyId")} /> },
      ]}
    />
  );
}

function vmLimitsInWords(t: HostWords, limits: NonNullable<NonNullable<HostView["facts"]>["vmLimits"]>): string {
  switch (limits.kind) {
    case "systemd":
      return t("facts.limits.systemd");
    case "cgroup":
      return t("facts.limits.cgroup");
    case "none":
      return limits.reason === null ? t("facts.limits.none") : t("facts.limits.noneBecause", { reason: limits.reason });
  }
}
