"use client";

import type { SiteHealth } from "@indium/contract/api/fleet-views";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { StateCounts } from "@/features/instances/state-counts";
import { useOrganizationId } from "@/features/shell/organization-context";
import type { Format } from "@/lib/i18n/format";
import { useFormat } from "@/lib/i18n/use-format";
import { paths } from "@/lib/path-builder";
import { StateBadge } from "@/ui/badge";
import { Section } from "@/ui/card";
import { type Column, DataTable } from "@/ui/data-table";
import { Meter } from "@/ui/meter";

type OverviewWords = ReturnType<typeof useTranslations<"overview">>;

/** Every site of the fleet: the customers' too, where this organization manages others. */
export function SitesHealth({ sites }: { sites: readonly SiteHealth[] }) {
  const t = useTranslations("overview");
  const format = useFormat();
  const organizationId = useOrganizationId();
  const hasCustomers = sites.some((site) => site.organizationId !== organizationId);
  return (
    <Section title={t(hasCustomers ? "sites.titleAll" : "sites.title")} flush>
      <DataTable label={t("sites.title")} columns={columnsOf(t, format, hasCustomers)} rows={sites} rowKey={(site) => site.siteId} />
    </Section>
  );
}

function columnsOf(t: OverviewWords, format: Format, hasCustomers: boolean): readonly Column<SiteHealth>[] {
  const customer: Column<SiteHealth> = {
    key: "organization",
    header: t("sites.organization"),
    cell: (site) => (
      <Link href={paths.organization(site.organizationId)} className="truncate rounded hover:underline">
        {site.organizationName}
      </Link>
    ),
  };
  return [
    ...(hasCustomers ? [customer] : []),
    {
      key: "site",
      header: t("sites.site"),
      primary: true,
      cell: (site) => (
        <Link href={`${paths.hosts(site.organizationId)}?site=${site.siteId}`} className="truncate rounded hover:underline">
          {site.siteName}
        </Link>
      ),
    },
    { key: "hosts", header: t("sites.hosts"), cell: (site) => <HostsOf hosts={site.hosts} t={t} format={format} /> },
    {
      key: "instances",
      header: t("sites.instances"),
      cell: (site) =>
        site.instances.length === 0 ? (
          <span className="text-ink-3">{t("sites.none")}</span>
        ) : (
          <StateCounts
            label={t("sites.byState", { site: site.siteName })}
            counts={site.instances}
            href={(state) => `${paths.instances(site.organizationId)}?site=${site.siteId}&state=${state}`}
          />
        ),
    },
    {
      key: "memory",
      header: t("sites.memoryPromised"),
      from: "lg",
      cell: ({ memory }) => <Fill label={t("sites.memory")} used={memory.allocated} total={memory.total} format={format} />,
    },
    {
      key: "storage",
      header: t("sites.storage"),
      from: "lg",
      cell: ({ storage }) => <Fill label={t("sites.storage")} used={storage.used} total={storage.total} format={format} />,
    },
  ];
}

function HostsOf({ hosts, t, format }: Pick<SiteHealth, "hosts"> & { t: OverviewWords; format: Format }) {
  if (hosts.total === 0) return <span className="text-ink-3">{t("sites.none")}</span>;
  const away = hosts.total - hosts.online;
  return (
    <span className="flex flex-wrap gap-x-3">
      <StateBadge tone={away === 0 ? "good" : "bad"}>
        {away === 0
          ? t("sites.online", { count: format.count(hosts.online) })
          : t("sites.away", { away: format.count(away), total: format.count(hosts.total) })}
      </StateBadge>
      {hosts.cordoned > 0 ? <span className="text-ink-3">{t("sites.cordoned", { count: format.count(hosts.cordoned) })}</span> : null}
    </span>
  );
}

function Fill({ label, used, total, format }: { label: string; used: number; total: number; format: Format }) {
  if (total === 0) return <span className="text-ink-3">–</span>;
  return <Meter compact labelHidden label={label} value={used / total} text={format.bytesOf(used, total)} className="w-40 max-sm:w-52" />;
}
