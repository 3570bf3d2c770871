import type { HostView } from "@indium/contract/api/host-views";
import { useTranslations } from "use-intl/react";
import { StateBadge } from "@/ui/badge";
import { RelativeTime } from "@/ui/relative-time";

const TONE = { info: "quiet", warning: "warn", error: "bad" } as const;

export function HostEvents({ events }: { events: HostView["events"] }) {
  const t = useTranslations("hosts");
  if (events.length === 0) return <p className="p-4 text-ink-3">{t("events.none")}</p>;
  return (
    <ol aria-label={t("page.events")} className="max-h-96 divide-y divide-line overflow-y-auto">
      {events.map((event) => (
        <li key={`${event.at.getTime()}-${event.message}`} className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 py-2.5">
          <StateBadge tone={TONE[event.level]} className="w-20 text-[0.8125rem]">
            {t(`events.levels.${event.level}`)}
          </StateBadge>
          <p lang="en" className="min-w-0 flex-1 basis-64 break-words">
            {event.message}
          </p>
          <RelativeTime date={event.at} className="whitespace-nowrap text-[0.8125rem] text-ink-3" />
        </li>
      ))}
    </ol>
  );
}
