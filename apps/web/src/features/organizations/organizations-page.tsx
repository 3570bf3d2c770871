"use client";

import { useQuery } from "@tanstack/react-query";
import { Pencil, Plus } from "lucide-react";
import { useState } from "react";
import { QueryView } from "@/features/shell/query-view";
import { useTRPC } from "@/lib/trpc";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Section } from "@/ui/card";
import { type Column, DataTable, ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { CreateOrganizationDialog } from "./create-organization-dialog";
import type { OrganizationSummary } from "./organization-summary";
import { ProviderDialog } from "./provider-dialog";

/** Every organization of the installation, for its administrators. */
export function OrganizationsPage() {
  const trpc = useTRPC();
  const organizations = useQuery(trpc.organization.listAll.queryOptions());
  const [creating, setCreating] = useState(false);
  const [changing, setChanging] = useState<OrganizationSummary | null>(null);
  const columns: readonly Column<OrganizationSummary>[] = [
    {
      key: "name",
      header: "Name",
      primary: true,
      cell: (row) => (
        <span className="flex min-w-0 items-center gap-2">
          <span className="truncate font-medium">{row.name}</span>
          {row.isProvider ? <Badge tone="info">Provider</Badge> : null}
        </span>
      ),
    },
    { key: "provider", header: "Managed by", cell: (row) => <span className="truncate text-ink-2">{row.providerName ?? "–"}</span> },
    { key: "members", header: "Members", align: "end", from: "md", cell: (row) => <span className="tabular">{row.memberCount}</span> },
    { key: "hosts", header: "Hosts", align: "end", from: "md", cell: (row) => <span className="tabular">{row.hostCount}</span> },
    {
      key: "instances",
      header: "Instances",
      align: "end",
      from: "md",
      cell: (row) => <span className="tabular">{row.instanceCount}</span>,
    },
    {
      key: "actions",
      header: <span className="sr-only">Actions</span>,
      bare: true,
      className: ROW_ACTIONS_CLASS,
      cell: (row) => (
        <IconButton label={`Change who manages ${row.name}`} onClick={() => setChanging(row)}>
          <Pencil aria-hidden />
        </IconButton>
      ),
    },
  ];
  return (
    <>
      <Section
        flush
        title="Organizations"
        description="Each sees only its own hosts and instances. A provider's members also work in the organizations it manages."
        aside={
          <Button variant="primary" onClick={() => setCreating(true)}>
            <Plus aria-hidden />
            New organization
          </Button>
        }
      >
        <QueryView query={organizations} what="organizations">
          {(data) => <DataTable label="Organizations" columns={columns} rows={data} rowKey={(row) => row.id} />}
        </QueryView>
      </Section>
      {creating ? <CreateOrganizationDialog organizations={organizations.data ?? []} onClose={() => setCreating(false)} /> : null}
      {changing === null ? null : (
        <ProviderDialog organization={changing} organizations={organizations.data ?? []} onClose={() => setChanging(null)} />
      )}
    </>
  );
}
