"use client";

import type { SshKeyView } from "@indium/contract/api/catalogue-views";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { DeleteDialog } from "@/features/shell/delete-dialog";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { useTRPC } from "@/lib/trpc";
import { Button, IconButton } from "@/ui/button";
import { Card } from "@/ui/card";
import { type Column, DataTable, ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { RelativeTime } from "@/ui/relative-time";
import { AddSshKeyDialog } from "./add-ssh-key-dialog";

export function SshKeysPage() {
  const t = useTranslations("sshKeys");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const denial = useDenial("sshKey.manage");
  const keys = useQuery(trpc.sshKey.list.queryOptions({ organizationId }));
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<SshKeyView | null>(null);
  const add = (
    <Button variant="primary" disabledReason={denial} onClick={() => setAdding(true)}>
      <Plus aria-hidden />
      {t("add")}
    </Button>
  );
  const columns: readonly Column<SshKeyView>[] = [
    { key: "name", header: common("name"), primary: true, cell: (row) => <span className="truncate font-medium">{row.name}</span> },
    {
      key: "fingerprint",
      header: t("fingerprint"),
      cell: (row) => (
        <span className="min-w-0 break-all text-right font-mono text-[0.8125rem] text-ink-2 sm:text-left">{row.fingerprint}</span>
      ),
    },
    { key: "kind", header: common("kind"), from: "lg", cell: (row) => <span className="text-ink-2">{row.publicKey.split(" ")[0]}</span> },
    { key: "added", header: t("added"), cell: (row) => <RelativeTime date={row.createdAt} className="whitespace-nowrap text-ink-2" /> },
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
    <Page title={t("title")} description={t("description")} actions={add}>
      <Card>
        <QueryView query={keys} what={t("what")}>
          {(data) =>
            data.length === 0 ? (
              <EmptyState icon={<KeyRound />} title={t("empty.title")} description={t("empty.description")} action={add} />
            ) : (
              <DataTable label={t("title")} columns={columns} rows={data} rowKey={(row) => row.id} />
            )
          }
        </QueryView>
      </Card>
      <AddSshKeyDialog open={adding} onOpenChange={setAdding} />
      <DeleteSshKeyDialog sshKey={deleting} onClose={() => setDeleting(null)} />
    </Page>
  );
}

function DeleteSshKeyDialog({ sshKey, onClose }: { sshKey: SshKeyView | null; onClose: () => void }) {
  const t = useTranslations("sshKeys");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation({
    ...trpc.sshKey.delete.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.sshKey.list.pathFilter());
      onClose();
    },
  });
  if (sshKey === null) return null;
  return (
    <DeleteDialog
      name={sshKey.name}
      description={t("delete.description")}
      confirmLabel={t("delete.confirm")}
      deletion={remove}
      onConfirm={() => remove.mutate({ sshKeyId: sshKey.id })}
      onClose={onClose}
    />
  );
}
