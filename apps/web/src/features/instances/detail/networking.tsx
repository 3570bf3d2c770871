"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { NETWORK_KIND } from "@/features/networks/network-words";
import { CopyValue } from "@/ui/copy-button";
import { type Column, DataTable } from "@/ui/data-table";

type Nic = InstanceView["nics"][number];

const COLUMNS: readonly Column<Nic>[] = [
  {
    key: "network",
    header: "Network",
    primary: true,
    cell: (nic) => (
      <span>
        {nic.networkName} <span className="font-normal text-ink-3">{NETWORK_KIND[nic.networkKind].label}</span>
      </span>
    ),
  },
  { key: "ipv4", header: "IPv4", cell: (nic) => <Ipv4 nic={nic} /> },
  { key: "ipv6", header: "IPv6", cell: (nic) => <Address value={nic.ipv6} label="Copy IPv6 address" /> },
  { key: "mac", header: "MAC", cell: (nic) => <span className="font-mono text-[0.8125rem] text-ink-2">{nic.macAddress}</span> },
];

export function Networking({ nics }: { nics: readonly Nic[] }) {
  if (nics.length === 0) return <p className="p-4 text-ink-3">It is connected to no network.</p>;
  return <DataTable label="Network interfaces" columns={COLUMNS} rows={nics} rowKey={(nic) => nic.id} />;
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
