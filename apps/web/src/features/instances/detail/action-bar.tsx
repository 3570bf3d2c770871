"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { useTranslations } from "use-intl/react";
import { Button } from "@/ui/button";
import { useActionDenial } from "../action-denial";
import { ACTION_ICON, type PowerAction } from "../action-words";
import { InstanceRowMenu } from "../instance-row-menu";

/** The buttons that people press most, and a menu with all of them. */
const SHOWN: readonly PowerAction[] = ["start", "stop", "reboot"];

interface ActionBarProps {
  instance: InstanceView;
  sending: PowerAction | null;
  onAction: (action: PowerAction) => void;
}

export function ActionBar({ instance, sending, onAction }: ActionBarProps) {
  const t = useTranslations("instances.actions");
  const denialOf = useActionDenial();
  return (
    <>
      {SHOWN.map((action) => {
        return (
          <Button
            key={action}
            loading={sending === action}
            disabledReason={denialOf(action, instance.actions[action])}
            // With longer words than English has they stand in one row on a phone, too.
            className="max-sm:px-3 max-sm:[&_svg:not(.animate-spin)]:hidden"
            onClick={() => onAction(action)}
          >
            {sending === action ? null : ACTION_ICON[action]}
            {t(action)}
          </Button>
        );
      })}
      <InstanceRowMenu instance={instance} onAction={onAction} />
    </>
  );
}
