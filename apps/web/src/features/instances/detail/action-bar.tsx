"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { Button } from "@/ui/button";
import { ACTION_WORDS, type PowerAction } from "../action-words";
import { InstanceRowMenu } from "../instance-row-menu";

/** The buttons that people press most, and a menu with all of them. */
const SHOWN: readonly PowerAction[] = ["start", "stop", "reboot"];

interface ActionBarProps {
  instance: InstanceView;
  sending: PowerAction | null;
  onAction: (action: PowerAction) => void;
}

export function ActionBar({ instance, sending, onAction }: ActionBarProps) {
  return (
    <>
      {SHOWN.map((action) => {
        const verdict = instance.actions[action];
        const words = ACTION_WORDS[action];
        return (
          <Button
            key={action}
            loading={sending === action}
            disabledReason={verdict.allowed ? null : verdict.reason}
            onClick={() => onAction(action)}
          >
            {sending === action ? null : words.icon}
            {words.label}
          </Button>
        );
      })}
      <InstanceRowMenu instance={instance} onAction={onAction} />
    </>
  );
}
