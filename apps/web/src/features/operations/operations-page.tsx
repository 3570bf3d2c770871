"use client";

import type { OperationView } from "@indium/contract/api/instance-views";
import { History, SearchX } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { paths } from "@/lib/path-builder";
import { formatSort } from "@/lib/sort-parameter";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { useUrlParameters } from "@/lib/url-parameters";
import { useLongList } from "@/lib/use-long-list";
import { useSearchText } from "@/lib/use-search-text";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { type Column, WIDE_ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ListBar } from "@/ui/list-bar";
import { componentOnDemand } from "@/ui/on-demand";
import { RelativeTime } from "@/ui/relative-time";
import { SearchField } from "@/ui/search-field";
import { Select } from "@/ui/select";
import { SkeletonRows } from "@/ui/skeleton";
import { VirtualTable } from "@/ui/virtual-table";
import { NEWEST_FIRST, operationListInput, parseOperationFilter, STATES } from "./operation-filter";
import { OperationDuration, OperationStateBadge } from "./operation-row";

const OperationDialog = componentOnDemand(() => import("./operation-dialog").then((module) => module.OperationDialog));

/** What runs now, and the history. */
export function OperationsPage() {
  const t = useTranslations("operations");
  const trpc = useTRPC();
  const client = useTRPCClient();
  const organizationId = useOrganizationId();
  const parameters = useUrlParameters();
  const { state, search: inAddress, sort } = parseOperationFilter(parameters.get);
  const [search, setSearch] = useSearchText(inAddress, (q) => parameters.set({ q }, "replace"));
  const [openId, setOpenId] = useState<string | null>(null);
  const filtered = state !== null || inAddress.trim() !== "";
  const clear = () => parameters.set({ q: null, state: null }, "push");

  const input = operationListInput(organizationId, { state, search: inAddress, sort });
  const list = useLongList<OperationView>({
    key: (range) => trpc.operation.list.queryKey({ ...input, ...range }),
    fetch: (range) => client.operation.list.query({ ...input, ...range }),
  });

  return (
    <Page title={t("title")} description={t("description")} width="wide">
      <ListBar status={list.data === undefined ? null : t("count", { count: list.data.total })}>
        <SearchField label={t("search")} placeholder={t("searchPlaceholder")} value={search} onChange={setSearch} />
        <Select
          aria-label={t("filterByState")}
          className="w-40 max-sm:grow max-sm:basis-2/5"
          value={state ?? ""}
          onChange={(event) => parameters.set({ state: event.target.value }, "push")}
        >
          <option value="">{t("allStates")}</option>
          {STATES.map((each) => (
            <option key={each} value={each}>
              {each === "open" ? t("underWay") : t(`states.${each}`)}
            </option>
          ))}
        </Select>
        {filtered ? (
          <Button variant="ghost" onClick={clear}>
            {t("clearFilters")}
          </Button>
        ) : null}
      </ListBar>
      <Card>
        <QueryView
          query={{ data: list.data, error: list.error, refetch: list.refetch }}
          what={t("what")}
          skeleton={<SkeletonRows rows={10} label={t("loading")} />}
        >
          {({ rows, total }) =>
            rows.length > 0 ? (
              <>
                <VirtualTable
                  label={t("title")}
                  columns={columnsFor(organizationId, setOpenId, t)}
                  rows={rows}
                  rowKey={(row) => row.id}
                  total={total}
                  identity={list.identity}
                  more={list.more}
                  outdated={list.outdated}
                  onVisible={list.onVisible}
                  sort={sort}
                  onSort={({ direction }) => parameters.set({ sort: formatSort({ key: "created", direction }, NEWEST_FIRST) }, "push")}
                />
                <OperationDialog operation={rows.find((row) => row.id === openId) ?? null} onClose={() => setOpenId(null)} />
              </>
            ) : filtered ? (
              <EmptyState
                icon={<SearchX />}
                title={t("noMatch.title")}
                description={t("noMatch.description")}
                action={<Button onClick={clear}>{t("clearFilters")}</Button>}
              />
            ) : (
              <EmptyState icon={<History />} title={t("none.title")} description={t("none.description")} />
            )
          }
        </QueryView>
      </Card>
    </Page>
  );
}

function columnsFor(
  organizationId: string,
  open: (id: string) => void,
  t: ReturnType<typeof useTranslations<"operations">>,
): readonly Column<OperationView>[] {
  return [
    { key: "kind", header: t("columns.operation"), primary: true, cell: (row) => t(`kinds.${row.kind}.noun`) },
    {
      key: "instance",
      header: t("columns.on"),
      cell: (row) =>
        row.instanceId === null ? (
          <span className="text-ink-3">–</span>
        ) : (
          <Link href={paths.instance(organizationId, row.instanceId)} className="block truncate rounded hover:underline">
            {row.instanceName ?? row.instanceId}
          </Link>
        ),
    },
    {
      key: "state",
      header: t("columns.state"),
      cell: (row) => (
        <span className="min-w-0">
          <OperationStateBadge operation={row} />
          {row.waiting ? (
            <span lang="en" className="block text-pretty text-[0.8125rem] text-ink-2">
              {row.waiting}
            </span>
          ) : null}
        </span>
      ),
    },
    {
      key: "by",
      header: t("columns.by"),
      from: "lg",
      cell: (row) => <span className="block truncate text-ink-2">{row.startedBy ?? "Indium"}</span>,
    },
    {
      key: "when",
      header: t("columns.started"),
      sort: "created",
      from: "md",
      className: "sm:w-36",
      cell: (row) => <RelativeTime date={row.createdAt} className="whitespace-nowrap text-ink-2" />,
    },
    { key: "took", header: t("columns.took"), align: "end", className: "sm:w-32", cell: (row) => <OperationDuration operation={row} /> },
    {
      key: "actions",
      header: <span className="sr-only">{t("columns.details")}</span>,
      bare: true,
      align: "end",
      className: WIDE_ROW_ACTIONS_CLASS,
      cell: (row) => (
        <Button
          size="sm"
          variant="ghost"
          onClick={() => open(row.id)}
          aria-label={t("stepsOf", {
            named: row.instanceName === null ? "no" : "yes",
            noun: t(`kinds.${row.kind}.noun`),
            what: row.instanceName ?? "",
          })}
        >
          {t("steps")}
        </Button>
      ),
    },
  ];
}
