"use client";

import type { MemberView } from "@indium/contract/api/organization-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganization, useSession } from "@/features/shell/organization-context";
import { useTRPC } from "@/lib/trpc";
import { ConfirmDialog } from "@/ui/confirm-dialog";

export function RemoveMemberDialog({ member, onClose }: { member: MemberView; onClose: () => void }) {
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
      title={self ? `Leave ${organization.name}?` : `Remove ${member.name}?`}
      description={
        self
          ? "You lose access at once. Somebody here has to invite you to come back."
          : `${member.name} loses access to ${organization.name} at once. The account, and the instances it made, stay.`
      }
      confirmLabel={self ? "Leave" : "Remove"}
      loading={remove.isPending}
      error={remove.error === null ? null : <ErrorNotice error={remove.error} />}
      onConfirm={() => remove.mutate({ organizationId: organization.id, userId: member.userId })}
    />
  );
}
