"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { Pencil } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { NetworkKindLabel } from "@/features/networks/network-words";
import { useDenial } from "@/features/shell/organization-context";
import { paths } from "@/lib/path-builder";
import { IconButton } from "@/ui/button";
import { CopyValue } from "@/ui/copy-button";
import { type Column, DataTable } from "@/ui/data-table";
import { NicGroupsDialog } from "./nic-groups-dialog";

type Nic = InstanceView["nics"][number];

const COLUMNS: readonly Column<Nic>[] = [
  {
    key: "network",
    header: "Network",
    primary: true,
    cell: (nic) => (
      <span>
        {nic.networkName}{" "}
        <span className="font-normal text-ink-3">
          <NetworkKindLabel kind={nic.networkKind} />
        </span>
      </span>
    ),
  },
  { key: "ipv4", header: "IPv4", cell: (nic) => <Ipv4 nic={nic} /> },
  { key: "ipv6", header: "IPv6", cell: (nic) => <Address value={nic.ipv6} label="Copy IPv6 address" /> },
  { key: "mac", header: "MAC", cell: (nic) => <span className="font-mono text-[0.8125rem] text-ink-2">{nic.macAddress}</span> },
];

export function Networking({ instance }: { instance: InstanceView }) {
  const [changing, setChanging] = useState<Nic | null>(null);
  const denial = useDenial("instance.operate");
  if (instance.nics.length === 0) return <p className="p-4 text-ink-3">It is connected to no network.</p>;
  const groups: Column<Nic> = {
    key: "groups",
    header: "Security groups",
    cell: (nic) => (
      <span className="inline-flex flex-wrap items-center gap-x-2">
        {nic.securityGroups.length === 0 ? (
          <span className="text-ink-3">none: nothing is filtered</span>
        ) : (
          nic.securityGroups.map((group) => (
            <Link key={group.id} className="hover:underline" href={paths.securityGroup(instance.organizationId, group.id)}>
              {group.name}
            </Link>
          ))
        )}
        <IconButton label={`Change security groups on ${nic.networkName}`} disabledReason={denial} onClick={() => setChanging(nic)}>
          <Pencil aria-hidden />
        </IconButton>
      </span>
    ),
  };
  return (
    <>
      <DataTable label="Network interfaces" columns={[...COLUMNS, groups]} rows={instance.nics} rowKey={(nic) => nic.id} />
      {changing === null ? null : <NicGroupsDialog instance={instance} nic={changing} onClose={() => setChanging(null)} />}
    </>
  );
}

/** Where the LAN's own DHCP server gives the address, that is said: it may give another one tomorrow. */
function Ipv4({ nic }: { nic: Nic }) {
  if (nic.addressMode === "assigned") return <Address value={nic.ipv4} label="Copy IPv4 address" />;
  if (nic.ipv4 === null) return <span className="text-ink-3">from the LAN's DHCP, not seen yet</span>;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      <Address value={nic.ipv4} label="Copy IPv4 address" />
      <span className="text-ink-3 text-xs">by DHCP</span>
    </span>
  );
}

function Address({ value, label }: { value: string | null; label: string }) {
  return value === null ? <span className="text-ink-3">–</span> : <CopyValue nowrap value={value} label={label} />;
}
