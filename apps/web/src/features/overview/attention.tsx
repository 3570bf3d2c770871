"use client";

import type { Attention, FleetView } from "@indium/contract/api/fleet-views";
import { CircleAlert, CircleCheck, HardDrive, type LucideIcon, OctagonX, ServerOff, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { FINDING_WORDS } from "@/features/instances/detail/finding-words";
import { useOrganizationId } from "@/features/shell/organization-context";
import { formatBytesOf, plural } from "@/lib/format";
import { paths } from "@/lib/path-builder";
import { Card, Section } from "@/ui/card";
import { cn } from "@/ui/cn";
import { RelativeTime } from "@/ui/relative-time";
import { TONE_TEXT, type Tone } from "@/ui/tone";

interface Words {
  readonly icon: LucideIcon;
  readonly tone: Tone;
  readonly name: string;
  readonly href: string;
  readonly what: string;
  readonly since: Date | null;
}

function wordsOf(item: Attention): Words {
  switch (item.kind) {
    case "hostUnreachable":
      return {
        icon: ServerOff,
        tone: "bad",
        name: item.hostName,
        href: paths.host(item.organizationId, item.hostId),
        what: item.instances === 0 ? "cannot be reached" : `cannot be reached; nobody knows of its ${plural(item.instances, "instance")}`,
        since: item.since,
      };
    case "instanceFailed":
      return { ...ofInstance(item), icon: OctagonX, tone: "bad", what: `failed: ${item.message}` };
    case "instanceCrashed":
      return { ...ofInstance(item), icon: TriangleAlert, tone: "bad", what: `crashed and is started again: ${item.message}` };
    case "guestFinding":
      return {
        ...ofInstance(item),
        icon: CircleAlert,
        tone: "warn",
        what: `does not go on: ${lowerFirst(FINDING_WORDS[item.finding].title)}`,
      };
    case "storageLow":
      return {
        icon: HardDrive,
        tone: "warn",
        name: item.hostName,
        href: paths.host(item.organizationId, item.hostId),
        what: `has little room left for disks: ${formatBytesOf(item.usedBytes, item.totalBytes)} used`,
        since: null,
      };
  }
}

const ofInstance = (item: Extract<Attention, { instanceId: string }>) => ({
  name: item.instanceName,
  href: paths.instance(item.organizationId, item.instanceId),
  since: item.since,
});

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** What a person should look at, over every site and customer, the gravest first. */
export function AttentionSection({ fleet }: { fleet: FleetView }) {
  const organizationId = useOrganizationId();
  if (fleet.sites.every((site) => site.hosts.total === 0) && fleet.attention.length === 0) return null;
  if (fleet.attention.length === 0) {
    return (
      <Card className="flex items-center gap-3 px-4 py-3">
        <CircleCheck aria-hidden className="size-5 shrink-0 text-good" />
        <p>
          <span className="font-medium">All is well.</span> <span className="text-ink-2">{wellWords(fleet)}</span>
        </p>
      </Card>
    );
  }
  const more = fleet.attentionTotal - fleet.attention.length;
  return (
    <Section title="Needs attention" flush aside={<span className="tabular text-[0.8125rem] text-ink-3">{fleet.attentionTotal}</span>}>
      <ul aria-label="Needs attention" className="divide-y divide-line">
        {fleet.attention.map((item) => {
          const { icon: Icon, tone, name, href, what, since } = wordsOf(item);
          const place = [item.organizationId === organizationId ? null : item.organizationName, item.siteName].filter(Boolean).join(" · ");
          return (
            <li key={`${item.kind} ${href}`} className="flex gap-3 px-4 py-2.5">
              <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", TONE_TEXT[tone])} />
              <p className="min-w-0 flex-1 text-pretty">
                <Link href={href} className="rounded font-medium underline decoration-line-strong underline-offset-2 hover:decoration-ink">
                  {name}
                </Link>{" "}
                {what}
                {place === "" ? null : <span className="block text-[0.8125rem] text-ink-3">{place}</span>}
              </p>
              {since === null ? null : <RelativeTime date={since} className="shrink-0 whitespace-nowrap text-[0.8125rem] text-ink-3" />}
            </li>
          );
        })}
        {more > 0 ? <li className="px-4 py-2.5 text-ink-3">and {more} more.</li> : null}
      </ul>
    </Section>
  );
}

function wellWords({ sites }: FleetView): string {
  const hosts = sites.reduce((all, site) => all + site.hosts.online, 0);
  const running = sites.reduce((all, site) => all + (site.instances.find(({ state }) => state === "running")?.count ?? 0), 0);
  return `${plural(hosts, "host")} online, ${plural(running, "instance")} running.`;
}
