"use client";

import type { MemberView } from "@indium/contract/api/organization-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
import { useTRPC } from "@/lib/trpc";
import { FormDialog } from "@/ui/form-dialog";
import { RoleSelect } from "./role-select";

export function ChangeRoleDialog({ member, onClose }: { member: MemberView; onClose: () => void }) {
  const t = useTranslations("members.changeRole");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const organizationId = useOrganizationId();
  const [role, setRole] = useState(member.role);
  const update = useMutation({
    ...trpc.member.updateRole.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.member.pathFilter());
      await queryClient.invalidateQueries(trpc.session.get.pathFilter());
      onClose();
    },
  });
  return (
    <FormDialog
      onClose={onClose}
      title={t("title", { name: member.name })}
      submitLabel={t("submit")}
      pending={update.isPending}
      disabledReason={role === member.role ? t("same") : null}
      onSubmit={() => {
        update.mutate({ organizationId, userId: member.userId, role });
      }}
    >
      <RoleSelect value={role} onChange={setRole} />
      {update.error === null ? null : <ErrorNotice error={update.error} />}
    </FormDialog>
  );
}
