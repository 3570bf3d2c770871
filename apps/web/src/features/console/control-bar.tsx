"use client";

import { Eye, Hand, SquareTerminal } from "lucide-react";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { RelativeTime } from "@/ui/relative-time";
import { Tooltip } from "@/ui/tooltip";
import { peopleOf } from "./people";
import type { ConsoleRoomHandle } from "./use-console-room";

/** Who else is here, who controls the console, and the way from one to the other. Nothing while one is alone. */
export function ControlBar({ handle }: { handle: ConsoleRoomHandle }) {
  const { room, secondsLeft, ask, answer, busy } = handle;
  if (room === undefined) return null;
  const others = peopleOf(room);
  const held = room.holder?.you === true;
  const watching = room.viewers.some((viewer) => viewer.you) && !held;
  if (others.length === 0 && !watching && room.asked === null) return null;
  return (
    <section
      aria-label="Who is at this console"
      className="flex flex-wrap items-center gap-x-4 gap-y-1.5 border-line border-b bg-sunken px-3 py-1.5 text-[0.8125rem]"
    >
      {others.length === 0 ? null : (
        <ul aria-label="Also here" className="flex flex-wrap items-center gap-1.5">
          {others.map((person) => (
            <li key={person.key}>
              <Tooltip
                content={
                  <>
                    {person.byLink ? "By a link, since " : "Since "}
                    <RelativeTime date={person.since} />
                  </>
                }
              >
                <span className="inline-flex">
                  <Badge tone={person.controls ? "accent" : "quiet"}>
                    {person.controls ? <Hand aria-hidden className="size-3" /> : <Eye aria-hidden className="size-3" />}
                    {person.name}
                    <span className="font-normal">{person.controls ? "controls" : "watches"}</span>
                    {person.serial ? <SquareTerminal aria-label="the serial port" className="size-3" /> : null}
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
            <span className="font-medium text-ink">
              {room.asked.name} asks for control. It passes in {secondsLeft} s.
            </span>
            <Button size="sm" variant="primary" loading={busy} onClick={() => answer(true)}>
              Hand over
            </Button>
            <Button size="sm" onClick={() => answer(false)}>
              Keep control
            </Button>
          </>
        ) : room.asked?.you === true ? (
          <span>
            You asked {room.holder?.name} for control. It is yours in {secondsLeft} s unless they keep it.
          </span>
        ) : watching ? (
          <>
            <span>{room.holder === null ? "Nobody controls the console." : `You watch; ${room.holder.name} controls the console.`}</span>
            <Button size="sm" loading={busy} onClick={ask}>
              {room.holder === null ? "Take control" : "Ask for control"}
            </Button>
          </>
        ) : held && others.length > 0 ? (
          <span>You control the console.</span>
        ) : null}
      </div>
    </section>
  );
}
