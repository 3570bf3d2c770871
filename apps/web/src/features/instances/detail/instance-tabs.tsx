"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { Maximize2 } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { ConsolePanel } from "@/features/console/console-panel";
import { SerialPanel } from "@/features/console/serial-panel";
import { paths } from "@/lib/path-builder";
import { useUrlChoice } from "@/lib/use-url-choice";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { Tabs } from "@/ui/tabs";
import type { useInstanceActions } from "../use-instance-actions";
import { DisksPanel } from "./disks-panel";
import { InstanceFacts, InstanceUsage } from "./instance-facts";
import { MetricsPanel } from "./metrics-panel";
import { Networking } from "./networking";
import { RefusedTraffic } from "./refused-traffic";
import { InstanceSettings } from "./settings/instance-settings";
import { RebuildDialog } from "./settings/rebuild-dialog";
import { SshLine } from "./ssh-line";
import { TimelinePanel } from "./timeline-panel";

const TABS = ["overview", "console", "serial", "timeline", "metrics", "networking", "disks", "settings", "danger"] as const;

interface PanelProps {
  instance: InstanceView;
  actions: ReturnType<typeof useInstanceActions>;
}

/** Everything of one instance, a subject a tab; the first shows what one came for: its screen and how far it is. */
export function InstanceTabs({ instance, actions }: PanelProps) {
  const [tab, setTab] = useUrlChoice("tab", TABS);
  return (
    <Tabs
      label={`About ${instance.name}`}
      value={tab}
      onValueChange={setTab}
      tabs={TABS.map((value) => ({ value, label: LABEL[value], content: tab === value ? PANEL[value]({ instance, actions }) : null }))}
    />
  );
}

const LABEL: Record<(typeof TABS)[number], string> = {
  overview: "Overview",
  console: "Console",
  serial: "Serial",
  timeline: "Timeline",
  metrics: "Metrics",
  networking: "Networking",
  disks: "Disks",
  settings: "Settings",
  danger: "Danger",
};

const PANEL: Record<(typeof TABS)[number], (props: PanelProps) => ReactNode> = {
  overview: (props) => <Overview {...props} />,
  console: ({ instance }) => <ConsoleSection instance={instance} />,
  serial: ({ instance }) => (
    <Section title="Serial port" flush>
      <SerialPanel instance={instance} />
    </Section>
  ),
  timeline: ({ instance, actions }) => (
    <Section title="Timeline">
      <TimelinePanel
        instance={instance}
        reprovisioning={actions.sending(instance) === "reprovision"}
        onReprovision={() => actions.act(instance, "reprovision")}
      />
    </Section>
  ),
  metrics: ({ instance }) => <MetricsPanel instance={instance} />,
  networking: ({ instance }) => (
    <Section title="Networking" flush>
      <Networking instance={instance} />
      {instance.hostId !== null && instance.nics.length > 0 ? <RefusedTraffic instance={instance} /> : null}
    </Section>
  ),
  disks: ({ instance }) => (
    <Section title="Disks">
      <DisksPanel instance={instance} />
    </Section>
  ),
  settings: ({ instance, actions }) => (
    <Section title="Settings">
      <InstanceSettings
        instance={instance}
        reprovisioning={actions.sending(instance) === "reprovision"}
        onReprovision={() => actions.act(instance, "reprovision")}
      />
    </Section>
  ),
  danger: (props) => <Danger {...props} />,
};

function Overview({ instance, actions }: PanelProps) {
  return (
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="flex min-w-0 flex-col gap-5">
        <ConsoleSection instance={instance} />
        <Section title="About">
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
        <Section title="Timeline">
          <TimelinePanel
            instance={instance}
            reprovisioning={actions.sending(instance) === "reprovision"}
            onReprovision={() => actions.act(instance, "reprovision")}
          />
        </Section>
      </div>
    </div>
  );
}

function ConsoleSection({ instance }: { instance: InstanceView }) {
  const verdict = instance.actions.openConsole;
  return (
    <Section
      title="Console"
      flush
      aside={
        <Button size="sm" variant="ghost" asChild={verdict.allowed} disabledReason={verdict.allowed ? null : verdict.reason}>
          {verdict.allowed ? (
            <Link href={paths.instanceConsole(instance.organizationId, instance.id)}>
              <Maximize2 aria-hidden />
              Open on its own page
            </Link>
          ) : (
            <>
              <Maximize2 aria-hidden />
              Open on its own page
            </>
          )}
        </Button>
      }
    >
      <ConsolePanel instance={instance} />
    </Section>
  );
}

function Danger({ instance, actions }: PanelProps) {
  const [rebuilding, setRebuilding] = useState(false);
  const rebuild = instance.actions.rebuild;
  const verdict = instance.actions.delete;
  return (
    <div className="flex flex-col gap-5">
      <Section title="Rebuild this instance">
        <div className="flex flex-wrap items-center justify-between gap-4">
          <p className="min-w-0 flex-1 basis-64 text-pretty text-ink-2">
            A new disk from the same or another image, under the same id, name and addresses. What is on the present disk goes.
          </p>
          <Button variant="dangerQuiet" disabledReason={rebuild.allowed ? null : rebuild.reason} onClick={() => setRebuilding(true)}>
            Rebuild…
          </Button>
        </div>
      </Section>
      <Section title="Delete this instance">
        <div className="flex flex-wrap items-center justify-between gap-4">
          <p className="min-w-0 flex-1 basis-64 text-pretty text-ink-2">Its disk and everything on it go with it. There is no way back.</p>
          <Button
            variant="dangerQuiet"
            loading={actions.sending(instance) === "delete"}
            disabledReason={verdict.allowed ? null : verdict.reason}
            onClick={() => actions.act(instance, "delete")}
          >
            Delete instance
          </Button>
        </div>
      </Section>
      {rebuilding ? <RebuildDialog instance={instance} onClose={() => setRebuilding(false)} /> : null}
    </div>
  );
}
