"use client";

import type { InstanceListItem } from "@indium/contract/api/instance-views";
import type { DisplayedState } from "@indium/contract/states";
import Link from "next/link";
import { INSTANCE_STATE } from "@/features/instances/instance-state";
import { InstanceTable } from "@/features/instances/instance-table";
import { useOrganizationId } from "@/features/shell/organization-context";
import { plural } from "@/lib/format";
import { paths } from "@/lib/path-builder";
import { StateBadge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";

const NEWEST = 5;

/** How many are in which state (each a link to exactly those), and the newest. */
export function InstanceCounts({ instances, total }: { instances: readonly InstanceListItem[]; total: number }) {
  const organizationId = useOrganizationId();
  const counts = countByState(instances);
  const complete = instances.length === total;
  const newest = [...instances].sort((left, right) => right.createdAt.getTime() - left.createdAt.getTime()).slice(0, NEWEST);
  return (
    <Section
      title="Instances"
      flush
      aside={
        <Button size="sm" variant="ghost" asChild>
          <Link href={paths.instances(organizationId)}>All {plural(total, "instance")}</Link>
        </Button>
      }
    >
      {complete ? (
        <ul aria-label="Instances by state" className="flex flex-wrap gap-x-6 gap-y-2 border-line border-b px-4 py-3">
          {counts.map(([state, count]) => (
            <li key={state}>
              <Link href={`${paths.instances(organizationId)}?state=${state}`} className="group flex items-baseline gap-2 rounded">
                <span className="tabular font-semibold text-base">{count}</span>
                <StateBadge tone={INSTANCE_STATE[state].tone} active={INSTANCE_STATE[state].active} className="group-hover:underline">
                  {INSTANCE_STATE[state].label.toLowerCase()}
                </StateBadge>
              </Link>
            </li>
          ))}
        </ul>
      ) : null}
      <InstanceTable instances={newest} />
    </Section>
  );
}

export function countByState(instances: readonly Pick<InstanceListItem, "state">[]): readonly (readonly [DisplayedState, number])[] {
  const counts = new Map<DisplayedState, number>();
  for (const { state } of instances) counts.set(state, (counts.get(state) ?? 0) + 1);
  const order = Object.keys(INSTANCE_STATE);
  const rank = (state: DisplayedState) => (state === "running" ? -1 : order.indexOf(state));
  return [...counts].sort(([left], [right]) => rank(left) - rank(right));
}
