"use client";

import type { InstanceListItem } from "@indium/contract/api/instance-views";
import { DataTable } from "@/ui/data-table";
import { instanceColumns } from "./instance-columns";
import { useInstanceActions } from "./use-instance-actions";

/** A few instances as rows; `hostColumn` is left out on a host's own page. */
export function InstanceTable({ instances, hostColumn = true }: { instances: readonly InstanceListItem[]; hostColumn?: boolean }) {
  const actions = useInstanceActions();
  return (
    <>
      <DataTable label="Instances" columns={instanceColumns({ hostColumn, act: actions.act })} rows={instances} rowKey={(row) => row.id} />
      {actions.dialog}
    </>
  );
}
