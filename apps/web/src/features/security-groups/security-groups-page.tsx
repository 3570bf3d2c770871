"use client";

import type { SecurityGroupView } from "@indium/contract/api/security-group-views";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, ShieldCheck, Trash2 } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { DeleteDialog } from "@/features/shell/delete-dialog";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { plural } from "@/lib/format";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Card } from "@/ui/card";
import { type Column, DataTable, ROW_ACTIONS_CLASS } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { CreateSecurityGroupDialog } from "./create-security-group-dialog";
import { remoteInWords, trafficInWords } from "./rule-words";

export function SecurityGroupsPage() {
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const denial = useDenial("securityGroup.manage");
  const groups = useQuery(trpc.securityGroup.list.queryOptions({ organizationId }));
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<SecurityGroupView | null>(null);
  const add = (
    <Button variant="primary" disabledReason={denial} onClick={() => setAdding(true)}>
      <Plus aria-hidden />
      Create security group
    </Button>
  );
  const columns: readonly Column<SecurityGroupView>[] = [
    {
      key: "name",
      header: "Name",
      primary: true,
      cell: (row) => (
        <span className="flex items-center gap-2">
          <Link className="font-medium hover:underline" href={paths.securityGroup(organizationId, row.id)}>
            {row.name}
          </Link>
          {row.isDefault ? <Badge>default</Badge> : null}
        </span>
      ),
    },
    { key: "in", header: "In", cell: (row) => <RuleSummary group={row} direction="in" /> },
    { key: "out", header: "Out", from: "lg", cell: (row) => <RuleSummary group={row} direction="out" /> },
    { key: "nics", header: "In use by", cell: (row) => <span className="tabular text-ink-2">{plural(row.nicCount, "interface")}</span> },
    {
      key: "actions",
      header: <span className="sr-only">Actions</span>,
      bare: true,
      className: ROW_ACTIONS_CLASS,
      cell: (row) => (
        <IconButton
          label={`Delete ${row.name}`}
          disabledReason={denial ?? deletionRefusal(row, groups.data ?? [])}
          onClick={() => setDeleting(row)}
        >
          <Trash2 aria-hidden />
        </IconButton>
      ),
    },
  ];
  return (
    <Page
      title="Security groups"
      description="Which connections instances accept and may begin. With several groups, what one of them allows is allowed."
      actions={add}
    >
      <Card>
        <QueryView query={groups} what="security groups">
          {(data) =>
            data.length === 0 ? (
              <EmptyState
                icon={<ShieldCheck />}
                title="No security groups yet"
                description="Without one nothing is filtered."
                action={add}
              />
            ) : (
              <DataTable label="Security groups" columns={columns} rows={data} rowKey={(row) => row.id} />
            )
          }
        </QueryView>
      </Card>
      <CreateSecurityGroupDialog open={adding} onOpenChange={setAdding} />
      <DeleteGroupDialog group={deleting} onClose={() => setDeleting(null)} />
    </Page>
  );
}

/** What the server would refuse as well; said before anybody presses. */
function deletionRefusal(group: SecurityGroupView, all: readonly SecurityGroupView[]): string | null {
  if (group.isDefault) return "New instances are given this group. It stays.";
  if (group.nicCount > 0)
    return `${plural(group.nicCount, "interface")} of instances ${group.nicCount === 1 ? "is" : "are"} in it. Take it off them first.`;
  const user = all.find((other) => other.id !== group.id && other.rules.some((rule) => rule.remoteGroupId === group.id));
  return user === undefined ? null : `A rule of ${user.name} names it. Change that rule first.`;
}

const SHOWN = 3;

function RuleSummary({ group, direction }: { group: SecurityGroupView; direction: "in" | "out" }) {
  const all = group.rules.filter((rule) => rule.direction === direction);
  // The two families of one rule say the same in a summary.
  const words = [
    ...new Set(
      all.map(
        (rule) => `${trafficInWords(rule)} ${direction === "in" ? "from" : "to"} ${remoteInWords(rule).replace(/ \(IPv[46]\)$/, "")}`,
      ),
    ),
  ];
  if (words.length === 0) return <span className="text-ink-3">nothing</span>;
  const more = words.length - SHOWN;
  return <span className="text-ink-2 max-sm:text-right">{words.slice(0, SHOWN).join("; ") + (more > 0 ? `; ${more} more` : "")}</span>;
}

function DeleteGroupDialog({ group, onClose }: { group: SecurityGroupView | null; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation({
    ...trpc.securityGroup.delete.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.securityGroup.pathFilter());
      onClose();
    },
  });
  if (group === null) return null;
  return (
    <DeleteDialog
      name={group.name}
      description="Its rules go with it. No instance and no other group uses it."
      confirmLabel="Delete group"
      deletion={remove}
      onConfirm={() => remove.mutate({ securityGroupId: group.id })}
      onClose={onClose}
    />
  );
}
