"use client";

import type { NetworkView } from "@indium/contract/api/catalogue-views";
import { LAN_BRIDGE_LIMIT_SECONDS } from "@indium/contract/plain/lan-bridge";
import { Trash2 } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { paths } from "@/lib/path-builder";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { type Column, DataTable, ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { DeleteNetworkDialog } from "./delete-network-dialog";
import { NetworkStateBadge } from "./network-words";

/** Networks as rows; `hostColumn` is left out on a host's own page. */
export function NetworkTable({ networks, hostColumn = true }: { networks: readonly NetworkView[]; hostColumn?: boolean }) {
  const t = useTranslations("networks");
  const common = useTranslations("common");
  const organizationId = useOrganizationId();
  const denial = useDenial("network.manage");
  const [deleting, setDeleting] = useState<NetworkView | null>(null);
  const refusal = (row: NetworkView) =>
    denial ?? (row.isDefault ? t("table.isDefault") : row.nicCount > 0 ? t("table.inUse", { count: row.nicCount }) : null);
  const columns: readonly Column<NetworkView>[] = [
    {
      key: "name",
      header: common("name"),
      primary: true,
      cell: (row) => (
        <span className="flex min-w-0 items-center gap-2">
          <span className="truncate font-medium">{row.name}</span>
          {row.isDefault ? <Badge>{common("default")}</Badge> : null}
        </span>
      ),
    },
    {
      key: "kind",
      header: common("kind"),
      cell: (row) => <span className="inline-block text-ink-2 first-letter:uppercase">{t(`kinds.${row.kind}.label`)}</span>,
    },
    {
      key: "addresses",
      header: common("addresses"),
      cell: (row) => (
        <span className="min-w-0 text-right font-mono text-[0.8125rem] sm:text-left">
          {[row.ipv4Cidr, row.ipv6Cidr].filter(Boolean).map((cidr) => (
            <span key={cidr} className="block max-lg:break-all lg:whitespace-nowrap">
              {cidr}
            </span>
          ))}
          {row.ipv4Cidr === null && row.ipv6Cidr === null ? <span className="font-sans text-ink-3">{wayToLan(row, t)}</span> : null}
        </span>
      ),
    },
    ...(hostColumn
      ? [
          {
            key: "host",
            header: common("host"),
            cell: (row) => (
              <Link
                href={paths.host(organizationId, row.hostId)}
                className="truncate rounded text-ink-2 underline decoration-line underline-offset-4 hover:text-ink hover:decoration-current"
              >
                {row.hostName}
              </Link>
            ),
          } satisfies Column<NetworkView>,
        ]
      : []),
    {
      key: "nics",
      header: common("inUseBy"),
      align: "end",
      cell: (row) => <span className="tabular whitespace-nowrap text-ink-2">{common("countOf.instances", { count: row.nicCount })}</span>,
    },
    {
      key: "state",
      header: common("state"),
      cell: (row) => (
        <span className="min-w-0 max-sm:text-right">
          <NetworkStateBadge state={row.state} />
          {row.state === "pending" && row.uplinkInterface !== null ? (
            <span className="block text-pretty text-[0.8125rem] text-ink-2">
              {t("table.proving", { uplink: row.uplinkInterface, seconds: String(LAN_BRIDGE_LIMIT_SECONDS) })}
            </span>
          ) : null}
          {row.error ? (
            <span lang="en" className="block text-pretty text-[0.8125rem] text-ink-2">
              {row.error.message}
            </span>
          ) : null}
        </span>
      ),
    },
    {
      key: "actions",
      header: <span className="sr-only">{common("actions")}</span>,
      bare: true,
      className: ROW_ACTIONS_CLASS,
      cell: (row) => (
        <IconButton label={common("deleteNamed", { name: row.name })} disabledReason={refusal(row)} onClick={() => setDeleting(row)}>
          <Trash2 aria-hidden />
        </IconButton>
      ),
    },
  ];
  return (
    <>
      <DataTable label={t("title")} columns={columns} rows={networks} rowKey={(row) => row.id} />
      <DeleteNetworkDialog network={deleting} onClose={() => setDeleting(null)} />
    </>
  );
}

function wayToLan(row: NetworkView, t: ReturnType<typeof useTranslations<"networks">>): string {
  if (row.bridgeInterface !== null)
    return row.vlanId === null
      ? t("table.fromLan", { bridge: row.bridgeInterface })
      : t("table.fromVlan", { vlan: String(row.vlanId), bridge: row.bridgeInterface });
  return row.uplinkInterface === null ? "–" : t("table.fromUplink", { uplink: row.uplinkInterface });
}
