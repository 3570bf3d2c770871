"use client";

import { Building2, Keyboard, LogOut, Monitor, Moon, Plus, Server, Sun, UserPlus } from "lucide-react";
import { signOut } from "next-auth/react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { navItemsFor } from "@/features/shell/nav";
import { useDenial, useOrganization, useSession } from "@/features/shell/organization-context";
import { applyTheme } from "@/features/shell/theme";
import { paths } from "@/lib/path-builder";
import type { Doable } from "./commands";
import { keysOf } from "./keys-of";
import { SHORTCUTS } from "./shortcuts";

const keysTo = (href: string, organizationId: string): readonly string[] | undefined => {
  const shortcut = SHORTCUTS.find((each) => each.effect.kind === "go" && each.effect.to(organizationId) === href);
  return shortcut === undefined ? undefined : keysOf(shortcut);
};

export function usePages(go: (href: string) => void): Doable[] {
  const t = useTranslations("shell.nav");
  const { id, role } = useOrganization();
  const { user } = useSession();
  const page = (label: string, href: string, icon: ReactNode, keywords = ""): Doable => {
    const keys = keysTo(href, id);
    return { id: `page ${href}`, label, keywords, icon, act: () => go(href), ...(keys === undefined ? {} : { keys }) };
  };
  const items = navItemsFor(role);
  const settings = items.find((item) => item.key === "settings");
  const gear = settings === undefined ? null : <settings.icon aria-hidden />;
  return [
    ...items.map(({ key, href, icon: Icon }) => page(t(key), href(id), <Icon aria-hidden />, "go to page")),
    page("Members", paths.settingsMembers(id), gear, "settings people invite roles"),
    page("Sites", paths.settingsSites(id), gear, "settings places"),
    page("Your account", paths.settingsAccount(id), gear, "settings password profile"),
    ...(user.installationAdmin ? [page("Installation", paths.settingsInstallation(id), gear, "settings organizations admin")] : []),
  ];
}

export function useMakers(go: (href: string) => void): Doable[] {
  const { id } = useOrganization();
  const createDenial = useDenial("instance.create");
  const hostDenial = useDenial("host.manage");
  const memberDenial = useDenial("member.manage");
  const keys = keysTo(paths.instanceNew(id), id);
  return [
    {
      id: "make instance",
      label: "Create instance",
      keywords: "new vm virtual machine server",
      icon: <Plus aria-hidden />,
      denial: createDenial,
      act: () => go(paths.instanceNew(id)),
      ...(keys === undefined ? {} : { keys }),
    },
    {
      id: "make host",
      label: "Add host",
      keywords: "new enrol hypervisor",
      icon: <Server aria-hidden />,
      denial: hostDenial,
      act: () => go(paths.hostNew(id)),
    },
    {
      id: "make member",
      label: "Invite somebody",
      keywords: "member user",
      icon: <UserPlus aria-hidden />,
      denial: memberDenial,
      act: () => go(paths.settingsMembers(id)),
    },
  ];
}

export function useOrganizations(go: (href: string) => void): Doable[] {
  const { organizations } = useSession();
  const { id } = useOrganization();
  return organizations
    .filter((each) => each.id !== id)
    .map((each) => ({
      id: `organization ${each.id}`,
      label: each.name,
      keywords: "switch organization customer",
      icon: <Building2 aria-hidden />,
      act: () => go(paths.organization(each.id)),
    }));
}

export function useOwn(close: () => void, onHelp: () => void): Doable[] {
  const theme = (value: "system" | "light" | "dark", icon: ReactNode): Doable => ({
    id: `theme ${value}`,
    label: `Theme: ${value}`,
    keywords: "appearance colours mode",
    icon,
    act: () => {
      applyTheme(value);
      close();
    },
  });
  return [
    { id: "help", label: "Keyboard shortcuts", keywords: "help keys", icon: <Keyboard aria-hidden />, keys: ["?"], act: onHelp },
    theme("light", <Sun aria-hidden />),
    theme("dark", <Moon aria-hidden />),
    theme("system", <Monitor aria-hidden />),
    {
      id: "sign out",
      label: "Sign out",
      keywords: "log out leave",
      icon: <LogOut aria-hidden />,
      act: () => void signOut({ callbackUrl: paths.signIn() }),
    },
  ];
}
