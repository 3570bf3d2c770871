"use client";

import type { SiteView } from "@indium/contract/api/organization-views";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MapPin, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { QueryView } from "@/features/shell/query-view";
import { useTRPC } from "@/lib/trpc";
import { Button, IconButton } from "@/ui/button";
import { Section } from "@/ui/card";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { type Column, DataTable, WIDE_ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { SiteNameDialog } from "./site-name-dialog";

export function SitesPage() {
  const t = useTranslations("sites");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const denial = useDenial("site.manage");
  const sites = useQuery(trpc.site.list.queryOptions({ organizationId }));
  const [naming, setNaming] = useState<SiteView | "new" | null>(null);
  const [deleting, setDeleting] = useState<SiteView | null>(null);
  const add = (
    <Button variant="primary" disabledReason={denial} onClick={() => setNaming("new")}>
      <Plus aria-hidden />
      {t("new")}
    </Button>
  );
  const columns: readonly Column<SiteView>[] = [
    { key: "name", header: common("name"), primary: true, cell: (row) => <span className="truncate font-medium">{row.name}</span> },
    { key: "hosts", header: common("hosts"), align: "end", cell: (row) => <span className="tabular">{row.hostCount}</span> },
    { key: "instances", header: common("instances"), align: "end", cell: (row) => <span className="tabular">{row.instanceCount}</span> },
    {
      key: "actions",
      header: <span className="sr-only">{common("actions")}</span>,
      bare: true,
      className: WIDE_ROW_ACTIONS_CLASS,
      cell: (row) => (
        <span className="inline-flex gap-1">
          <IconButton label={common("renameNamed", { name: row.name })} disabledReason={denial} onClick={() => setNaming(row)}>
            <Pencil aria-hidden />
          </IconButton>
          <IconButton
            label={common("deleteNamed", { name: row.name })}
            disabledReason={denial ?? (row.hostCount > 0 ? t("hostsStandHere", { count: row.hostCount }) : null)}
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
      <Section flush title={t("title")} description={t("description")} aside={add}>
        <QueryView query={sites} what={t("what")}>
          {(data) =>
            data.length === 0 ? (
              <EmptyState icon={<MapPin />} title={t("empty.title")} description={t("empty.description")} action={add} />
            ) : (
              <DataTable label={t("title")} columns={columns} rows={data} rowKey={(row) => row.id} />
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
  const t = useTranslations("sites");
  const common = useTranslations("common");
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
      title={common("deleteQuestion", { name: site.name })}
      description={t("delete.description")}
      confirmLabel={t("delete.confirm")}
      loading={remove.isPending}
      error={remove.error === null ? null : <ErrorNotice error={remove.error} />}
      onConfirm={() => remove.mutate({ siteId: site.id })}
    />
  );
}
