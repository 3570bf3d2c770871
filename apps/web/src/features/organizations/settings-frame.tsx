"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { useOrganizationId, useSession } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { paths } from "@/lib/path-builder";
import { cn } from "@/ui/cn";
import { useInSight } from "@/ui/use-in-sight";

/** Around every page of the settings: their names in one line above them. */
export function SettingsFrame({ children }: { children: ReactNode }) {
  const t = useTranslations("organizations.settings");
  const organizationId = useOrganizationId();
  const { user } = useSession();
  const pathname = usePathname();
  const sections = [
    { label: t("organization"), href: paths.settings(organizationId) },
    { label: t("members"), href: paths.settingsMembers(organizationId) },
    { label: t("sites"), href: paths.settingsSites(organizationId) },
    { label: t("account"), href: paths.settingsAccount(organizationId) },
    ...(user.installationAdmin ? [{ label: t("installation"), href: paths.settingsInstallation(organizationId) }] : []),
  ];
  const current = sections.find((section) => section.href === pathname);
  const row = useInSight<HTMLElement>(pathname);
  return (
    <Page title={t("title")} documentTitle={current === undefined ? t("title") : t("documentTitle", { section: current.label })}>
      <nav ref={row} aria-label={t("title")} className="-mt-2 mb-6 overflow-x-auto border-line border-b">
        <ul className="-mx-1 flex gap-1 px-1">
          {sections.map((section) => (
            <li key={section.href}>
              <Link
                href={section.href}
                aria-current={section === current ? "page" : undefined}
                className={cn(
                  "-mb-px block whitespace-nowrap border-b-2 px-2.5 py-2 font-medium hover:text-ink focus-visible:-outline-offset-2",
                  section === current ? "border-accent text-ink" : "border-transparent text-ink-2",
                )}
              >
                {section.label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </Page>
  );
}
