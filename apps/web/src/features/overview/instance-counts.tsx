"use client";

import type { FleetView } from "@indium/contract/api/fleet-views";
import type { InstanceListItem } from "@indium/contract/api/instance-views";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { InstanceTable } from "@/features/instances/instance-table";
import { StateCounts } from "@/features/instances/state-counts";
import { useOrganizationId } from "@/features/shell/organization-context";
import { paths } from "@/lib/path-builder";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";

/** How many are in which state (each a link to exactly those), and the newest. */
export function InstanceCounts({ counts, newest }: { counts: FleetView["instances"]; newest: readonly InstanceListItem[] }) {
  const t = useTranslations("overview");
  const organizationId = useOrganizationId();
  const total = counts.reduce((all, { count }) => all + count, 0);
  return (
    <Section
      title={t("instances.title")}
      flush
      aside={
        <Button size="sm" variant="ghost" className="-mr-2" asChild>
          <Link href={paths.instances(organizationId)}>{t("instances.all", { count: total })}</Link>
        </Button>
      }
    >
      <StateCounts
        label={t("instances.byState")}
        counts={counts}
        href={(state) => `${paths.instances(organizationId)}?state=${state}`}
        className="flex flex-wrap gap-x-6 gap-y-2 border-line border-b px-4 py-3"
      />
      <InstanceTable instances={newest} />
    </Section>
  );
}
