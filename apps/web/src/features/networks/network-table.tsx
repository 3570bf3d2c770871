"use client";

import type { NetworkView } from "@indium/contract/api/catalogue-views";
import { LAN_BRIDGE_LIMIT_SECONDS } from "@indium/contract/plain/lan-bridge";
import { Trash2 } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { plural } from "@/lib/format";
import { paths } from "@/lib/path-builder";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { type Column, DataTable, ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { DeleteNetworkDialog } from "./delete-network-dialog";
import { NETWORK_KIND, NetworkStateBadge } from "./network-words";

/** Networks as rows; `hostColumn` is left out on a host's own page. */
export function NetworkTable({ networks, hostColumn = true }: { networks: readonly NetworkView[]; hostColumn?: boolean }) {
  const organizationId = useOrganizationId();
  const denial = useDenial("network.manage");
  const [deleting, setDeleting] = useState<NetworkView | null>(null);
  const refusal = (row: NetworkView) =>
    denial ??
    (row.isDefault
      ? "It is the host's own network, which new instances use."
      : row.nicCount > 0
        ? `${plural(row.nicCount, "instance")} use it. Delete or move them first.`
        : null);
  const columns: readonly Column<NetworkView>[] = [
    {
      key: "name",
      header: "Name",
      primary: true,
      cell: (row) => (
        <span className="flex min-w-0 items-center gap-2">
          <span className="truncate font-medium">{row.name}</span>
          {row.isDefault ? <Badge>default</Badge> : null}
        </span>
      ),
    },
    {
      key: "kind",
      header: "Kind",
      cell: (row) => <span className="inline-block text-ink-2 first-letter:uppercase">{NETWORK_KIND[row.kind].label}</span>,
    },
    {
      key: "addresses",
      header: "Addresses",
      cell: (row) => (
        <span className="min-w-0 text-right font-mono text-[0.8125rem] sm:text-left">
          {[row.ipv4Cidr, row.ipv6Cidr].filter(Boolean).map((cidr) => (
            <span key={cidr} className="block max-lg:break-all lg:whitespace-nowrap">
              {cidr}
            </span>
          ))}
          {row.ipv4Cidr === null && row.ipv6Cidr === null ? <span className="font-sans text-ink-3">{wayToLan(row)}</span> : null}
        </span>
      ),
    },
    ...(hostColumn
      ? [
          {
            key: "host",
            header: "Host",
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
      header: "In use by",
      align: "end",
      cell: (row) => <span className="tabular whitespace-nowrap text-ink-2">{plural(row.nicCount, "instance")}</span>,
    },
    {
      key: "state",
      header: "State",
      cell: (row) => (
        <span className="min-w-0 max-sm:text-right">
          <NetworkStateBadge state={row.state} />
          {row.state === "pending" && row.uplinkInterface !== null ? (
            <span className="block text-pretty text-[0.8125rem] text-ink-2">
              The host makes a bridge of {row.uplinkInterface} and proves it, or puts {row.uplinkInterface} back within{" "}
              {LAN_BRIDGE_LIMIT_SECONDS} seconds.
            </span>
          ) : null}
          {row.error ? <span className="block text-pretty text-[0.8125rem] text-ink-2">{row.error.message}</span> : null}
        </span>
      ),
    },
    {
      key: "actions",
      header: <span className="sr-only">Actions</span>,
      bare: true,
      className: ROW_ACTIONS_CLASS,
      cell: (row) => (
        <IconButton label={`Delete ${row.name}`} disabledReason={refusal(row)} onClick={() => setDeleting(row)}>
          <Trash2 aria-hidden />
        </IconButton>
      ),
    },
  ];
  return (
    <>
      <DataTable label="Networks" columns={columns} rows={networks} rowKey={(row) => row.id} />
      <DeleteNetworkDialog network={deleting} onClose={() => setDeleting(null)} />
    </>
  );
}

function wayToLan(row: NetworkView): string {
  if (row.bridgeInterface !== null) return `from ${row.vlanId === null ? "the LAN" : `VLAN ${row.vlanId}`}, by ${row.bridgeInterface}`;
  return row.uplinkInterface === null ? "–" : `from the LAN, by a bridge of ${row.uplinkInterface}`;
}
