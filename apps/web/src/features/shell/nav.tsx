"use client";

import type { Role } from "@indium/contract/states";
import { roleMay } from "@indium/domain/policy";
import { Boxes, Disc3, History, KeyRound, LayoutDashboard, Network, Ruler, ScrollText, Server, Settings, ShieldCheck } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "use-intl/react";
import { paths } from "@/lib/path-builder";
import { cn } from "@/ui/cn";
import { useOrganization } from "./organization-context";

/** The pages; the command palette lists them, too. */
const NAV_ITEMS = [
  { key: "overview", icon: LayoutDashboard, href: paths.organization, exact: true },
  { key: "instances", icon: Boxes, href: paths.instances },
  { key: "hosts", icon: Server, href: paths.hosts },
  { key: "images", icon: Disc3, href: paths.images },
  { key: "networks", icon: Network, href: paths.networks },
  { key: "securityGroups", icon: ShieldCheck, href: paths.securityGroups },
  { key: "sshKeys", icon: KeyRound, href: paths.sshKeys },
  { key: "sizes", icon: Ruler, href: paths.sizes },
  { key: "operations", icon: History, href: paths.operations },
  { key: "audit", icon: ScrollText, href: paths.audit, permission: "audit.read" },
  { key: "settings", icon: Settings, href: paths.settings },
] as const;

/** Those whose pages a role has anything to see on. */
export const navItemsFor = (role: Role) => NAV_ITEMS.filter((item) => !("permission" in item) || roleMay(role, item.permission));

export function Nav({ onNavigate }: { onNavigate?: () => void }) {
  const t = useTranslations("shell.nav");
  const { id: organizationId, role } = useOrganization();
  const pathname = usePathname();
  return (
    <nav aria-label={t("label")}>
      <ul className="flex flex-col gap-0.5">
        {navItemsFor(role).map(({ key, icon: Icon, href, ...item }) => {
          const target = href(organizationId);
          const current = "exact" in item ? pathname === target : pathname === target || pathname.startsWith(`${target}/`);
          return (
            <li key={key} className={key === "settings" ? "mt-3" : ""}>
              <Link
                href={target}
                aria-current={current ? "page" : undefined}
                onClick={() => onNavigate?.()}
                className={cn(
                  "flex h-8 items-center gap-2.5 rounded-md px-2.5 font-medium transition-colors max-lg:h-10",
                  current ? "bg-hover text-ink" : "text-ink-2 hover:bg-hover hover:text-ink",
                )}
              >
                <Icon aria-hidden className={cn("size-4", current ? "text-accent-ink" : "text-ink-3")} />
                {t(key)}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
