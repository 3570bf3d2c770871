"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import dynamic from "next/dynamic";
import { useTranslations } from "use-intl/react";
import { useActionDenial } from "@/features/instances/action-denial";
import { Skeleton } from "@/ui/skeleton";
import { consoleWish } from "./console-panel";
import { useInstanceSource } from "./console-source";
import { ControlBar } from "./control-bar";
import type { SerialTerminalProps } from "./serial-terminal";
import { controlSinceOf, useConsoleRoom } from "./use-console-room";

/** The terminal is a hundred kilobytes that most pages never need. */
export const LazySerialTerminal = dynamic<SerialTerminalProps>(() => import("./serial-terminal").then((file) => file.SerialTerminal), {
  ssr: false,
  loading: () => <Skeleton className="h-full min-h-40 rounded-none" />,
});

/** The serial port of an instance, live, with what it printed before. */
export function SerialPanel({ instance }: { instance: InstanceView }) {
  const t = useTranslations("console");
  const source = useInstanceSource(instance.id);
  const { expected, sentence } = consoleWish(t, useActionDenial(), instance);
  const room = useConsoleRoom(instance.id);
  return (
    <>
      <ControlBar handle={room} />
      <LazySerialTerminal
        source={source}
        mode="control"
        controlSince={controlSinceOf(room)}
        name={instance.name}
        expected={expected}
        idleSentence={sentence}
        className="h-[34rem] max-h-[80dvh] w-full overflow-hidden rounded-b-xl"
      />
    </>
  );
}
