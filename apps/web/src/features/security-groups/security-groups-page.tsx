"use client";

import type { SecurityGroupView } from "@indium/contract/api/security-group-views";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, ShieldCheck, Trash2 } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { DeleteDialog } from "@/features/shell/delete-dialog";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { useFormat } from "@/lib/i18n/use-format";
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
  const t = useTranslations("securityGroups");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const denial = useDenial("securityGroup.manage");
  const groups = useQuery(trpc.securityGroup.list.queryOptions({ organizationId }));
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<SecurityGroupView | null>(null);
  const add = (
    <Button variant="primary" disabledReason={denial} onClick={() => setAdding(true)}>
      <Plus aria-hidden />
      {t("create")}
    </Button>
  );
  const columns: readonly Column<SecurityGroupView>[] = [
    {
      key: "name",
      header: common("name"),
      primary: true,
      cell: (row) => (
        <span className="flex items-center gap-2">
          <Link className="font-medium hover:underline" href={paths.securityGroup(organizationId, row.id)}>
            {row.name}
          </Link>
          {row.isDefault ? <Badge>{common("default")}</Badge> : null}
        </span>
      ),
    },
    { key: "in", header: t("in"), cell: (row) => <RuleSummary group={row} direction="in" /> },
    { key: "out", header: t("out"), from: "lg", cell: (row) => <RuleSummary group={row} direction="out" /> },
    {
      key: "nics",
      header: common("inUseBy"),
      cell: (row) => <span className="tabular whitespace-nowrap text-ink-2">{t("interfaces", { count: row.nicCount })}</span>,
    },
    {
      key: "actions",
      header: <span className="sr-only">{common("actions")}</span>,
      bare: true,
      className: ROW_ACTIONS_CLASS,
      cell: (row) => (
        <IconButton
          label={common("deleteNamed", { name: row.name })}
          disabledReason={denial ?? deletionRefusal(row, groups.data ?? [], t)}
          onClick={() => setDeleting(row)}
        >
          <Trash2 aria-hidden />
        </IconButton>
      ),
    },
  ];
  return (
    <Page title={t("title")} description={t("description")} actions={add}>
      <Card>
        <QueryView query={groups} what={t("what")}>
          {(data) =>
            data.length === 0 ? (
              <EmptyState icon={<ShieldCheck />} title={t("empty.title")} description={t("empty.description")} action={add} />
            ) : (
              <DataTable label={t("title")} columns={columns} rows={data} rowKey={(row) => row.id} />
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
function deletionRefusal(
  group: SecurityGroupView,
  all: readonly SecurityGroupView[],
  t: ReturnType<typeof useTranslations<"securityGroups">>,
): string | null {
  if (group.isDefault) return t("refusal.isDefault");
  if (group.nicCount > 0) return t("refusal.inUse", { count: group.nicCount });
  const user = all.find((other) => other.id !== group.id && other.rules.some((rule) => rule.remoteGroupId === group.id));
  return user === undefined ? null : t("refusal.named", { name: user.name });
}

const SHOWN = 3;

function RuleSummary({ group, direction }: { group: SecurityGroupView; direction: "in" | "out" }) {
  const t = useTranslations("securityGroups");
  const format = useFormat();
  const all = group.rules.filter((rule) => rule.direction === direction);
  // The two families of one rule say the same in a summary.
  const words = [
    ...new Set(all.map((rule) => t(`words.${direction}`, { traffic: trafficInWords(rule, t), remote: remoteInWords(rule, t) }))),
  ];
  if (words.length === 0) return <span className="text-ink-3">{t("nothing")}</span>;
  const more = words.length - SHOWN;
  return (
    <span className="text-ink-2 max-sm:text-right">
      {[...words.slice(0, SHOWN), ...(more > 0 ? [t("words.more", { count: format.count(more) })] : [])].join("; ")}
    </span>
  );
}

function DeleteGroupDialog({ group, onClose }: { group: SecurityGroupView | null; onClose: () => void }) {
  const t = useTranslations("securityGroups.delete");
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
      description={t("description")}
      confirmLabel={t("confirm")}
      deletion={remove}
      onConfirm={() => remove.mutate({ securityGroupId: group.id })}
      onClose={onClose}
    />
  );
}
