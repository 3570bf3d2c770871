"use client";

import type { OperationView } from "@indium/contract/api/instance-views";
import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { type Column, DataTable, ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { RelativeTime } from "@/ui/relative-time";
import { OperationDialog } from "./operation-dialog";
import { OperationDuration, OperationStateBadge } from "./operation-row";
import { OPERATION_WORDS } from "./operation-words";

export function OperationsPage() {
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const operations = useQuery(trpc.operation.list.queryOptions({ organizationId }));
  const [openId, setOpenId] = useState<string | null>(null);
  const columns: readonly Column<OperationView>[] = [
    { key: "kind", header: "Operation", primary: true, cell: (row) => OPERATION_WORDS[row.kind].noun },
    {
      key: "instance",
      header: "On",
      cell: (row) =>
        row.instanceId === null ? (
          <span className="text-ink-3">–</span>
        ) : (
          <Link href={paths.instance(organizationId, row.instanceId)} className="truncate rounded hover:underline">
            {row.instanceName ?? row.instanceId}
          </Link>
        ),
    },
    {
      key: "state",
      header: "State",
      cell: (row) => (
        <span className="min-w-0">
          <OperationStateBadge operation={row} />
          {row.waiting ? <span className="block text-pretty text-[0.8125rem] text-ink-2">{row.waiting}</span> : null}
        </span>
      ),
    },
    { key: "by", header: "By", from: "lg", cell: (row) => <span className="truncate text-ink-2">{row.startedBy ?? "Indium"}</span> },
    {
      key: "when",
      header: "Started",
      from: "md",
      cell: (row) => <RelativeTime date={row.createdAt} className="whitespace-nowrap text-ink-2" />,
    },
    { key: "took", header: "Took", align: "end", cell: (row) => <OperationDuration operation={row} /> },
    {
      key: "actions",
      header: <span className="sr-only">Details</span>,
      bare: true,
      align: "end",
      className: `${ROW_ACTIONS_CLASS} sm:w-24`,
      cell: (row) => (
        <Button
          size="sm"
          variant="ghost"
          onClick={() => setOpenId(row.id)}
          aria-label={`Steps of ${OPERATION_WORDS[row.kind].noun} ${row.instanceName ?? ""}`.trim()}
        >
          Steps
        </Button>
      ),
    },
  ];
  return (
    <Page title="Operations" description="Everything anyone asked for here, step by step, and how it ended.">
      <Card>
        <QueryView query={operations} what="operations">
          {(data) => {
            const { items } = data;
            const open = items.find((each) => each.id === openId) ?? null;
            return items.length === 0 ? (
              <EmptyState
                icon={<History />}
                title="No operations yet"
                description="When you create, start or stop something, you can watch it here."
              />
            ) : (
              <>
                <DataTable label="Operations" columns={columns} rows={items} rowKey={(row) => row.id} />
                <OperationDialog operation={open} onClose={() => setOpenId(null)} />
              </>
            );
          }}
        </QueryView>
      </Card>
    </Page>
  );
}
