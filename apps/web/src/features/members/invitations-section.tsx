"use client";

import type { InvitationView } from "@indium/contract/api/organization-views";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MailX } from "lucide-react";
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
    { key: "for", header: "For", primary: true, cell: (row) => <span className="truncate">{row.email ?? "Anybody with the link"}</span> },
    { key: "role", header: "Role", cell: (row) => <span className="capitalize">{row.role}</span> },
    {
      key: "state",
      header: "State",
      cell: (row) => {
        if (row.acceptedAt !== null) return <Badge tone="good">Accepted</Badge>;
        if (now !== null && row.expiresAt.getTime() <= now) return <Badge>Expired</Badge>;
        return (
          <span className="text-ink-2">
            Expires <RelativeTime date={row.expiresAt} />
          </span>
        );
      },
    },
    {
      key: "made",
      header: "Made",
      from: "md",
      cell: (row) => <RelativeTime date={row.createdAt} className="whitespace-nowrap text-ink-2" />,
    },
    {
      key: "actions",
      header: <span className="sr-only">Actions</span>,
      bare: true,
      className: ROW_ACTIONS_CLASS,
      cell: (row) =>
        row.acceptedAt === null ? (
          <IconButton
            label={`Take back the invitation for ${row.email ?? `a new ${row.role}`}`}
            loading={revoke.isPending && revoke.variables?.invitationId === row.id}
            onClick={() => revoke.mutate({ invitationId: row.id })}
          >
            <MailX aria-hidden />
          </IconButton>
        ) : null,
    },
  ];
  return (
    <Section flush title="Invitations" description="Links made in the last two weeks.">
      {revoke.error === null ? null : <ErrorNotice error={revoke.error} className="m-4" />}
      <QueryView query={invitations} what="invitations">
        {(data) =>
          data.length === 0 ? (
            <p className="p-4 text-ink-3">None.</p>
          ) : (
            <DataTable label="Invitations" columns={columns} rows={data} rowKey={(row) => row.id} />
          )
        }
      </QueryView>
    </Section>
  );
}
