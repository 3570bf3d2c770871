"use client";

import type { AuditEventView } from "@indium/contract/api/audit-views";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Download, ScrollText } from "lucide-react";
import Link from "next/link";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { RelativeTime } from "@/ui/relative-time";
import { AuditFilterBar } from "./audit-filter-bar";
import { AUDIT_RESULT, auditWords, detailWords } from "./audit-words";
import { exportQuery, useAuditFilter } from "./use-audit-filter";

export function AuditPage() {
  const denial = useDenial("audit.read");
  if (denial !== null)
    return (
      <Page title="Audit">
        <Card>
          <EmptyState icon={<ScrollText />} title="Not yours to see" description={denial} />
        </Card>
      </Page>
    );
  return <AuditLog />;
}

function AuditLog() {
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const filter = useAuditFilter(organizationId);
  const events = useQuery({ ...trpc.audit.list.queryOptions(filter.filter), placeholderData: keepPreviousData });
  const columns: readonly Column<AuditEventView>[] = [
    {
      key: "what",
      header: "What",
      primary: true,
      className: "sm:max-w-none",
      cell: (row) => (
        <span className="min-w-0">
          <span className="font-medium">{row.actor === null ? "Indium" : (row.actor.name ?? row.actor.id)}</span>{" "}
          <span className="font-normal">
            {auditWords(row.action)} <Target event={row} />
          </span>
          <span className="block truncate font-normal text-[0.8125rem] text-ink-3" title={detailWords(row.detail)}>
            {detailWords(row.detail)}
          </span>
        </span>
      ),
    },
    {
      key: "result",
      header: "Result",
      cell: (row) => <Badge tone={AUDIT_RESULT[row.result].tone}>{AUDIT_RESULT[row.result].label}</Badge>,
    },
    {
      key: "from",
      header: "From",
      from: "lg",
      cell: (row) => <span className="font-mono text-ink-2 text-xs">{row.remoteAddress ?? "–"}</span>,
    },
    { key: "when", header: "When", align: "end", cell: (row) => <RelativeTime date={row.at} className="whitespace-nowrap text-ink-2" /> },
    {
      key: "only",
      header: <span className="sr-only">Filter</span>,
      bare: true,
      align: "end",
      from: "md",
      cell: (row) =>
        row.target.id === null || row.target.id === filter.text("target") ? null : (
          <Button
            size="sm"
            variant="ghost"
            aria-label={`Only what was done to ${row.target.name ?? row.target.id}`}
            onClick={() => filter.change({ target: row.target.id ?? "" })}
          >
            Only this
          </Button>
        ),
    },
  ];
  return (
    <Page
      title="Audit"
      width="wide"
      description="Who did what to what, from where, and how it ended. Nothing here is ever changed or deleted."
      actions={
        <>
          {(["csv", "json"] as const).map((format) => (
            <Button key={format} asChild>
              <a href={`${paths.auditExport(organizationId)}?${exportQuery(filter.filter, format)}`} download>
                <Download aria-hidden />
                {format.toUpperCase()}
              </a>
            </Button>
          ))}
        </>
      }
    >
      <div className="mb-4">
        <AuditFilterBar filter={filter} />
      </div>
      <Card>
        <QueryView query={events} what="the audit log">
          {({ items, nextCursor }) =>
            items.length === 0 ? (
              <EmptyState
                icon={<ScrollText />}
                title={filter.isFiltered ? "Nothing like that" : "Nothing yet"}
                description={filter.isFiltered ? "No event fits this filter." : "What anybody changes here is written down."}
              />
            ) : (
              <>
                <DataTable label="Audit log" columns={columns} rows={items} rowKey={(row) => row.id} />
                <div className="flex justify-between gap-3 border-line border-t p-3">
                  <Button
                    size="sm"
                    disabledReason={filter.text("before") === "" ? "These are the newest." : null}
                    onClick={() => filter.change({ before: "" })}
                  >
                    Newest
                  </Button>
                  <Button
                    size="sm"
                    disabledReason={nextCursor === null ? "There are no older ones." : null}
                    onClick={() => filter.change({ before: nextCursor ?? "" })}
                  >
                    Older
                  </Button>
                </div>
              </>
            )
          }
        </QueryView>
      </Card>
    </Page>
  );
}

function Target({ event }: { event: AuditEventView }) {
  const organizationId = useOrganizationId();
  const { id, kind, name } = event.target;
  if (id === null || event.target.id === event.actor?.id) return null;
  const href = hrefOf(organizationId, kind, id);
  const words = name ?? id;
  return href === null ? (
    <span>{words}</span>
  ) : (
    <Link href={href} className="rounded text-accent-ink underline decoration-accent-line underline-offset-2">
      {words}
    </Link>
  );
}

/** The page of a thing, or of its kind; null where there is none. */
function hrefOf(organizationId: string, kind: string, id: string): string | null {
  switch (kind) {
    case "instance":
      return paths.instance(organizationId, id);
    case "host":
      return paths.host(organizationId, id);
    case "securityGroup":
      return paths.securityGroup(organizationId, id);
    case "image":
      return paths.images(organizationId);
    case "network":
      return paths.networks(organizationId);
    case "sshKey":
      return paths.sshKeys(organizationId);
    case "site":
      return paths.settingsSites(organizationId);
    case "user":
    case "member":
    case "invitation":
      return paths.settingsMembers(organizationId);
    case "organization":
      return paths.settings(organizationId);
    default:
      return null;
  }
}
