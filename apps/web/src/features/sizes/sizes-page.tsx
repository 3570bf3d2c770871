"use client";

import type { SizeView } from "@indium/contract/api/catalogue-views";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { DeleteDialog } from "@/features/shell/delete-dialog";
import { useSession } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { useFormat } from "@/lib/i18n/use-format";
import { useTRPC } from "@/lib/trpc";
import { Button, IconButton } from "@/ui/button";
import { Card } from "@/ui/card";
import { type Column, DataTable, ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { componentOnDemand } from "@/ui/on-demand";

const AddSizeDialog = componentOnDemand(() => import("./add-size-dialog").then((module) => module.AddSizeDialog));

/** What instances can be: the same for every organization of the installation. */
export function SizesPage() {
  const t = useTranslations("sizes");
  const common = useTranslations("common");
  const format = useFormat();
  const trpc = useTRPC();
  const { user } = useSession();
  const denial = user.installationAdmin ? null : t("adminOnly");
  const sizes = useQuery(trpc.size.list.queryOptions());
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<SizeView | null>(null);
  const columns: readonly Column<SizeView>[] = [
    { key: "name", header: common("name"), primary: true, cell: (row) => <span className="truncate font-medium">{row.name}</span> },
    { key: "vcpus", header: common("vcpus"), align: "end", cell: (row) => <span className="tabular">{row.vcpus}</span> },
    {
      key: "memory",
      header: common("memory"),
      align: "end",
      cell: (row) => <span className="tabular">{format.bytes(row.memoryBytes)}</span>,
    },
    { key: "disk", header: common("disk"), align: "end", cell: (row) => <span className="tabular">{format.bytes(row.diskBytes)}</span> },
    {
      key: "actions",
      header: <span className="sr-only">{common("actions")}</span>,
      bare: true,
      className: ROW_ACTIONS_CLASS,
      cell: (row) => (
        <IconButton label={common("deleteNamed", { name: row.name })} disabledReason={denial} onClick={() => setDeleting(row)}>
          <Trash2 aria-hidden />
        </IconButton>
      ),
    },
  ];
  return (
    <Page
      title={t("title")}
      description={t("description")}
      actions={
        <Button variant="primary" disabledReason={denial} onClick={() => setAdding(true)}>
          <Plus aria-hidden />
          {t("add.title")}
        </Button>
      }
    >
      <Card>
        <QueryView query={sizes} what={t("what")}>
          {(data) => <DataTable label={t("title")} columns={columns} rows={data} rowKey={(row) => row.id} />}
        </QueryView>
      </Card>
      {adding ? <AddSizeDialog onClose={() => setAdding(false)} /> : null}
      <DeleteSizeDialog size={deleting} onClose={() => setDeleting(null)} />
    </Page>
  );
}

function DeleteSizeDialog({ size, onClose }: { size: SizeView | null; onClose: () => void }) {
  const t = useTranslations("sizes");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation({
    ...trpc.size.delete.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.size.list.pathFilter());
      onClose();
    },
  });
  if (size === null) return null;
  return (
    <DeleteDialog
      name={size.name}
      description={t("delete.description")}
      confirmLabel={t("delete.confirm")}
      deletion={remove}
      onConfirm={() => remove.mutate({ sizeId: size.id })}
      onClose={onClose}
    />
  );
}
