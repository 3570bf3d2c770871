"use client";

import type { MemberView } from "@indium/contract/api/organization-views";
import { mayGrant } from "@indium/domain/policy";
import { useQuery } from "@tanstack/react-query";
import { Pencil, UserMinus, UserPlus } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useDenial, useOrganization, useOrganizationId, useSession } from "@/features/shell/organization-context";
import { QueryView } from "@/features/shell/query-view";
import { useTRPC } from "@/lib/trpc";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Section } from "@/ui/card";
import { type Column, DataTable, WIDE_ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { componentOnDemand } from "@/ui/on-demand";
import { RelativeTime } from "@/ui/relative-time";
import { ChangeRoleDialog } from "./change-role-dialog";
import { InvitationsSection } from "./invitations-section";
import { RemoveMemberDialog } from "./remove-member-dialog";

const InviteDialog = componentOnDemand(() => import("./invite-dialog").then((module) => module.InviteDialog));

export function MembersPage() {
  const t = useTranslations("members");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const organization = useOrganization();
  const { user } = useSession();
  const denial = useDenial("member.manage");
  const members = useQuery(trpc.member.list.queryOptions({ organizationId }));
  const [inviting, setInviting] = useState(false);
  const [changing, setChanging] = useState<MemberView | null>(null);
  const [removing, setRemoving] = useState<MemberView | null>(null);

  const reasonFor = (member: MemberView): string | null => {
    if (denial !== null) return denial;
    if (member.viaProvider) return t("belongsTo", { name: member.name, provider: organization.providerName ?? t("theProvider") });
    if (!mayGrant(organization.role, member.role)) return t("onlyOwner", { role: common(`roles.${member.role}`) });
    return null;
  };
  const columns: readonly Column<MemberView>[] = [
    {
      key: "name",
      header: common("name"),
      primary: true,
      cell: (row) => (
        <span className="min-w-0">
          <span className="block truncate font-medium">
            {row.name}
            {row.userId === user.id ? <span className="font-normal text-ink-3"> {t("you")}</span> : null}
          </span>
          <span className="block truncate font-normal text-[0.8125rem] text-ink-3">{row.email}</span>
        </span>
      ),
    },
    {
      key: "role",
      header: common("role"),
      cell: (row) => (
        <span className="flex items-center gap-2">
          <span className="capitalize">{common(`roles.${row.role}`)}</span>
          {row.viaProvider ? <Badge>{t("through", { provider: organization.providerName ?? t("provider") })}</Badge> : null}
        </span>
      ),
    },
    {
      key: "since",
      header: t("since"),
      from: "md",
      cell: (row) => <RelativeTime date={row.since} className="whitespace-nowrap text-ink-2" />,
    },
    {
      key: "actions",
      header: <span className="sr-only">{common("actions")}</span>,
      bare: true,
      className: WIDE_ROW_ACTIONS_CLASS,
      cell: (row) => (
        <span className="inline-flex gap-1">
          <IconButton label={t("changeRoleOf", { name: row.name })} disabledReason={reasonFor(row)} onClick={() => setChanging(row)}>
            <Pencil aria-hidden />
          </IconButton>
          <IconButton label={t("removeNamed", { name: row.name })} disabledReason={reasonFor(row)} onClick={() => setRemoving(row)}>
            <UserMinus aria-hidden />
          </IconButton>
        </span>
      ),
    },
  ];
  return (
    <div className="flex flex-col gap-6">
      <Section
        flush
        title={t("title")}
        description={t("description")}
        aside={
          <Button variant="primary" disabledReason={denial} onClick={() => setInviting(true)}>
            <UserPlus aria-hidden />
            {t("invite")}
          </Button>
        }
      >
        <QueryView query={members} what={t("what")}>
          {(data) => <DataTable label={t("title")} columns={columns} rows={data} rowKey={(row) => row.userId} />}
        </QueryView>
      </Section>
      {denial === null ? <InvitationsSection /> : null}
      {inviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}
      {changing === null ? null : <ChangeRoleDialog member={changing} onClose={() => setChanging(null)} />}
      {removing === null ? null : <RemoveMemberDialog member={removing} onClose={() => setRemoving(null)} />}
    </div>
  );
}
