"use client";

import type { InstanceAction } from "@indium/contract/states";
import { useQuery } from "@tanstack/react-query";
import { ArrowRight } from "lucide-react";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { useActionDenial } from "@/features/instances/action-denial";
import { ACTION_ICON, CONSOLE_ICON, type PowerAction } from "@/features/instances/action-words";
import { useInstanceActions } from "@/features/instances/use-instance-actions";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import type { Messages } from "@/locales/messages";
import { type Doable, instanceInPath } from "./commands";

/** Forms and views of its own page, by their tab. `action`: refused where the table refuses it. */
const TABS: readonly { name: Exclude<keyof Messages["palette"]["instance"], "console">; tab: string; action?: "resize" | "rebuild" }[] = [
  { name: "resize", tab: "settings", action: "resize" },
  { name: "rebuild", tab: "danger", action: "rebuild" },
  { name: "serial", tab: "serial" },
  { name: "timeline", tab: "timeline" },
  { name: "metrics", tab: "metrics" },
  { name: "networking", tab: "networking" },
  { name: "settings", tab: "settings" },
];

const POWER: readonly PowerAction[] = Object.keys(ACTION_ICON) as PowerAction[];

/** Of the instance whose page one is on, as the one action table allows them. */
export function useSubjectCommands(
  close: () => void,
  go: (href: string) => void,
): { commands: Doable[]; name: string | null; dialog: ReactNode } {
  const t = useTranslations("palette");
  const actionName = useTranslations("instances.actions");
  const sayDenial = useActionDenial();
  const trpc = useTRPC();
  const instanceId = instanceInPath(usePathname());
  const actions = useInstanceActions();
  const instance = useQuery({
    ...trpc.instance.get.queryOptions({ instanceId: instanceId ?? "i-00000000000000000" }),
    enabled: instanceId !== null,
  }).data;
  if (instanceId === null || instance === undefined || instance.state === "deleted")
    return { commands: [], name: null, dialog: actions.dialog };
  const denialOf = (action: InstanceAction) => sayDenial(action, instance.actions[action]);
  const commands: Doable[] = [
    {
      id: "subject openConsole",
      label: t("instance.console.label"),
      keywords: t("instance.console.keywords"),
      icon: CONSOLE_ICON,
      denial: denialOf("openConsole"),
      act: () => go(paths.instanceConsole(instance.organizationId, instance.id)),
    },
    ...POWER.map(
      (action): Doable => ({
        id: `subject ${action}`,
        label: actionName(action),
        icon: ACTION_ICON[action],
        denial: denialOf(action),
        act: () => {
          close();
          actions.act(instance, action);
        },
      }),
    ),
    ...TABS.map(
      ({ name, tab, action }): Doable => ({
        id: `subject tab ${name}`,
        label: t(`instance.${name}.label`),
        keywords: t(`instance.${name}.keywords`),
        icon: <ArrowRight aria-hidden />,
        denial: action === undefined ? null : denialOf(action),
        act: () => go(`${paths.instance(instance.organizationId, instance.id)}?tab=${tab}`),
      }),
    ),
  ];
  return { commands, name: instance.name, dialog: actions.dialog };
}
