"use client";

import { useQuery } from "@tanstack/react-query";
import { Building2, Check, MapPin } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { MenuItem, MenuLabel, MenuSeparator } from "@/ui/dropdown-menu";
import { useOrganization, useSession } from "./organization-context";

export function OrganizationMenuItems() {
  const t = useTranslations("shell.switcher");
  const common = useTranslations("common");
  const { organizations } = useSession();
  const current = useOrganization();
  return (
    <>
      <MenuLabel>{t("organizations")}</MenuLabel>
      {organizations.map((organization) => (
        <MenuItem key={organization.id} asChild>
          <Link href={paths.organization(organization.id)} aria-current={organization.id === current.id ? "true" : undefined}>
            <Building2 aria-hidden />
            <span className="min-w-0 flex-1">
              <span className="block truncate">{organization.name}</span>
              <span className="block text-ink-3 text-xs first-letter:uppercase">
                {organization.viaProvider && organization.providerName
                  ? common("roleThrough", { role: common(`roles.${organization.role}`), provider: organization.providerName })
                  : common(`roles.${organization.role}`)}
              </span>
            </span>
            {organization.id === current.id ? <Check aria-hidden /> : null}
          </Link>
        </MenuItem>
      ))}
      <Sites />
    </>
  );
}

/** The instances of one site. Asked for when the menu opens; while that takes, and where there is one site only, there is nothing to choose. */
function Sites() {
  const t = useTranslations("shell.switcher");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const { id, name } = useOrganization();
  const sites = useQuery(trpc.site.list.queryOptions({ organizationId: id })).data ?? [];
  if (sites.length < 2) return null;
  return (
    <>
      <MenuSeparator />
      <MenuLabel>{t("sites", { name })}</MenuLabel>
      {sites.map((site) => (
        <MenuItem key={site.id} asChild>
          <Link href={paths.instancesOfSite(id, site.id)}>
            <MapPin aria-hidden />
            <span className="min-w-0 flex-1 truncate">{site.name}</span>
            <span className="tabular text-ink-3 text-xs">{common("countOf.instances", { count: site.instanceCount })}</span>
          </Link>
        </MenuItem>
      ))}
    </>
  );
}
