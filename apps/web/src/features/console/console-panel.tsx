"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { useTranslations } from "use-intl/react";
import { type ActionDenialOf, useActionDenial } from "@/features/instances/action-denial";
import { consoleExpected } from "@/features/instances/instance-state";
import { ConsoleScreen } from "./console-screen";
import { useInstanceSource } from "./console-source";
import type { ConsoleWords } from "./console-words";
import { ControlBar } from "./control-bar";
import { controlSinceOf, useConsoleRoom } from "./use-console-room";

/** Whether a console makes sense now, and what to say while it does not. */
export function consoleWish(
  t: ConsoleWords,
  denialOf: ActionDenialOf,
  instance: Pick<InstanceView, "state" | "actions" | "simulated">,
): { expected: boolean; sentence: string } {
  const denial = denialOf("openConsole", instance.actions.openConsole);
  if (instance.state === "creating") return { expected: false, sentence: t("screenLater") };
  // While it is started again after a crash or a reboot the table may say "not now": the screen just waits.
  if (denial !== null && instance.state !== "crashed") return { expected: false, sentence: denial };
  return { expected: consoleExpected(instance.state), sentence: t("noScreen") };
}

export function ConsolePanel({ instance }: { instance: InstanceView }) {
  const t = useTranslations("console");
  const source = useInstanceSource(instance.id);
  const { expected, sentence } = consoleWish(t, useActionDenial(), instance);
  const room = useConsoleRoom(instance.id);
  return (
    <>
      <ControlBar handle={room} />
      <ConsoleScreen
        source={source}
        mode="control"
        controlSince={controlSinceOf(room)}
        name={instance.name}
        sharesClipboard={instance.desktop}
        expected={expected}
        idleSentence={sentence}
        className="aspect-[4/3] max-h-[34rem] w-full overflow-hidden rounded-b-xl max-sm:aspect-square"
      />
    </>
  );
}
