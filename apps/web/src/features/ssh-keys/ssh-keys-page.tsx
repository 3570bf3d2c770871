"use client";

import type { SshKeyView } from "@indium/contract/api/catalogue-views";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
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
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const denial = useDenial("sshKey.manage");
  const keys = useQuery(trpc.sshKey.list.queryOptions({ organizationId }));
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<SshKeyView | null>(null);
  const add = (
    <Button variant="primary" disabledReason={denial} onClick={() => setAdding(true)}>
      <Plus aria-hidden />
      Add SSH key
    </Button>
  );
  const columns: readonly Column<SshKeyView>[] = [
    { key: "name", header: "Name", primary: true, cell: (row) => <span className="truncate font-medium">{row.name}</span> },
    {
      key: "fingerprint",
      header: "Fingerprint",
      cell: (row) => (
        <span className="min-w-0 break-all text-right font-mono text-[0.8125rem] text-ink-2 sm:text-left">{row.fingerprint}</span>
      ),
    },
    { key: "kind", header: "Kind", from: "lg", cell: (row) => <span className="text-ink-2">{row.publicKey.split(" ")[0]}</span> },
    { key: "added", header: "Added", cell: (row) => <RelativeTime date={row.createdAt} className="whitespace-nowrap text-ink-2" /> },
    {
      key: "actions",
      header: <span className="sr-only">Actions</span>,
      bare: true,
      className: ROW_ACTIONS_CLASS,
      cell: (row) => (
        <IconButton label={`Delete ${row.name}`} disabledReason={denial} onClick={() => setDeleting(row)}>
          <Trash2 aria-hidden />
        </IconButton>
      ),
    },
  ];
  return (
    <Page title="SSH keys" description="Public keys that can be put into new instances." actions={add}>
      <Card>
        <QueryView query={keys} what="SSH keys">
          {(data) =>
            data.length === 0 ? (
              <EmptyState
                icon={<KeyRound />}
                title="No SSH keys yet"
                description="Add your public key once, and log in to every new instance without a password."
                action={add}
              />
            ) : (
              <DataTable label="SSH keys" columns={columns} rows={data} rowKey={(row) => row.id} />
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
      description="New instances can no longer be given it. Instances that already have it keep it: take it out of their authorized_keys yourself."
      confirmLabel="Delete key"
      deletion={remove}
      onConfirm={() => remove.mutate({ sshKeyId: sshKey.id })}
      onClose={onClose}
    />
  );
}
