"use client";

import type { InstanceAction } from "@indium/contract/states";
import { ACTION_DENIALS } from "@indium/domain/action-denials";
import type { ActionVerdict } from "@indium/domain/instance-actions";
import { type Permission, roleMay } from "@indium/domain/policy";
import { useCallback } from "react";
import { useTranslations } from "use-intl/react";
import { useOrganization } from "@/features/shell/organization-context";

const KEYS: ReadonlyMap<string, keyof typeof ACTION_DENIALS> = new Map(
  Object.entries(ACTION_DENIALS).map(([key, english]) => [english, key as keyof typeof ACTION_DENIALS]),
);

/** Why a state does not allow an action, as the one action table says it, in the language of the page; any other sentence as it came. */
export function useStateDenial(): (english: string) => string {
  const t = useTranslations("instancesDenials.states");
  return (english) => {
    const key = KEYS.get(english);
    return key === undefined ? english : t(key);
  };
}

/** Null when the action is allowed; else why not, in the language of the page (a sentence that is not known here, as it came). */
export type ActionDenialOf = (action: InstanceAction, verdict: ActionVerdict) => string | null;

export function useActionDenial(): ActionDenialOf {
  const t = useTranslations("instancesDenials");
  const { role, viaProvider, name: organization } = useOrganization();
  return useCallback(
    (action, verdict) => {
      if (verdict.allowed) return null;
      const key = KEYS.get(verdict.reason);
      if (key !== undefined) return t(`states.${key}`);
      const { what, permission } = neededFor(action);
      if (roleMay(role, permission)) return verdict.reason;
      return t(viaProvider ? "roleThroughProvider" : "role", { role, organization, what });
    },
    [t, role, viaProvider, organization],
  );
}

function neededFor(action: InstanceAction): { what: "operate" | "delete" | "console"; permission: Permission } {
  switch (action) {
    case "delete":
      return { what: "delete", permission: "instance.delete" };
    case "openConsole":
      return { what: "console", permission: "instance.console" };
    default:
      return { what: "operate", permission: "instance.operate" };
  }
}
