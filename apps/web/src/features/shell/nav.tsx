"use client";

import type { Role } from "@indium/contract/states";
import { roleMay } from "@indium/domain/policy";
import { Boxes, Disc3, History, KeyRound, LayoutDashboard, Network, Ruler, ScrollText, Server, Settings, ShieldCheck } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { paths } from "@/lib/path-builder";
import { cn } from "@/ui/cn";
import { useOrganization } from "./organization-context";

/** The pages; the command palette lists them, too. */
const NAV_ITEMS = [
  { label: "Overview", icon: LayoutDashboard, href: paths.organization, exact: true },
  { label: "Instances", icon: Boxes, href: paths.instances },
  { label: "Hosts", icon: Server, href: paths.hosts },
  { label: "Images", icon: Disc3, href: paths.images },
  { label: "Networks", icon: Network, href: paths.networks },
  { label: "Security groups", icon: ShieldCheck, href: paths.securityGroups },
  { label: "SSH keys", icon: KeyRound, href: paths.sshKeys },
  { label: "Sizes", icon: Ruler, href: paths.sizes },
  { label: "Operations", icon: History, href: paths.operations },
  { label: "Audit", icon: ScrollText, href: paths.audit, permission: "audit.read" },
  { label: "Settings", icon: Settings, href: paths.settings },
] as const;

/** Those whose pages a role has anything to see on. */
export const navItemsFor = (role: Role) => NAV_ITEMS.filter((item) => !("permission" in item) || roleMay(role, item.permission));

export function Nav({ onNavigate }: { onNavigate?: () => void }) {
  const { id: organizationId, role } = useOrganization();
  const pathname = usePathname();
  return (
    <nav aria-label="Main">
      <ul className="flex flex-col gap-0.5">
        {navItemsFor(role).map(({ label, icon: Icon, href, ...item }) => {
          const target = href(organizationId);
          const current = "exact" in item ? pathname === target : pathname === target || pathname.startsWith(`${target}/`);
          return (
            <li key={label} className={label === "Settings" ? "mt-3" : ""}>
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
                {label}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
