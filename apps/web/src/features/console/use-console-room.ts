"use client";

import type { ConsoleRoom } from "@indium/contract/api/console-views";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useDenial } from "@/features/shell/organization-context";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { useToast } from "@/ui/toast";

/** Somebody who left without a word is noticed by the server alone. */
const LOOK_AGAIN_MS = 15_000;
/** The server's clock decides; this asks again until it agrees. */
const CLAIM_AGAIN_MS = 1_000;

export interface ConsoleRoomHandle {
  /** Undefined until it is known. */
  room: ConsoleRoom | undefined;
  /** Whole seconds until control passes; null while nobody asks. */
  secondsLeft: number | null;
  ask: () => void;
  answer: (give: boolean) => void;
  busy: boolean;
}

/** For the streams: since when control is one's own. */
export function controlSinceOf({ room }: ConsoleRoomHandle): number | null {
  return room?.holder?.you === true ? room.holder.since.getTime() : null;
}

/** Who is at this console and who controls it, live; asks for control and hands it on. */
export function useConsoleRoom(instanceId: `i-${string}`): ConsoleRoomHandle {
  const t = useTranslations("console");
  const trpc = useTRPC();
  const toast = useToast();
  // Whom the console itself is refused to, it says so to.
  const allowed = useDenial("instance.console") === null;
  const query = useQuery({ ...trpc.console.room.queryOptions({ instanceId }), enabled: allowed, refetchInterval: LOOK_AGAIN_MS });
  const refetch = { onSettled: () => query.refetch() };
  const onError = (thrown: unknown) => toast.show({ tone: "bad", title: t("room.unchanged"), description: wireErrorOf(thrown).message });
  const ask = useMutation({ ...trpc.console.askControl.mutationOptions(), ...refetch, onError });
  const answer = useMutation({ ...trpc.console.answerControl.mutationOptions(), ...refetch, onError });
  const { mutate: claim } = useMutation({ ...trpc.console.claimControl.mutationOptions(), ...refetch });
  const room = query.data;
  const secondsLeft = useCountdown(room?.asked?.inMs ?? null, query.dataUpdatedAt);

  const mine = room?.asked?.you === true;
  const over = mine && secondsLeft === 0;
  useEffect(() => {
    if (!over) return;
    claim({ instanceId });
    const again = setInterval(() => claim({ instanceId }), CLAIM_AGAIN_MS);
    return () => clearInterval(again);
  }, [over, claim, instanceId]);

  // What became of the question is said to who asked it.
  const asking = useRef(false);
  const held = room?.holder?.you === true;
  const holder = room?.holder?.name;
  useEffect(() => {
    if (room === undefined) return;
    if (asking.current && !mine) {
      if (held) toast.show({ tone: "good", title: t("room.got") });
      else if (holder !== undefined) toast.show({ tone: "info", title: t("room.kept", { name: holder }) });
    }
    asking.current = mine;
  }, [t, room, mine, held, holder, toast]);

  return {
    room,
    secondsLeft,
    ask: () => ask.mutate({ instanceId }),
    answer: (give) => answer.mutate({ instanceId, give }),
    busy: ask.isPending || answer.isPending,
  };
}

function useCountdown(ms: number | null, since: number): number | null {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (ms === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [ms]);
  return ms === null ? null : Math.max(0, Math.ceil((since + ms - now) / 1_000));
}
