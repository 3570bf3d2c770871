"use client";

import type { SiteView } from "@indium/contract/api/organization-views";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MapPin, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { QueryView } from "@/features/shell/query-view";
import { plural } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { Button, IconButton } from "@/ui/button";
import { Section } from "@/ui/card";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { SiteNameDialog } from "./site-name-dialog";

export function SitesPage() {
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const denial = useDenial("site.manage");
  const sites = useQuery(trpc.site.list.queryOptions({ organizationId }));
  const [naming, setNaming] = useState<SiteView | "new" | null>(null);
  const [deleting, setDeleting] = useState<SiteView | null>(null);
  const add = (
    <Button variant="primary" disabledReason={denial} onClick={() => setNaming("new")}>
      <Plus aria-hidden />
      New site
    </Button>
  );
  const columns: readonly Column<SiteView>[] = [
    { key: "name", header: "Name", primary: true, cell: (row) => <span className="truncate font-medium">{row.name}</span> },
    { key: "hosts", header: "Hosts", align: "end", cell: (row) => <span className="tabular">{row.hostCount}</span> },
    { key: "instances", header: "Instances", align: "end", cell: (row) => <span className="tabular">{row.instanceCount}</span> },
    {
      key: "actions",
      header: <span className="sr-only">Actions</span>,
      bare: true,
      className: "max-sm:absolute max-sm:top-2 max-sm:right-2 max-sm:p-0 sm:w-24 sm:text-right",
      cell: (row) => (
        <span className="inline-flex gap-1">
          <IconButton label={`Rename ${row.name}`} disabledReason={denial} onClick={() => setNaming(row)}>
            <Pencil aria-hidden />
          </IconButton>
          <IconButton
            label={`Delete ${row.name}`}
            disabledReason={denial ?? (row.hostCount > 0 ? `${plural(row.hostCount, "host")} stand here. Remove them first.` : null)}
            onClick={() => setDeleting(row)}
          >
            <Trash2 aria-hidden />
          </IconButton>
        </span>
      ),
    },
  ];
  return (
    <>
      <Section flush title="Sites" description="Places where hosts stand." aside={add}>
        <QueryView query={sites} what="sites">
          {(data) =>
            data.length === 0 ? (
              <EmptyState
                icon={<MapPin />}
                title="No sites yet"
                description="A host needs a place: an office, a cellar, a data centre."
                action={add}
              />
            ) : (
              <DataTable label="Sites" columns={columns} rows={data} rowKey={(row) => row.id} />
            )
          }
        </QueryView>
      </Section>
      {naming === null ? null : <SiteNameDialog site={naming === "new" ? null : naming} onClose={() => setNaming(null)} />}
      {deleting === null ? null : <DeleteSiteDialog site={deleting} onClose={() => setDeleting(null)} />}
    </>
  );
}

function DeleteSiteDialog({ site, onClose }: { site: SiteView; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation({
    ...trpc.site.delete.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.site.list.pathFilter());
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Delete ${site.name}?`}
      description="No host stands there any more. Install commands made for it stop working."
      confirmLabel="Delete site"
      loading={remove.isPending}
      error={remove.error === null ? null : <ErrorNotice error={remove.error} />}
      onConfirm={() => remove.mutate({ siteId: site.id })}
    />
  );
}
