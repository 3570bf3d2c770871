"use client";

import type { BulkAction, InstanceListItem } from "@indium/contract/api/instance-views";
import { INSTANCE_SORTS } from "@indium/contract/plain/lists";
import { Boxes, Plus, SearchX } from "lucide-react";
import Link from "next/link";
import { useMemo, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { oneOf } from "@/lib/one-of";
import { paths } from "@/lib/path-builder";
import { NOTHING_SELECTED, toggle, within } from "@/lib/selection";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { useUrlParameters } from "@/lib/url-parameters";
import { useLongList } from "@/lib/use-long-list";
import { useSearchText } from "@/lib/use-search-text";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import type { Column } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ListBar } from "@/ui/list-bar";
import { componentOnDemand } from "@/ui/on-demand";
import { RowCheckbox } from "@/ui/row-checkbox";
import { SearchField } from "@/ui/search-field";
import { SkeletonRows } from "@/ui/skeleton";
import { VirtualTable } from "@/ui/virtual-table";
import { useInstanceColumns } from "./instance-columns";
import {
  type InstanceFilter,
  instanceFilterParameters,
  instanceListInput,
  isFiltered,
  NO_FILTER,
  parseInstanceFilter,
} from "./instance-filter";
import { InstanceFilters } from "./instance-filters";
import { useInstanceActions } from "./use-instance-actions";

const BulkBar = componentOnDemand(() => import("./bulk/bulk-bar").then((module) => module.BulkBar));
const BulkDialog = componentOnDemand(() => import("./bulk/bulk-dialog").then((module) => module.BulkDialog));

export function InstancesPage() {
  const t = useTranslations("instances");
  const trpc = useTRPC();
  const client = useTRPCClient();
  const organizationId = useOrganizationId();
  const parameters = useUrlParameters();
  const filter = parseInstanceFilter(parameters.get);
  const change = (next: Partial<InstanceFilter>, how: "push" | "replace" = "push") => parameters.set(instanceFilterParameters(next), how);
  const [search, setSearch] = useSearchText(filter.search, (text) => change({ search: text }, "replace"));

  const input = instanceListInput(organizationId, filter);
  const list = useLongList<InstanceListItem>({
    key: (range) => trpc.instance.list.queryKey({ ...input, ...range }),
    fetch: (range) => client.instance.list.query({ ...input, ...range }),
  });
  const rows = list.data?.rows;

  return (
    <Page title={t("title")} description={t("description")} actions={<CreateInstance />} width="wide">
      <ListBar status={list.data === undefined ? null : t("count", { count: list.data.total })}>
        <SearchField label={t("search")} placeholder={t("searchPlaceholder")} value={search} onChange={setSearch} />
        <InstanceFilters filter={filter} onChange={change} />
        {isFiltered(filter) ? (
          <Button variant="ghost" onClick={() => change(NO_FILTER)}>
            {t("clearFilters")}
          </Button>
        ) : null}
      </ListBar>
      <Card>
        <QueryView
          query={{ data: rows, error: list.error, refetch: list.refetch }}
          what={t("what")}
          skeleton={<SkeletonRows rows={10} label={t("loading")} />}
        >
          {(all) =>
            all.length > 0 ? (
              <SelectableInstances
                key={organizationId}
                list={list}
                rows={all}
                sort={filter.sort}
                onSort={({ key, direction }) => {
                  const column = oneOf(INSTANCE_SORTS, key);
                  if (column !== null) change({ sort: { key: column, direction } });
                }}
              />
            ) : isFiltered(filter) ? (
              <EmptyState
                icon={<SearchX />}
                title={t("noMatch.title")}
                description={t("noMatch.description")}
                action={<Button onClick={() => change(NO_FILTER)}>{t("clearFilters")}</Button>}
              />
            ) : (
              <EmptyState icon={<Boxes />} title={t("none.title")} description={t("none.description")} action={<CreateInstance />} />
            )
          }
        </QueryView>
      </Card>
    </Page>
  );
}

function CreateInstance() {
  const t = useTranslations("instances");
  const organizationId = useOrganizationId();
  const denial = useDenial("instance.create");
  const label = (
    <>
      <Plus aria-hidden />
      {t("create")}
    </>
  );
  return (
    <Button variant="primary" asChild={denial === null} disabledReason={denial}>
      {denial === null ? <Link href={paths.instanceNew(organizationId)}>{label}</Link> : label}
    </Button>
  );
}

interface SelectableInstancesProps {
  list: ReturnType<typeof useLongList<InstanceListItem>>;
  rows: readonly InstanceListItem[];
  sort: InstanceFilter["sort"];
  onSort: (sort: { key: string; direction: "asc" | "desc" }) => void;
}

/** The rows, what is chosen of them, and what is done to what is chosen. */
function SelectableInstances({ list, rows, sort, onSort }: SelectableInstancesProps) {
  const t = useTranslations("instances");
  const actions = useInstanceActions();
  const mayOperate = useDenial("instance.operate") === null;
  const [chosen, setChosen] = useState(NOTHING_SELECTED);
  const [bulk, setBulk] = useState<{ action: BulkAction; selected: readonly InstanceListItem[] } | null>(null);
  const order = useMemo(() => rows.map((row) => row.id), [rows]);
  const selection = useMemo(() => within(chosen, order), [chosen, order]);
  const selected = useMemo(() => rows.filter((row) => selection.ids.has(row.id)), [rows, selection]);
  const selectAll = () => setChosen({ ids: selected.length === rows.length ? new Set() : new Set(order), anchor: null });

  const checkbox: Column<InstanceListItem> = {
    key: "select",
    header: (
      <RowCheckbox label={t("selectAll")} checked={selected.length === rows.length} some={selected.length > 0} onToggle={selectAll} />
    ),
    bare: true,
    className: "max-sm:absolute max-sm:top-2 max-sm:right-12 max-sm:p-0 sm:w-12 sm:pr-0",
    cell: (row) => (
      <RowCheckbox
        label={t("select", { name: row.name })}
        checked={selection.ids.has(row.id)}
        onToggle={(range) => setChosen((before) => toggle(within(before, order), row.id, range, order))}
      />
    ),
  };
  const columns = useInstanceColumns({ hostColumn: true, act: actions.act });
  return (
    <>
      <VirtualTable
        label={t("title")}
        columns={mayOperate ? [checkbox, ...columns] : columns}
        rows={rows}
        rowKey={(row) => row.id}
        total={list.data?.total ?? rows.length}
        identity={list.identity}
        more={list.more}
        outdated={list.outdated}
        onVisible={list.onVisible}
        sort={sort}
        onSort={onSort}
        {...(mayOperate ? { isSelected: (row: InstanceListItem) => selection.ids.has(row.id) } : {})}
      />
      {selected.length > 0 ? (
        <BulkBar
          selected={selected}
          loaded={rows.length}
          onSelectAll={selectAll}
          onClear={() => setChosen(NOTHING_SELECTED)}
          onAction={(action) => setBulk({ action, selected })}
        />
      ) : null}
      {bulk === null ? null : (
        <BulkDialog
          {...bulk}
          onClose={(done) => {
            setBulk(null);
            if (done) setChosen(NOTHING_SELECTED);
          }}
        />
      )}
      {actions.dialog}
    </>
  );
}
