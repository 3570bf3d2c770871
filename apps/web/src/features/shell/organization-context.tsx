"use client";

import type { OrganizationView, SessionView } from "@indium/contract/api/organization-views";
import type { OrganizationId } from "@indium/contract/ids";
import { type Permission, roleMay } from "@indium/domain/policy";
import { createContext, type ReactNode, useContext } from "react";
import { useTranslations } from "use-intl/react";

interface OrganizationContextValue {
  session: SessionView;
  organization: OrganizationView;
}
const OrganizationContext = createContext<OrganizationContextValue | null>(null);

export function OrganizationProvider({ value, children }: { value: OrganizationContextValue; children: ReactNode }) {
  return <OrganizationContext.Provider value={value}>{children}</OrganizationContext.Provider>;
}

function useContextValue(): OrganizationContextValue {
  const value = useContext(OrganizationContext);
  if (value === null) throw new Error("this component belongs inside an organization's pages");
  return value;
}

/** The organization in the address bar, with the signed-in user's role there. */
export function useOrganization(): OrganizationView {
  return useContextValue().organization;
}

export function useOrganizationId(): OrganizationId {
  return useContextValue().organization.id;
}

export function useSession(): SessionView {
  return useContextValue().session;
}

/** Null when the user's role allows it; otherwise the sentence that a disabled control shows. */
export function useDenial(permission: Permission): string | null {
  const t = useTranslations("shell");
  const { organization } = useContextValue();
  if (roleMay(organization.role, permission)) return null;
  return t("denial", { role: organization.role, organization: organization.name });
}
