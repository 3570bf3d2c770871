"use client";

import type { InstanceAction } from "@indium/contract/states";
import { useQuery } from "@tanstack/react-query";
import { ArrowRight } from "lucide-react";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { ACTION_WORDS, CONSOLE_ICON, type PowerAction } from "@/features/instances/action-words";
import { useInstanceActions } from "@/features/instances/use-instance-actions";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { type Doable, instanceInPath } from "./commands";

/** Forms and views of its own page, by their tab. `action`: refused where the table refuses it. */
const TABS: readonly { label: string; tab: string; action?: "resize" | "rebuild"; keywords?: string }[] = [
  { label: "Resize…", tab: "settings", action: "resize", keywords: "size memory vcpus" },
  { label: "Rebuild…", tab: "danger", action: "rebuild", keywords: "image reinstall" },
  { label: "Serial console", tab: "serial", keywords: "log terminal" },
  { label: "Timeline", tab: "timeline", keywords: "boot cloud-init provisioning" },
  { label: "Metrics", tab: "metrics", keywords: "charts cpu memory" },
  { label: "Networking", tab: "networking", keywords: "addresses nics" },
  { label: "Settings", tab: "settings", keywords: "name tags keys user data password" },
];

const POWER: readonly PowerAction[] = Object.keys(ACTION_WORDS) as PowerAction[];

/** Of the instance whose page one is on, as the one action table allows them. */
export function useSubjectCommands(
  close: () => void,
  go: (href: string) => void,
): { commands: Doable[]; name: string | null; dialog: ReactNode } {
  const trpc = useTRPC();
  const instanceId = instanceInPath(usePathname());
  const actions = useInstanceActions();
  const instance = useQuery({
    ...trpc.instance.get.queryOptions({ instanceId: instanceId ?? "i-00000000000000000" }),
    enabled: instanceId !== null,
  }).data;
  if (instanceId === null || instance === undefined || instance.state === "deleted")
    return { commands: [], name: null, dialog: actions.dialog };
  const denialOf = (action: InstanceAction) => {
    const verdict = instance.actions[action];
    return verdict.allowed ? null : verdict.reason;
  };
  const commands: Doable[] = [
    {
      id: "subject openConsole",
      label: "Open console",
      keywords: "vnc screen",
      icon: CONSOLE_ICON,
      denial: denialOf("openConsole"),
      act: () => go(paths.instanceConsole(instance.organizationId, instance.id)),
    },
    ...POWER.map(
      (action): Doable => ({
        id: `subject ${action}`,
        label: ACTION_WORDS[action].label,
        icon: ACTION_WORDS[action].icon,
        denial: denialOf(action),
        act: () => {
          close();
          actions.act(instance, action);
        },
      }),
    ),
    ...TABS.map(
      ({ label, tab, action, keywords = "" }): Doable => ({
        id: `subject tab ${label}`,
        label,
        keywords,
        icon: <ArrowRight aria-hidden />,
        denial: action === undefined ? null : denialOf(action),
        act: () => go(`${paths.instance(instance.organizationId, instance.id)}?tab=${tab}`),
      }),
    ),
  ];
  return { commands, name: instance.name, dialog: actions.dialog };
}
