"use client";

import type { AuditEventView } from "@indium/contract/api/audit-views";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Download, ScrollText } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
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
import { auditWords, detailWords, RESULT_TONE } from "./audit-words";
import { exportQuery, useAuditFilter } from "./use-audit-filter";

export function AuditPage() {
  const t = useTranslations("audit");
  const denial = useDenial("audit.read");
  if (denial !== null)
    return (
      <Page title={t("title")}>
        <Card>
          <EmptyState icon={<ScrollText />} title={t("notYours")} description={denial} />
        </Card>
      </Page>
    );
  return <AuditLog />;
}

function AuditLog() {
  const t = useTranslations("audit");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const filter = useAuditFilter(organizationId);
  const { organizationId: _, ...ofAll } = filter.filter;
  const { ofInstallation } = filter;
  const ofOrganization = useQuery({
    ...trpc.audit.list.queryOptions(filter.filter),
    enabled: !ofInstallation,
    placeholderData: keepPreviousData,
  });
  const ofNone = useQuery({ ...trpc.audit.ofInstallation.queryOptions(ofAll), enabled: ofInstallation, placeholderData: keepPreviousData });
  const events = ofInstallation ? ofNone : ofOrganization;
  const columns: readonly Column<AuditEventView>[] = [
    {
      key: "what",
      header: t("columns.what"),
      primary: true,
      grows: true,
      cell: (row) => (
        <span className="min-w-0">
          {t.rich(targetOf(row) === null ? "lineAlone" : "line", {
            who: row.actor === null ? "Indium" : (row.actor.name ?? row.actor.id),
            words: auditWords(row.action, t),
            what: targetOf(row) ?? "",
            actor: (chunks) => <span className="font-medium">{chunks}</span>,
            rest: (chunks) => <span className="font-normal">{chunks}</span>,
            target: (chunks) => <Target event={row}>{chunks}</Target>,
          })}
          <span className="block truncate font-normal text-[0.8125rem] text-ink-3" title={detailWords(row.detail)}>
            {detailWords(row.detail)}
          </span>
        </span>
      ),
    },
    {
      key: "result",
      header: t("columns.result"),
      cell: (row) => <Badge tone={RESULT_TONE[row.result]}>{t(`results.${row.result}`)}</Badge>,
    },
    {
      key: "from",
      header: t("columns.from"),
      from: "lg",
      cell: (row) => <span className="font-mono text-ink-2 text-xs">{row.remoteAddress ?? "–"}</span>,
    },
    {
      key: "when",
      header: t("columns.when"),
      align: "end",
      cell: (row) => <RelativeTime date={row.at} className="whitespace-nowrap text-ink-2" />,
    },
    {
      key: "only",
      header: <span className="sr-only">{t("columns.filter")}</span>,
      bare: true,
      align: "end",
      from: "md",
      card: false,
      cell: (row) =>
        row.target.id === null || row.target.id === filter.text("target") ? null : (
          <Button
            size="sm"
            variant="ghost"
            aria-label={t("onlyDoneTo", { name: row.target.name ?? row.target.id })}
            onClick={() => filter.change({ target: row.target.id ?? "" })}
          >
            {t("onlyThis")}
          </Button>
        ),
    },
  ];
  return (
    <Page
      title={t("title")}
      width="wide"
      description={t("description")}
      actions={
        ofInstallation
          ? null
          : (["csv", "json"] as const).map((format) => (
              <Button key={format} asChild>
                <a href={`${paths.auditExport(organizationId)}?${exportQuery(filter.filter, format)}`} download>
                  <Download aria-hidden />
                  {format.toUpperCase()}
                </a>
              </Button>
            ))
      }
    >
      <div className="mb-4">
        <AuditFilterBar filter={filter} />
      </div>
      <Card>
        <QueryView query={events} what={t("what")}>
          {({ items, nextCursor }) =>
            items.length === 0 ? (
              <EmptyState
                icon={<ScrollText />}
                title={filter.isFiltered ? t("nothingLike.title") : t("nothing.title")}
                description={filter.isFiltered ? t("nothingLike.description") : t("nothing.description")}
              />
            ) : (
              <>
                <DataTable label={t("tableLabel")} columns={columns} rows={items} rowKey={(row) => row.id} />
                <div className="flex justify-between gap-3 border-line border-t p-3">
                  <Button
                    size="sm"
                    disabledReason={filter.text("before") === "" ? t("theseNewest") : null}
                    onClick={() => filter.change({ before: "" })}
                  >
                    {t("newest")}
                  </Button>
                  <Button
                    size="sm"
                    disabledReason={nextCursor === null ? t("noOlder") : null}
                    onClick={() => filter.change({ before: nextCursor ?? "" })}
                  >
                    {t("older")}
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

/** What it was done to, by its name; null where it is nothing, or whoever did it. */
function targetOf({ target, actor }: AuditEventView): string | null {
  return target.id === null || target.id === actor?.id ? null : (target.name ?? target.id);
}

function Target({ event, children }: { event: AuditEventView; children: ReactNode }) {
  const organizationId = useOrganizationId();
  const { id, kind } = event.target;
  const href = id === null ? null : hrefOf(organizationId, kind, id);
  return href === null ? (
    <span>{children}</span>
  ) : (
    <Link href={href} className="rounded text-accent-ink underline decoration-accent-line underline-offset-2">
      {children}
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
