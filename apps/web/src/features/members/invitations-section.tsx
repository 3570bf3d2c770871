"use client";

import type { InvitationView } from "@indium/contract/api/organization-views";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MailX } from "lucide-react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
import { QueryView } from "@/features/shell/query-view";
import { useTRPC } from "@/lib/trpc";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { Section } from "@/ui/card";
import { useNow } from "@/ui/clock";
import { type Column, DataTable, ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { RelativeTime } from "@/ui/relative-time";

/** The links that were made lately, and whether they were used. */
export function InvitationsSection() {
  const t = useTranslations("members.invitations");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const organizationId = useOrganizationId();
  const now = useNow();
  const invitations = useQuery(trpc.invitation.list.queryOptions({ organizationId }));
  const revoke = useMutation({
    ...trpc.invitation.revoke.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries(trpc.invitation.list.pathFilter()),
  });
  const columns: readonly Column<InvitationView>[] = [
    { key: "for", header: t("whom"), primary: true, cell: (row) => <span className="truncate">{row.email ?? t("anybody")}</span> },
    { key: "role", header: common("role"), cell: (row) => <span className="capitalize">{common(`roles.${row.role}`)}</span> },
    {
      key: "state",
      header: common("state"),
      cell: (row) => {
        if (row.acceptedAt !== null) return <Badge tone="good">{t("accepted")}</Badge>;
        if (now !== null && row.expiresAt.getTime() <= now) return <Badge>{t("expired")}</Badge>;
        return <span className="text-ink-2">{t.rich("expires", { time: () => <RelativeTime date={row.expiresAt} /> })}</span>;
      },
    },
    {
      key: "made",
      header: t("made"),
      from: "md",
      cell: (row) => <RelativeTime date={row.createdAt} className="whitespace-nowrap text-ink-2" />,
    },
    {
      key: "actions",
      header: <span className="sr-only">{common("actions")}</span>,
      bare: true,
      className: ROW_ACTIONS_CLASS,
      cell: (row) =>
        row.acceptedAt === null ? (
          <IconButton
            label={
              row.email === null ? t("takeBackForRole", { role: common(`roles.${row.role}`) }) : t("takeBackFor", { email: row.email })
            }
            loading={revoke.isPending && revoke.variables?.invitationId === row.id}
            onClick={() => revoke.mutate({ invitationId: row.id })}
          >
            <MailX aria-hidden />
          </IconButton>
        ) : null,
    },
  ];
  return (
    <Section flush title={t("title")} description={t("description")}>
      {revoke.error === null ? null : <ErrorNotice error={revoke.error} className="m-4" />}
      <QueryView query={invitations} what={t("what")}>
        {(data) =>
          data.length === 0 ? (
            <p className="p-4 text-ink-3">{t("none")}</p>
          ) : (
            <DataTable label={t("title")} columns={columns} rows={data} rowKey={(row) => row.id} />
          )
        }
      </QueryView>
    </Section>
  );
}
