"use client";

import type { InstanceListItem } from "@indium/contract/api/instance-views";
import { useTranslations } from "use-intl/react";
import { DataTable } from "@/ui/data-table";
import { useInstanceColumns } from "./instance-columns";
import { useInstanceActions } from "./use-instance-actions";

/** A few instances as rows; `hostColumn` is left out on a host's own page. */
export function InstanceTable({ instances, hostColumn = true }: { instances: readonly InstanceListItem[]; hostColumn?: boolean }) {
  const t = useTranslations("instances");
  const actions = useInstanceActions();
  const columns = useInstanceColumns({ hostColumn, act: actions.act });
  return (
    <>
      <DataTable label={t("title")} columns={columns} rows={instances} rowKey={(row) => row.id} />
      {actions.dialog}
    </>
  );
}
