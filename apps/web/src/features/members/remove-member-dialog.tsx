"use client";

import type { MemberView } from "@indium/contract/api/organization-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganization, useSession } from "@/features/shell/organization-context";
import { useTRPC } from "@/lib/trpc";
import { ConfirmDialog } from "@/ui/confirm-dialog";

export function RemoveMemberDialog({ member, onClose }: { member: MemberView; onClose: () => void }) {
  const t = useTranslations("members.removal");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const organization = useOrganization();
  const { user } = useSession();
  const remove = useMutation({
    ...trpc.member.remove.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.member.pathFilter());
      await queryClient.invalidateQueries(trpc.session.get.pathFilter());
      onClose();
    },
  });
  const self = member.userId === user.id;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={self ? t("leaveTitle", { organization: organization.name }) : t("removeTitle", { name: member.name })}
      description={self ? t("leaveDescription") : t("removeDescription", { name: member.name, organization: organization.name })}
      confirmLabel={self ? t("leave") : t("remove")}
      loading={remove.isPending}
      error={remove.error === null ? null : <ErrorNotice error={remove.error} />}
      onConfirm={() => remove.mutate({ organizationId: organization.id, userId: member.userId })}
    />
  );
}
