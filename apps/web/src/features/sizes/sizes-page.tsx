"use client";

import type { SizeView } from "@indium/contract/api/catalogue-views";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { DeleteDialog } from "@/features/shell/delete-dialog";
import { useSession } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { formatBytes } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { Button, IconButton } from "@/ui/button";
import { Card } from "@/ui/card";
import { type Column, DataTable, ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { AddSizeDialog } from "./add-size-dialog";

/** What instances can be: the same for every organization of the installation. */
export function SizesPage() {
  const trpc = useTRPC();
  const { user } = useSession();
  const denial = user.installationAdmin ? null : "Only an administrator of this installation may change its sizes.";
  const sizes = useQuery(trpc.size.list.queryOptions());
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<SizeView | null>(null);
  const columns: readonly Column<SizeView>[] = [
    { key: "name", header: "Name", primary: true, cell: (row) => <span className="truncate font-medium">{row.name}</span> },
    { key: "vcpus", header: "vCPUs", align: "end", cell: (row) => <span className="tabular">{row.vcpus}</span> },
    { key: "memory", header: "Memory", align: "end", cell: (row) => <span className="tabular">{formatBytes(row.memoryBytes)}</span> },
    { key: "disk", header: "Disk", align: "end", cell: (row) => <span className="tabular">{formatBytes(row.diskBytes)}</span> },
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
    <Page
      title="Sizes"
      description="How many processors, how much memory and what disk a new instance is given."
      actions={
        <Button variant="primary" disabledReason={denial} onClick={() => setAdding(true)}>
          <Plus aria-hidden />
          Add size
        </Button>
      }
    >
      <Card>
        <QueryView query={sizes} what="sizes">
          {(data) => <DataTable label="Sizes" columns={columns} rows={data} rowKey={(row) => row.id} />}
        </QueryView>
      </Card>
      {adding ? <AddSizeDialog onClose={() => setAdding(false)} /> : null}
      <DeleteSizeDialog size={deleting} onClose={() => setDeleting(null)} />
    </Page>
  );
}

function DeleteSizeDialog({ size, onClose }: { size: SizeView | null; onClose: () => void }) {
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
      description="New instances can no longer be made with it, in any organization. Those that were keep their processors, memory and disk."
      confirmLabel="Delete size"
      deletion={remove}
      onConfirm={() => remove.mutate({ sizeId: size.id })}
      onClose={onClose}
    />
  );
}
