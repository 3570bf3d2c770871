"use client";

import type { Attention, FleetView } from "@indium/contract/api/fleet-views";
import { CircleAlert, CircleCheck, HardDrive, type LucideIcon, OctagonX, ServerOff, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { useOrganizationId } from "@/features/shell/organization-context";
import { useFormat } from "@/lib/i18n/use-format";
import { paths } from "@/lib/path-builder";
import { Card, Section } from "@/ui/card";
import { cn } from "@/ui/cn";
import { RelativeTime } from "@/ui/relative-time";
import { TONE_TEXT, type Tone } from "@/ui/tone";

const LOOK: Record<Attention["kind"], { readonly icon: LucideIcon; readonly tone: Tone }> = {
  hostUnreachable: { icon: ServerOff, tone: "bad" },
  instanceFailed: { icon: OctagonX, tone: "bad" },
  instanceCrashed: { icon: TriangleAlert, tone: "bad" },
  guestFinding: { icon: CircleAlert, tone: "warn" },
  storageLow: { icon: HardDrive, tone: "warn" },
};

const hrefOf = (item: Attention): string =>
  "instanceId" in item ? paths.instance(item.organizationId, item.instanceId) : paths.host(item.organizationId, item.hostId);

function Sentence({ item }: { item: Attention }) {
  const t = useTranslations("overview.attention");
  const finding = useTranslations("instances.findings");
  const format = useFormat();
  const name = () => (
    <Link href={hrefOf(item)} className="rounded font-medium underline decoration-line-strong underline-offset-2 hover:decoration-ink">
      {"instanceId" in item ? item.instanceName : item.hostName}
    </Link>
  );
  switch (item.kind) {
    case "hostUnreachable":
      return t.rich("hostUnreachable", { name, instances: item.instances });
    case "instanceFailed":
    case "instanceCrashed":
      return t.rich(item.kind, { name, message: () => <span lang="en">{item.message}</span> });
    case "guestFinding":
      return t.rich("guestFinding", { name, finding: finding(`${item.finding}.clause`) });
    case "storageLow":
      return t.rich("storageLow", { name, used: format.bytesOf(item.usedBytes, item.totalBytes) });
  }
}

/** What a person should look at, over every site and customer, the gravest first. */
export function AttentionSection({ fleet }: { fleet: FleetView }) {
  const t = useTranslations("overview.attention");
  const format = useFormat();
  const organizationId = useOrganizationId();
  if (fleet.sites.every((site) => site.hosts.total === 0) && fleet.attention.length === 0) return null;
  if (fleet.attention.length === 0) {
    return (
      <Card className="flex items-center gap-3 px-4 py-3">
        <CircleCheck aria-hidden className="size-5 shrink-0 text-good" />
        <p>
          {t.rich("well", {
            ...countsOf(fleet),
            b: (chunks) => <span className="font-medium">{chunks}</span>,
            about: (chunks) => <span className="text-ink-2">{chunks}</span>,
          })}
        </p>
      </Card>
    );
  }
  const more = fleet.attentionTotal - fleet.attention.length;
  return (
    <Section
      title={t("title")}
      flush
      aside={<span className="tabular text-[0.8125rem] text-ink-3">{format.count(fleet.attentionTotal)}</span>}
    >
      <ul aria-label={t("title")} className="divide-y divide-line">
        {fleet.attention.map((item) => {
          const { icon: Icon, tone } = LOOK[item.kind];
          const since = "since" in item ? item.since : null;
          const place = [item.organizationId === organizationId ? null : item.organizationName, item.siteName].filter(Boolean).join(" · ");
          return (
            <li key={`${item.kind} ${hrefOf(item)}`} className="flex gap-3 px-4 py-2.5">
              <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", TONE_TEXT[tone])} />
              <p className="min-w-0 flex-1 text-pretty">
                <Sentence item={item} />
                {place === "" ? null : <span className="block text-[0.8125rem] text-ink-3">{place}</span>}
              </p>
              {since === null ? null : <RelativeTime date={since} className="shrink-0 whitespace-nowrap text-[0.8125rem] text-ink-3" />}
            </li>
          );
        })}
        {more > 0 ? <li className="px-4 py-2.5 text-ink-3">{t("more", { count: format.count(more) })}</li> : null}
      </ul>
    </Section>
  );
}

function countsOf({ sites }: FleetView): { hosts: number; running: number } {
  const hosts = sites.reduce((all, site) => all + site.hosts.online, 0);
  const running = sites.reduce((all, site) => all + (site.instances.find(({ state }) => state === "running")?.count ?? 0), 0);
  return { hosts, running };
}
