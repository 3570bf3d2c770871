"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { HOST_SORTS } from "@indium/contract/plain/lists";
import { HOST_STATES } from "@indium/contract/plain/states";
import { useQuery } from "@tanstack/react-query";
import { Plus, SearchX, Server } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { useFormat } from "@/lib/i18n/use-format";
import { oneOf } from "@/lib/one-of";
import { paths } from "@/lib/path-builder";
import { formatSort } from "@/lib/sort-parameter";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { useUrlParameters } from "@/lib/url-parameters";
import { useLongList } from "@/lib/use-long-list";
import { useSearchText } from "@/lib/use-search-text";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { ListBar } from "@/ui/list-bar";
import { SearchField } from "@/ui/search-field";
import { Select } from "@/ui/select";
import { SkeletonRows } from "@/ui/skeleton";
import { VirtualTable } from "@/ui/virtual-table";
import { hostColumns } from "./host-columns";
import { BY_NAME, hostPageInput, parseHostFilter } from "./host-filter";

const STATES = HOST_STATES.filter((state) => state !== "revoked");

export function HostsPage() {
  const t = useTranslations("hosts");
  const format = useFormat();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const organizationId = useOrganizationId();
  const parameters = useUrlParameters();
  const { state, siteId, search: inAddress, sort } = parseHostFilter(parameters.get);
  const [search, setSearch] = useSearchText(inAddress, (q) => parameters.set({ q }, "replace"));
  const filtered = state !== null || siteId !== null || inAddress.trim() !== "";
  const clear = () => parameters.set({ q: null, state: null, site: null }, "push");

  const input = hostPageInput(organizationId, { state, siteId, search: inAddress, sort });
  const list = useLongList<HostView>({
    key: (range) => trpc.host.page.queryKey({ ...input, ...range }),
    fetch: (range) => client.host.page.query({ ...input, ...range }),
  });
  const sites = useQuery(trpc.site.list.queryOptions({ organizationId }));

  return (
    <Page title={t("title")} description={t("description")} actions={<AddHost />} width="wide">
      <ListBar status={list.data === undefined ? null : t("count", { count: list.data.total })}>
        <SearchField label={t("list.search")} placeholder={t("list.searchHint")} value={search} onChange={setSearch} />
        <Select
          aria-label={t("list.filterByState")}
          className="w-40 max-sm:grow max-sm:basis-2/5"
          value={state ?? ""}
          onChange={(event) => parameters.set({ state: event.target.value }, "push")}
        >
          <option value="">{t("list.allStates")}</option>
          {STATES.map((each) => (
            <option key={each} value={each}>
              {t(`states.${each}`)}
            </option>
          ))}
        </Select>
        {(sites.data?.length ?? 0) > 1 || siteId !== null ? (
          <Select
            aria-label={t("list.filterBySite")}
            className="w-40 max-sm:grow max-sm:basis-2/5"
            value={siteId ?? ""}
            onChange={(event) => parameters.set({ site: event.target.value }, "push")}
          >
            <option value="">{t("list.allSites")}</option>
            {(sites.data ?? []).map((site) => (
              <option key={site.id} value={site.id}>
                {site.name}
              </option>
            ))}
          </Select>
        ) : null}
        {filtered ? (
          <Button variant="ghost" onClick={clear}>
            {t("list.clear")}
          </Button>
        ) : null}
      </ListBar>
      <Card>
        <QueryView
          query={{ data: list.data, error: list.error, refetch: list.refetch }}
          what={t("what")}
          skeleton={<SkeletonRows rows={8} label={t("loading")} />}
        >
          {({ rows, total }) =>
            rows.length > 0 ? (
              <VirtualTable
                label={t("title")}
                columns={hostColumns(organizationId, t, format)}
                rows={rows}
                rowKey={(host) => host.id}
                total={total}
                identity={list.identity}
                more={list.more}
                outdated={list.outdated}
                onVisible={list.onVisible}
                sort={sort}
                onSort={({ key, direction }) => {
                  const column = oneOf(HOST_SORTS, key);
                  if (column !== null) parameters.set({ sort: formatSort({ key: column, direction }, BY_NAME) }, "push");
                }}
              />
            ) : filtered ? (
              <EmptyState
                icon={<SearchX />}
                title={t("list.noMatch")}
                description={t("list.noMatchHint")}
                action={<Button onClick={clear}>{t("list.clear")}</Button>}
              />
            ) : (
              <EmptyState icon={<Server />} title={t("list.none")} description={t("list.noneHint")} action={<AddHost />} />
            )
          }
        </QueryView>
      </Card>
    </Page>
  );
}

function AddHost() {
  const t = useTranslations("hosts");
  const organizationId = useOrganizationId();
  const denial = useDenial("host.manage");
  const label = (
    <>
      <Plus aria-hidden />
      {t("add.title")}
    </>
  );
  return (
    <Button variant="primary" asChild={denial === null} disabledReason={denial}>
      {denial === null ? <Link href={paths.hostNew(organizationId)}>{label}</Link> : label}
    </Button>
  );
}
