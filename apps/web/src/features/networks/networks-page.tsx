"use client";

import { useQuery } from "@tanstack/react-query";
import { Network, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { componentOnDemand } from "@/ui/on-demand";
import { NetworkTable } from "./network-table";

const CreateNetworkDialog = componentOnDemand(() => import("./create-network-dialog").then((module) => module.CreateNetworkDialog));

export function NetworksPage() {
  const t = useTranslations("networks");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const denial = useDenial("network.manage");
  const networks = useQuery(trpc.network.list.queryOptions({ organizationId }));
  const [creating, setCreating] = useState(false);
  const create = (
    <Button variant="primary" disabledReason={denial} onClick={() => setCreating(true)}>
      <Plus aria-hidden />
      {t("create")}
    </Button>
  );
  return (
    <Page title={t("title")} description={t("description")} actions={create} width="wide">
      <Card>
        <QueryView query={networks} what={t("what")}>
          {(data) =>
            data.length === 0 ? (
              <EmptyState icon={<Network />} title={t("empty.title")} description={t("empty.description")} action={create} />
            ) : (
              <NetworkTable networks={data} />
            )
          }
        </QueryView>
      </Card>
      <CreateNetworkDialog open={creating} onOpenChange={setCreating} />
    </Page>
  );
}
