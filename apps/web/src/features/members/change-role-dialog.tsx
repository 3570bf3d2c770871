"use client";

import type { MemberView } from "@indium/contract/api/organization-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { RoleSelect } from "./role-select";

export function ChangeRoleDialog({ member, onClose }: { member: MemberView; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const organizationId = useOrganizationId();
  const formId = useId();
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
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Role of ${member.name}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={formId}
            variant="primary"
            loading={update.isPending}
            disabledReason={role === member.role ? "The role is the same." : null}
          >
            Change role
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (role !== member.role) update.mutate({ organizationId, userId: member.userId, role });
        }}
      >
        <RoleSelect value={role} onChange={setRole} />
        {update.error === null ? null : <ErrorNotice error={update.error} />}
      </form>
    </Dialog>
  );
}
