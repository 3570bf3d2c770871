"use client";

import type { InstanceListItem } from "@indium/contract/api/instance-views";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { paths } from "@/lib/path-builder";
import { MenuItem, MenuSeparator } from "@/ui/dropdown-menu";
import { useActionDenial } from "./action-denial";
import { ACTION_ICON, CONSOLE_ICON, type PowerAction } from "./action-words";

const ORDER: readonly PowerAction[] = ["start", "stop", "reboot", "pause", "resume", "forceStop", "reset", "reprovision"];

export interface InstanceMenuProps {
  instance: InstanceListItem;
  onAction: (action: PowerAction) => void;
}

/** Everything that can be done to an instance; what cannot be done now says why in its place. */
export function InstanceMenuItems({ instance, onAction }: InstanceMenuProps) {
  const t = useTranslations("instances");
  const denialOf = useActionDenial();
  const denial = (action: keyof InstanceListItem["actions"]) => denialOf(action, instance.actions[action]);
  const consoleDenial = denial("openConsole");
  return (
    <>
      {consoleDenial === null ? (
        <MenuItem asChild>
          <Link href={paths.instanceConsole(instance.organizationId, instance.id)}>
            {CONSOLE_ICON}
            {t("openConsole")}
          </Link>
        </MenuItem>
      ) : (
        <MenuItem icon={CONSOLE_ICON} disabledReason={consoleDenial}>
          {t("openConsole")}
        </MenuItem>
      )}
      <MenuSeparator />
      {ORDER.map((action) => (
        <MenuItem key={action} icon={ACTION_ICON[action]} disabledReason={denial(action)} onSelect={() => onAction(action)}>
          {t(`actions.${action}`)}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem danger icon={ACTION_ICON.delete} disabledReason={denial("delete")} onSelect={() => onAction("delete")}>
        {t("actions.delete")}
      </MenuItem>
    </>
  );
}
