"use client";

import { PLACEMENT_STRATEGIES } from "@indium/contract/plain/states";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useDenial, useOrganization } from "@/features/shell/organization-context";
import { useTRPC } from "@/lib/trpc";
import { Section } from "@/ui/card";
import { RadioCards } from "@/ui/radio-cards";
import { useToast } from "@/ui/toast";

/** Where new instances go for which nobody chooses a host or says otherwise. */
export function PlacementSettings() {
  const t = useTranslations("organizations.placement");
  const common = useTranslations("common");
  const organization = useOrganization();
  const denial = useDenial("organization.update");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const update = useMutation({
    ...trpc.organization.update.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.session.get.pathFilter());
      toast.show({ tone: "good", title: common("saved") });
    },
  });
  return (
    <Section title={t("title")} description={t("description")}>
      <RadioCards
        label={t("label")}
        value={organization.placement}
        onValueChange={(placement) => update.mutate({ organizationId: organization.id, placement })}
        columns={2}
        className="max-w-2xl"
        options={PLACEMENT_STRATEGIES.map((strategy) => ({
          value: strategy,
          title: t(`${strategy}.title`),
          description: t(`${strategy}.description`),
          disabled: denial !== null || update.isPending,
        }))}
      />
      {denial === null ? null : <p className="mt-2 text-ink-3">{denial}</p>}
      {update.error === null ? null : <ErrorNotice error={update.error} />}
    </Section>
  );
}
