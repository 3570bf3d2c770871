"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { Pencil } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { NetworkKindLabel } from "@/features/networks/network-words";
import { useDenial } from "@/features/shell/organization-context";
import { paths } from "@/lib/path-builder";
import { IconButton } from "@/ui/button";
import { CopyValue } from "@/ui/copy-button";
import { type Column, DataTable } from "@/ui/data-table";
import { NicGroupsDialog } from "./nic-groups-dialog";

type Nic = InstanceView["nics"][number];

export function Networking({ instance }: { instance: InstanceView }) {
  const t = useTranslations("instancesDetail.networking");
  const common = useTranslations("common");
  const [changing, setChanging] = useState<Nic | null>(null);
  const denial = useDenial("instance.operate");
  if (instance.nics.length === 0) return <p className="p-4 text-ink-3">{t("none")}</p>;
  const columns: readonly Column<Nic>[] = [
    {
      key: "network",
      header: common("network"),
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
    { key: "ipv6", header: "IPv6", cell: (nic) => <Address value={nic.ipv6} label={t("copyIpv6")} /> },
    { key: "mac", header: "MAC", cell: (nic) => <span className="font-mono text-[0.8125rem] text-ink-2">{nic.macAddress}</span> },
    {
      key: "groups",
      header: common("securityGroups"),
      cell: (nic) => (
        <span className="inline-flex flex-wrap items-center gap-x-2">
          {nic.securityGroups.length === 0 ? (
            <span className="text-ink-3">{t("noGroups")}</span>
          ) : (
            nic.securityGroups.map((group) => (
              <Link key={group.id} className="hover:underline" href={paths.securityGroup(instance.organizationId, group.id)}>
                {group.name}
              </Link>
            ))
          )}
          <IconButton label={t("changeGroups", { network: nic.networkName })} disabledReason={denial} onClick={() => setChanging(nic)}>
            <Pencil aria-hidden />
          </IconButton>
        </span>
      ),
    },
  ];
  return (
    <>
      <DataTable label={t("label")} columns={columns} rows={instance.nics} rowKey={(nic) => nic.id} />
      {changing === null ? null : <NicGroupsDialog instance={instance} nic={changing} onClose={() => setChanging(null)} />}
    </>
  );
}

/** Where the LAN's own DHCP server gives the address, that is said: it may give another one tomorrow. */
function Ipv4({ nic }: { nic: Nic }) {
  const t = useTranslations("instancesDetail.networking");
  if (nic.addressMode === "assigned") return <Address value={nic.ipv4} label={t("copyIpv4")} />;
  if (nic.ipv4 === null) return <span className="text-ink-3">{t("fromDhcp")}</span>;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      <Address value={nic.ipv4} label={t("copyIpv4")} />
      <span className="text-ink-3 text-xs">{t("byDhcp")}</span>
    </span>
  );
}

function Address({ value, label }: { value: string | null; label: string }) {
  return value === null ? <span className="text-ink-3">–</span> : <CopyValue nowrap value={value} label={label} />;
}
