"use client";

import type { HostPairView, HostView } from "@indium/contract/api/host-views";
import { useQuery } from "@tanstack/react-query";
import { Plus, Unlink } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useHostUsage } from "@/features/live/live-provider";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { QueryView } from "@/features/shell/query-view";
import { useFormat } from "@/lib/i18n/use-format";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { StateBadge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Section } from "@/ui/card";
import { type Column, DataTable, ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { componentOnDemand } from "@/ui/on-demand";
import { RelativeTime } from "@/ui/relative-time";
import { HostStateBadge } from "../host-state";
import { pairWords } from "./pair-words";

const AllowPairDialog = componentOnDemand(() => import("./allow-pair-dialog").then((module) => module.AllowPairDialog));
const RevokePairDialog = componentOnDemand(() => import("./revoke-pair-dialog").then((module) => module.RevokePairDialog));

/** The hosts that this one may reach, and by which way it does. */
export function HostPairs({ host }: { host: HostView }) {
  const t = useTranslations("hosts.pairs");
  const trpc = useTRPC();
  const denial = useDenial("host.manage");
  const [allowing, setAllowing] = useState(false);
  const [revoking, setRevoking] = useState<HostPairView | null>(null);
  const pairs = useQuery(trpc.host.pairs.queryOptions({ hostId: host.id }));
  return (
    <Section
      title={t("title")}
      description={t("description")}
      aside={
        <Button size="sm" disabledReason={denial} onClick={() => setAllowing(true)}>
          <Plus aria-hidden />
          {t("allow")}
        </Button>
      }
      flush
    >
      <QueryView query={pairs} what={t("what")}>
        {(data) =>
          data.length === 0 ? (
            <p className="p-4 text-ink-3">{t("none")}</p>
          ) : (
            <PairTable host={host} pairs={data} denial={denial} onRevoke={setRevoking} />
          )
        }
      </QueryView>
      {allowing ? <AllowPairDialog host={host} paired={pairs.data ?? []} onClose={() => setAllowing(false)} /> : null}
      {revoking === null ? null : <RevokePairDialog host={host} pair={revoking} onClose={() => setRevoking(null)} />}
    </Section>
  );
}

interface PairTableProps {
  host: HostView;
  pairs: readonly HostPairView[];
  denial: string | null;
  onRevoke: (pair: HostPairView) => void;
}

function PairTable({ host, pairs, denial, onRevoke }: PairTableProps) {
  const t = useTranslations("hosts.pairs");
  const common = useTranslations("common");
  const format = useFormat();
  const organizationId = useOrganizationId();
  const sample = useHostUsage(host);
  // What streams in is newer than what the list was asked for with; of a host that is away nothing is said.
  const pathOf = (pair: HostPairView) =>
    (host.state === "online" ? (sample?.peers?.find((peer) => peer.hostId === pair.hostId) ?? pair.path) : null) ?? pair.peerPath;
  const columns: readonly Column<HostPairView>[] = [
    {
      key: "host",
      header: common("host"),
      primary: true,
      cell: (pair) => (
        <span className="flex min-w-0 flex-wrap items-center gap-x-3">
          <Link
            href={paths.host(organizationId, pair.hostId)}
            className="truncate rounded font-medium underline decoration-line underline-offset-4 hover:decoration-current"
          >
            {pair.name}
          </Link>
          {pair.state === "online" ? null : <HostStateBadge state={pair.state} />}
        </span>
      ),
    },
    {
      key: "way",
      header: t("columns.way"),
      cell: (pair) => {
        const { way, tone, active, why } = pairWords(pair, pathOf(pair), t);
        return (
          <span className="min-w-0 max-sm:text-right">
            <StateBadge tone={tone} active={active}>
              {way}
            </StateBadge>
            <span className="block text-pretty text-[0.8125rem] text-ink-2">{why}</span>
          </span>
        );
      },
    },
    {
      key: "since",
      header: t("columns.since"),
      from: "lg",
      cell: (pair) => {
        const path = pathOf(pair);
        return path === null ? "–" : <RelativeTime date={new Date(path.since)} className="whitespace-nowrap text-ink-2" />;
      },
    },
    {
      key: "roundTrip",
      header: t("columns.roundTrip"),
      align: "end",
      cell: (pair) => {
        const ms = pathOf(pair)?.roundTripMs ?? null;
        return (
          <span className="tabular whitespace-nowrap text-ink-2">{ms === null ? "–" : t("roundTrip", { ms: format.decimal(ms) })}</span>
        );
      },
    },
    {
      key: "actions",
      header: <span className="sr-only">{common("actions")}</span>,
      bare: true,
      className: ROW_ACTIONS_CLASS,
      cell: (pair) => (
        <IconButton label={t("revokeNamed", { name: pair.name })} disabledReason={denial} onClick={() => onRevoke(pair)}>
          <Unlink aria-hidden />
        </IconButton>
      ),
    },
  ];
  return <DataTable label={t("title")} columns={columns} rows={pairs} rowKey={(pair) => pair.hostId} />;
}
