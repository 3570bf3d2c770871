import type { DisplayedState } from "@indium/contract/states";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { useFormat } from "@/lib/i18n/use-format";
import { StateBadge } from "@/ui/badge";
import { INSTANCE_STATE } from "./instance-state";

interface StateCountsProps {
  label: string;
  counts: readonly { state: DisplayedState; count: number }[];
  /** Where exactly those are listed. */
  href: (state: DisplayedState) => string;
  className?: string;
}

const ORDER = Object.keys(INSTANCE_STATE);
const rank = (state: DisplayedState): number => (state === "running" ? -1 : ORDER.indexOf(state));

/** How many are in which state, each a link to them. */
export function StateCounts({ label, counts, href, className }: StateCountsProps) {
  const t = useTranslations("instances.countedStates");
  const format = useFormat();
  return (
    <ul aria-label={label} className={className ?? "flex flex-wrap gap-x-4 gap-y-1"}>
      {[...counts]
        .sort((left, right) => rank(left.state) - rank(right.state))
        .map(({ state, count }) => (
          <li key={state}>
            <Link href={href(state)} className="group flex items-baseline gap-1.5 rounded">
              <span className="tabular font-semibold">{format.count(count)}</span>
              <StateBadge tone={INSTANCE_STATE[state].tone} active={INSTANCE_STATE[state].active} className="group-hover:underline">
                {t(state)}
              </StateBadge>
            </Link>
          </li>
        ))}
    </ul>
  );
}
