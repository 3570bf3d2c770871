"use client";

import type { InstanceListItem, InstanceSort } from "@indium/contract/api/instance-views";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { useFormat } from "@/lib/i18n/use-format";
import { paths } from "@/lib/path-builder";
import { Badge } from "@/ui/badge";
import { CopyValue } from "@/ui/copy-button";
import { type Column, ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { RelativeTime } from "@/ui/relative-time";
import type { PowerAction } from "./action-words";
import { InstanceRowMenu } from "./instance-row-menu";
import { InstanceStateBadge } from "./instance-state";
import { WaitingNote } from "./waiting-note";

interface InstanceColumns {
  /** Left out on a host's own page. */
  hostColumn: boolean;
  act: (instance: InstanceListItem, action: PowerAction) => void;
}

/** An instance as a row, wherever instances are listed. */
export function useInstanceColumns({ hostColumn, act }: InstanceColumns): readonly Column<InstanceListItem>[] {
  const t = useTranslations("instances");
  const common = useTranslations("common");
  const format = useFormat();
  return [
    {
      key: "name",
      header: common("name"),
      sort: "name" satisfies InstanceSort,
      primary: true,
      // Two things may stand in the corner of its card.
      className: "max-sm:pr-20 sm:w-1/4",
      cell: (row) => (
        <span className="flex min-w-0 items-center gap-2">
          <Link href={paths.instance(row.organizationId, row.id)} className="truncate rounded font-medium hover:underline">
            {row.name}
          </Link>
          {row.simulated ? <Badge tone="warn">{t("simulated")}</Badge> : null}
        </span>
      ),
    },
    {
      key: "state",
      header: common("state"),
      sort: "state" satisfies InstanceSort,
      className: "sm:w-40",
      cell: (row) => (
        <span className="flex min-w-0 flex-col max-sm:items-end">
          <InstanceStateBadge state={row.state} />
          <WaitingNote
            waiting={row.waiting}
            until={row.waitingUntil}
            className="text-pretty text-ink-3 text-xs max-sm:text-right sm:max-w-44"
          />
        </span>
      ),
    },
    {
      key: "address",
      header: t("columns.address"),
      className: "sm:w-40",
      cell: (row) =>
        row.ipv4 === null ? (
          <span className="text-ink-3">–</span>
        ) : (
          <CopyValue nowrap value={row.ipv4} label={t("columns.copyAddress", { name: row.name })} />
        ),
    },
    {
      key: "image",
      header: common("image"),
      from: "2xl",
      card: false,
      className: "sm:max-w-44 sm:truncate",
      cell: (row) => <span className="truncate text-ink-2">{row.imageName}</span>,
    },
    {
      key: "size",
      header: common("size"),
      from: "2xl",
      card: false,
      className: "sm:w-40",
      cell: (row) => <span className="whitespace-nowrap text-ink-2">{format.shape(row.vcpus, row.memoryBytes)}</span>,
    },
    ...(hostColumn
      ? [
          {
            key: "host",
            header: common("host"),
            sort: "host" satisfies InstanceSort,
            from: "md",
            cell: (row) =>
              row.hostId === null ? (
                <span className="text-ink-3">{t("columns.notPlaced")}</span>
              ) : (
                <Link
                  href={paths.host(row.organizationId, row.hostId)}
                  className="block truncate rounded text-ink-2 underline decoration-line underline-offset-4 hover:text-ink hover:decoration-current"
                >
                  {row.hostName}
                </Link>
              ),
          } satisfies Column<InstanceListItem>,
        ]
      : []),
    {
      key: "created",
      header: common("created"),
      sort: "created" satisfies InstanceSort,
      from: "xl",
      card: false,
      className: "sm:w-36",
      cell: (row) => <RelativeTime date={row.createdAt} className="whitespace-nowrap text-ink-2" />,
    },
    {
      key: "actions",
      header: <span className="sr-only">{common("actions")}</span>,
      bare: true,
      className: ROW_ACTIONS_CLASS,
      cell: (row) => <InstanceRowMenu instance={row} onAction={(action) => act(row, action)} />,
    },
  ];
}
