"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { Maximize2 } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { paths } from "@/lib/path-builder";
import { useUrlChoice } from "@/lib/use-url-choice";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { componentOnDemand } from "@/ui/on-demand";
import { Tabs } from "@/ui/tabs";
import { useActionDenial } from "../action-denial";
import type { useInstanceActions } from "../use-instance-actions";
import { InstanceFacts, InstanceUsage } from "./instance-facts";
import { SshLine } from "./ssh-line";
import { TimelinePanel } from "./timeline-panel";

const ConsolePanel = componentOnDemand(() => import("@/features/console/console-panel").then((module) => module.ConsolePanel), {
  soon: true,
  meanwhile: <div className="aspect-[4/3] max-h-[34rem] w-full max-sm:aspect-square" />,
});
const DangerPanel = componentOnDemand(() => import("./danger-panel").then((module) => module.DangerPanel));
const InstanceSettings = componentOnDemand(() => import("./settings/instance-settings").then((module) => module.InstanceSettings));
const RefusedTraffic = componentOnDemand(() => import("./refused-traffic").then((module) => module.RefusedTraffic));
const Networking = componentOnDemand(() => import("./networking").then((module) => module.Networking));
const MetricsPanel = componentOnDemand(() => import("./metrics-panel").then((module) => module.MetricsPanel));
const DisksPanel = componentOnDemand(() => import("./disks-panel").then((module) => module.DisksPanel));
const SerialPanel = componentOnDemand(() => import("@/features/console/serial-panel").then((module) => module.SerialPanel));

const TABS = ["overview", "console", "serial", "timeline", "metrics", "networking", "disks", "settings", "danger"] as const;

interface PanelProps {
  instance: InstanceView;
  actions: ReturnType<typeof useInstanceActions>;
}

/** Everything of one instance, a subject a tab; the first shows what one came for: its screen and how far it is. */
export function InstanceTabs({ instance, actions }: PanelProps) {
  const t = useTranslations("instancesDetail");
  const [tab, setTab] = useUrlChoice("tab", TABS);
  return (
    <Tabs
      label={t("about", { name: instance.name })}
      value={tab}
      onValueChange={setTab}
      tabs={TABS.map((value) => ({
        value,
        label: t(`tabs.${value}`),
        content: tab === value ? panelOf(value, { instance, actions }, t) : null,
      }))}
    />
  );
}

function panelOf(
  tab: (typeof TABS)[number],
  { instance, actions }: PanelProps,
  t: ReturnType<typeof useTranslations<"instancesDetail">>,
): ReactNode {
  switch (tab) {
    case "overview":
      return <Overview instance={instance} actions={actions} />;
    case "console":
      return <ConsoleSection instance={instance} />;
    case "serial":
      return (
        <Section title={t("serialPort")} flush>
          <SerialPanel instance={instance} />
        </Section>
      );
    case "timeline":
      return <TimelineSection instance={instance} actions={actions} />;
    case "metrics":
      return <MetricsPanel instance={instance} />;
    case "networking":
      return (
        <Section title={t("tabs.networking")} flush>
          <Networking instance={instance} />
          {instance.hostId !== null && instance.nics.length > 0 ? <RefusedTraffic instance={instance} /> : null}
        </Section>
      );
    case "disks":
      return (
        <Section title={t("tabs.disks")}>
          <DisksPanel instance={instance} />
        </Section>
      );
    case "settings":
      return (
        <Section title={t("tabs.settings")}>
          <InstanceSettings
            instance={instance}
            reprovisioning={actions.sending(instance) === "reprovision"}
            onReprovision={() => actions.act(instance, "reprovision")}
          />
        </Section>
      );
    case "danger":
      return <DangerPanel instance={instance} actions={actions} />;
  }
}

function TimelineSection({ instance, actions }: PanelProps) {
  const t = useTranslations("instancesDetail.tabs");
  return (
    <Section title={t("timeline")}>
      <TimelinePanel
        instance={instance}
        reprovisioning={actions.sending(instance) === "reprovision"}
        onReprovision={() => actions.act(instance, "reprovision")}
      />
    </Section>
  );
}

function Overview({ instance, actions }: PanelProps) {
  const t = useTranslations("instancesDetail");
  return (
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="flex min-w-0 flex-col gap-5">
        <ConsoleSection instance={instance} />
        <Section title={t("aboutTitle")}>
          <InstanceUsage instance={instance} />
          <InstanceFacts instance={instance} />
        </Section>
      </div>
      <div className="flex min-w-0 flex-col gap-5 max-xl:order-first">
        {instance.ssh ? (
          <div className="rounded-xl border border-line bg-surface p-4 shadow-card">
            <SshLine ssh={instance.ssh} />
          </div>
        ) : null}
        <TimelineSection instance={instance} actions={actions} />
      </div>
    </div>
  );
}

function ConsoleSection({ instance }: { instance: InstanceView }) {
  const t = useTranslations("instancesDetail");
  const denial = useActionDenial()("openConsole", instance.actions.openConsole);
  return (
    <Section
      title={t("tabs.console")}
      flush
      aside={
        <Button size="sm" variant="ghost" asChild={denial === null} disabledReason={denial}>
          {denial === null ? (
            <Link href={paths.instanceConsole(instance.organizationId, instance.id)}>
              <Maximize2 aria-hidden />
              {t("ownPage")}
            </Link>
          ) : (
            <>
              <Maximize2 aria-hidden />
              {t("ownPage")}
            </>
          )}
        </Button>
      }
    >
      <ConsolePanel instance={instance} />
    </Section>
  );
}
