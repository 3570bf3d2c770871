"use client";

import type { SiteHealth } from "@indium/contract/api/fleet-views";
import Link from "next/link";
import { StateCounts } from "@/features/instances/state-counts";
import { useOrganizationId } from "@/features/shell/organization-context";
import { formatBytesOf } from "@/lib/format";
import { paths } from "@/lib/path-builder";
import { StateBadge } from "@/ui/badge";
import { Section } from "@/ui/card";
import { type Column, DataTable } from "@/ui/data-table";
import { Meter } from "@/ui/meter";

/** Every site of the fleet: the customers' too, where this organization manages others. */
export function SitesHealth({ sites }: { sites: readonly SiteHealth[] }) {
  const organizationId = useOrganizationId();
  const hasCustomers = sites.some((site) => site.organizationId !== organizationId);
  return (
    <Section title={hasCustomers ? "Sites of all organizations" : "Sites"} flush>
      <DataTable label="Sites" columns={hasCustomers ? [CUSTOMER, ...COLUMNS] : COLUMNS} rows={sites} rowKey={(site) => site.siteId} />
    </Section>
  );
}

const CUSTOMER: Column<SiteHealth> = {
  key: "organization",
  header: "Organization",
  cell: (site) => (
    <Link href={paths.organization(site.organizationId)} className="truncate rounded hover:underline">
      {site.organizationName}
    </Link>
  ),
};

const COLUMNS: readonly Column<SiteHealth>[] = [
  {
    key: "site",
    header: "Site",
    primary: true,
    cell: (site) => (
      <Link href={`${paths.hosts(site.organizationId)}?site=${site.siteId}`} className="truncate rounded hover:underline">
        {site.siteName}
      </Link>
    ),
  },
  { key: "hosts", header: "Hosts", cell: (site) => <HostsOf hosts={site.hosts} /> },
  {
    key: "instances",
    header: "Instances",
    cell: (site) =>
      site.instances.length === 0 ? (
        <span className="text-ink-3">none</span>
      ) : (
        <StateCounts
          label={`Instances of ${site.siteName} by state`}
          counts={site.instances}
          href={(state) => `${paths.instances(site.organizationId)}?site=${site.siteId}&state=${state}`}
        />
      ),
  },
  {
    key: "memory",
    header: "Memory promised",
    from: "lg",
    cell: ({ memory }) => <Fill label="Memory" used={memory.allocated} total={memory.total} />,
  },
  {
    key: "storage",
    header: "Storage",
    from: "lg",
    cell: ({ storage }) => <Fill label="Storage" used={storage.used} total={storage.total} />,
  },
];

function HostsOf({ hosts }: Pick<SiteHealth, "hosts">) {
  if (hosts.total === 0) return <span className="text-ink-3">none</span>;
  const away = hosts.total - hosts.online;
  return (
    <span className="flex flex-wrap gap-x-3">
      <StateBadge tone={away === 0 ? "good" : "bad"}>{away === 0 ? `${hosts.online} online` : `${away} of ${hosts.total} away`}</StateBadge>
      {hosts.cordoned > 0 ? <span className="text-ink-3">{hosts.cordoned} cordoned</span> : null}
    </span>
  );
}

function Fill({ label, used, total }: { label: string; used: number; total: number }) {
  if (total === 0) return <span className="text-ink-3">–</span>;
  return <Meter compact label={label} value={used / total} text={formatBytesOf(used, total)} className="w-40 max-sm:w-52" />;
}
