"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import type { SecurityGroupId } from "@indium/contract/ids";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { GroupChoice } from "@/features/security-groups/group-choice";
import { ErrorNotice } from "@/features/shell/error-notice";
import { QueryView } from "@/features/shell/query-view";
import { useTRPC } from "@/lib/trpc";
import { FormDialog } from "@/ui/form-dialog";

interface NicGroupsDialogProps {
  instance: InstanceView;
  nic: InstanceView["nics"][number];
  onClose: () => void;
}

/** Changes the groups of an interface, live. */
export function NicGroupsDialog({ instance, nic, onClose }: NicGroupsDialogProps) {
  const t = useTranslations("instancesDetail.networking");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const groups = useQuery(trpc.securityGroup.list.queryOptions({ organizationId: instance.organizationId }));
  const [selected, setSelected] = useState<readonly SecurityGroupId[]>(nic.securityGroups.map((group) => group.id));
  const save = useMutation({
    ...trpc.instance.setSecurityGroups.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.instance.get.pathFilter());
      onClose();
    },
  });
  return (
    <FormDialog
      open
      onClose={onClose}
      title={t("changeTitle")}
      description={t("changeDescription", { instance: instance.name, network: nic.networkName })}
      submitLabel={common("save")}
      pending={save.isPending}
      onSubmit={() => save.mutate({ instanceId: instance.id, nicId: nic.id, securityGroupIds: [...selected] })}
    >
      <QueryView query={groups} what={t("groupsWhat")}>
        {(data) => <GroupChoice groups={data} selected={selected} onChange={setSelected} />}
      </QueryView>
      {save.error ? <ErrorNotice title={t("notSaved")} error={save.error} /> : null}
    </FormDialog>
  );
}
