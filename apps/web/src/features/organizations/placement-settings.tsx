"use client";

import { PLACEMENT_STRATEGIES } from "@indium/contract/plain/states";
import type { PlacementStrategy } from "@indium/contract/states";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useDenial, useOrganization } from "@/features/shell/organization-context";
import { useTRPC } from "@/lib/trpc";
import { Section } from "@/ui/card";
import { RadioCards } from "@/ui/radio-cards";
import { useToast } from "@/ui/toast";

/** Where new instances go for which nobody chooses a host or says otherwise. */
export function PlacementSettings() {
  const organization = useOrganization();
  const denial = useDenial("organization.update");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const update = useMutation({
    ...trpc.organization.update.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.session.get.pathFilter());
      toast.show({ tone: "good", title: "Saved" });
    },
  });
  return (
    <Section
      title="Placement"
      description="Which host takes a new instance when nobody chooses one. What is there already stays where it is."
    >
      <RadioCards
        label="Placement of new instances"
        value={organization.placement}
        onValueChange={(placement) => update.mutate({ organizationId: organization.id, placement })}
        className="max-w-2xl sm:grid-cols-2"
        options={PLACEMENT_STRATEGIES.map((strategy) => ({
          value: strategy,
          title: strategy === "spread" ? "Spread" : "Pack",
          description: DESCRIPTION[strategy],
          disabled: denial !== null || update.isPending,
        }))}
      />
      {denial === null ? null : <p className="mt-2 text-ink-3">{denial}</p>}
      {update.error === null ? null : <ErrorNotice error={update.error} />}
    </Section>
  );
}

const DESCRIPTION: Record<PlacementStrategy, string> = {
  spread: "The host with the most free memory: instances get in each other's way the least.",
  pack: "The fullest host that still has room: whole hosts stay free for large instances, or for switching off.",
};
