"use client";

import { useQuery } from "@tanstack/react-query";
import { Pencil, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { QueryView } from "@/features/shell/query-view";
import { useTRPC } from "@/lib/trpc";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Section } from "@/ui/card";
import { type Column, DataTable, ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { componentOnDemand } from "@/ui/on-demand";
import type { OrganizationSummary } from "./organization-summary";

const ProviderDialog = componentOnDemand(() => import("./provider-dialog").then((module) => module.ProviderDialog));
const CreateOrganizationDialog = componentOnDemand(() =>
  import("./create-organization-dialog").then((module) => module.CreateOrganizationDialog),
);

/** Every organization of the installation, for its administrators. */
export function OrganizationsPage() {
  const t = useTranslations("organizations.all");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const organizations = useQuery(trpc.organization.listAll.queryOptions());
  const [creating, setCreating] = useState(false);
  const [changing, setChanging] = useState<OrganizationSummary | null>(null);
  const columns: readonly Column<OrganizationSummary>[] = [
    {
      key: "name",
      header: common("name"),
      primary: true,
      cell: (row) => (
        <span className="flex min-w-0 items-center gap-2">
          <span className="truncate font-medium">{row.name}</span>
          {row.isProvider ? <Badge tone="info">{common("provider")}</Badge> : null}
        </span>
      ),
    },
    { key: "provider", header: common("managedBy"), cell: (row) => <span className="truncate text-ink-2">{row.providerName ?? "–"}</span> },
    {
      key: "members",
      header: common("members"),
      align: "end",
      from: "md",
      cell: (row) => <span className="tabular">{row.memberCount}</span>,
    },
    { key: "hosts", header: common("hosts"), align: "end", from: "md", cell: (row) => <span className="tabular">{row.hostCount}</span> },
    {
      key: "instances",
      header: common("instances"),
      align: "end",
      from: "md",
      cell: (row) => <span className="tabular">{row.instanceCount}</span>,
    },
    {
      key: "actions",
      header: <span className="sr-only">{common("actions")}</span>,
      bare: true,
      className: ROW_ACTIONS_CLASS,
      cell: (row) => (
        <IconButton label={t("changeManager", { name: row.name })} onClick={() => setChanging(row)}>
          <Pencil aria-hidden />
        </IconButton>
      ),
    },
  ];
  return (
    <>
      <Section
        flush
        title={t("title")}
        description={t("description")}
        aside={
          <Button variant="primary" onClick={() => setCreating(true)}>
            <Plus aria-hidden />
            {t("new")}
          </Button>
        }
      >
        <QueryView query={organizations} what={t("what")}>
          {(data) => <DataTable label={t("title")} columns={columns} rows={data} rowKey={(row) => row.id} />}
        </QueryView>
      </Section>
      {creating ? <CreateOrganizationDialog organizations={organizations.data ?? []} onClose={() => setCreating(false)} /> : null}
      {changing === null ? null : (
        <ProviderDialog organization={changing} organizations={organizations.data ?? []} onClose={() => setChanging(null)} />
      )}
    </>
  );
}
