"use client";

import { DisplayedState } from "@indium/contract/states";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Boxes, Plus, Search, SearchX } from "lucide-react";
import Link from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useDeferredValue, useEffect, useState } from "react";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { plural } from "@/lib/format";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import { INSTANCE_STATE } from "./instance-state";
import { InstanceTable } from "./instance-table";

const FILTERS: readonly DisplayedState[] = ["running", "stopped", "paused", "creating", "failed", "crashed", "unknown"];

export function InstancesPage() {
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const createDenial = useDenial("instance.create");
  const router = useRouter();
  const pathname = usePathname();
  const parameters = useSearchParams();
  const urlSearch = parameters.get("q") ?? "";
  const parsedState = DisplayedState.safeParse(parameters.get("state"));
  const state = parsedState.success ? parsedState.data : null;
  const [search, setSearch] = useState(urlSearch);
  const deferredSearch = useDeferredValue(search.trim());

  // What is searched for stands in the address bar: reload, back and a shared link find the same list.
  const toUrl = (nextSearch: string, nextState: string | null) => {
    const next = new URLSearchParams();
    if (nextSearch.trim() !== "") next.set("q", nextSearch.trim());
    if (nextState !== null) next.set("state", nextState);
    const query = next.toString();
    router.replace(query === "" ? pathname : `${pathname}?${query}`, { scroll: false });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: follow the address bar only when it changes by itself (back, forward)
  useEffect(() => {
    if (urlSearch !== search.trim()) setSearch(urlSearch);
  }, [urlSearch]);

  const list = useQuery({
    ...trpc.instance.list.queryOptions({ organizationId, search: deferredSearch, state }),
    placeholderData: keepPreviousData,
  });
  const filtered = deferredSearch !== "" || state !== null;
  const create = (
    <Button variant="primary" asChild={createDenial === null} disabledReason={createDenial}>
      {createDenial === null ? (
        <Link href={paths.instanceNew(organizationId)}>
          <Plus aria-hidden />
          Create instance
        </Link>
      ) : (
        <>
          <Plus aria-hidden />
          Create instance
        </>
      )}
    </Button>
  );

  return (
    <Page title="Instances" description="Virtual machines on your hosts." actions={create} width="wide">
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <search className="min-w-0 flex-1 basis-56 sm:max-w-xs">
          <Input
            type="search"
            aria-label="Search instances"
            placeholder="Search by name, address or image"
            maxLength={100}
            leading={<Search aria-hidden />}
            value={search}
            onChange={(event) => {
              setSearch(event.target.value);
              toUrl(event.target.value, state);
            }}
          />
        </search>
        <Select
          aria-label="Filter by state"
          className="w-40"
          value={state ?? ""}
          onChange={(event) => toUrl(search, event.target.value === "" ? null : event.target.value)}
        >
          <option value="">All states</option>
          {FILTERS.map((each) => (
            <option key={each} value={each}>
              {INSTANCE_STATE[each].label}
            </option>
          ))}
        </Select>
        {list.data === undefined ? null : (
          <p role="status" className="ml-auto text-[0.8125rem] text-ink-3">
            {plural(list.data.total, "instance")}
          </p>
        )}
      </div>
      <Card>
        <QueryView query={list} what="instances">
          {(data) =>
            data.items.length > 0 ? (
              <InstanceTable instances={data.items} />
            ) : filtered ? (
              <EmptyState
                icon={<SearchX />}
                title="Nothing matches"
                description="No instance here has that name, address, image and state."
                action={
                  <Button
                    onClick={() => {
                      setSearch("");
                      toUrl("", null);
                    }}
                  >
                    Clear search
                  </Button>
                }
              />
            ) : (
              <EmptyState
                icon={<Boxes />}
                title="No instances yet"
                description="Pick an image and press Create: everything else has a sensible default, and you can log in a few seconds later."
                action={create}
              />
            )
          }
        </QueryView>
      </Card>
      {list.data?.nextCursor ? (
        <p className="mt-3 text-center text-[0.8125rem] text-ink-3">
          The first {list.data.items.length} of {list.data.total.toLocaleString("en")} are shown. Search to narrow them down.
        </p>
      ) : null}
    </Page>
  );
}
