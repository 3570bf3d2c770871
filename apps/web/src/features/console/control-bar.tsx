"use client";

import { Eye, Hand, SquareTerminal } from "lucide-react";
import { useTranslations } from "use-intl/react";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { RelativeTime } from "@/ui/relative-time";
import { Tooltip } from "@/ui/tooltip";
import { peopleOf } from "./people";
import type { ConsoleRoomHandle } from "./use-console-room";

/** Who else is here, who controls the console, and the way from one to the other. Nothing while one is alone. */
export function ControlBar({ handle }: { handle: ConsoleRoomHandle }) {
  const t = useTranslations("console");
  const { room, secondsLeft, ask, answer, busy } = handle;
  if (room === undefined) return null;
  const others = peopleOf(room);
  const held = room.holder?.you === true;
  const watching = room.viewers.some((viewer) => viewer.you) && !held;
  if (others.length === 0 && !watching && room.asked === null) return null;
  return (
    <section
      aria-label={t("room.label")}
      className="flex flex-wrap items-center gap-x-4 gap-y-1.5 border-line border-b bg-sunken px-3 py-1.5 text-[0.8125rem]"
    >
      {others.length === 0 ? null : (
        <ul aria-label={t("room.others")} className="flex flex-wrap items-center gap-1.5">
          {others.map((person) => (
            <li key={person.key}>
              <Tooltip
                content={t.rich(person.byLink ? "room.byLinkSince" : "room.since", { when: () => <RelativeTime date={person.since} /> })}
              >
                <span className="inline-flex">
                  <Badge tone={person.controls ? "accent" : "quiet"}>
                    {person.controls ? <Hand aria-hidden className="size-3" /> : <Eye aria-hidden className="size-3" />}
                    {t.rich(person.controls ? "room.controls" : "room.watches", {
                      name: () => person.name,
                      what: (chunks) => <span className="font-normal">{chunks}</span>,
                    })}
                    {person.serial ? <SquareTerminal aria-label={t("room.serial")} className="size-3" /> : null}
                  </Badge>
                </span>
              </Tooltip>
            </li>
          ))}
        </ul>
      )}
      <div role="status" className="ml-auto flex flex-wrap items-center gap-2">
        {room.asked !== null && held ? (
          <>
            <span className="font-medium text-ink">{t("room.asks", { name: room.asked.name, seconds: String(secondsLeft ?? 0) })}</span>
            <Button size="sm" variant="primary" loading={busy} onClick={() => answer(true)}>
              {t("room.handOver")}
            </Button>
            <Button size="sm" onClick={() => answer(false)}>
              {t("room.keep")}
            </Button>
          </>
        ) : room.asked?.you === true ? (
          <span>{t("room.asked", { name: room.holder?.name ?? "", seconds: String(secondsLeft ?? 0) })}</span>
        ) : watching ? (
          <>
            <span>{room.holder === null ? t("room.nobody") : t("room.somebody", { name: room.holder.name })}</span>
            <Button size="sm" loading={busy} onClick={ask}>
              {t(room.holder === null ? "room.take" : "room.ask")}
            </Button>
          </>
        ) : held && others.length > 0 ? (
          <span>{t("room.you")}</span>
        ) : null}
      </div>
    </section>
  );
}
