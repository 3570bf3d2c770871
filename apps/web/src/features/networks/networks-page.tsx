"use client";

import { useQuery } from "@tanstack/react-query";
import { Network, Plus } from "lucide-react";
import { useState } from "react";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { CreateNetworkDialog } from "./create-network-dialog";
import { NetworkTable } from "./network-table";

export function NetworksPage() {
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const denial = useDenial("network.manage");
  const networks = useQuery(trpc.network.list.queryOptions({ organizationId }));
  const [creating, setCreating] = useState(false);
  const create = (
    <Button variant="primary" disabledReason={denial} onClick={() => setCreating(true)}>
      <Plus aria-hidden />
      Create network
    </Button>
  );
  return (
    <Page
      title="Networks"
      description="What instances are connected to. Every host has a NAT network of its own. A host's own network is changed only where you ask for a bridge of one of its interfaces."
      actions={create}
      width="wide"
    >
      <Card>
        <QueryView query={networks} what="networks">
          {(data) =>
            data.length === 0 ? (
              <EmptyState
                icon={<Network />}
                title="No networks yet"
                description="The first host brings a NAT network along. Others can be made here."
                action={create}
              />
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
