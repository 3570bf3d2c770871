"use client";

import { Building2, Keyboard, LogOut, Monitor, Moon, Plus, Server, Sun, UserPlus } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { navItemsFor } from "@/features/shell/nav";
import { useDenial, useOrganization, useSession } from "@/features/shell/organization-context";
import { signOut } from "@/features/shell/sign-out";
import { applyTheme } from "@/features/shell/theme";
import { paths } from "@/lib/path-builder";
import type { Doable } from "./commands";
import { keysOf } from "./keys-of";
import { SHORTCUTS } from "./shortcuts";

const keysTo = (href: string, organizationId: string, ctrl: string): readonly string[] | undefined => {
  const shortcut = SHORTCUTS.find((each) => each.effect.kind === "go" && each.effect.to(organizationId) === href);
  return shortcut === undefined ? undefined : keysOf(shortcut, ctrl);
};

export function usePages(go: (href: string) => void): Doable[] {
  const t = useTranslations("palette");
  const tNav = useTranslations("shell.nav");
  const ctrl = t("ctrl");
  const { id, role } = useOrganization();
  const { user } = useSession();
  const page = (label: string, href: string, icon: ReactNode, keywords = ""): Doable => {
    const keys = keysTo(href, id, ctrl);
    return { id: `page ${href}`, label, keywords, icon, act: () => go(href), ...(keys === undefined ? {} : { keys }) };
  };
  const items = navItemsFor(role);
  const settings = items.find((item) => item.key === "settings");
  const gear = settings === undefined ? null : <settings.icon aria-hidden />;
  return [
    ...items.map(({ key, href, icon: Icon }) => page(tNav(key), href(id), <Icon aria-hidden />, t("pages.keywords"))),
    page(t("pages.members.label"), paths.settingsMembers(id), gear, t("pages.members.keywords")),
    page(t("pages.sites.label"), paths.settingsSites(id), gear, t("pages.sites.keywords")),
    page(t("pages.account.label"), paths.settingsAccount(id), gear, t("pages.account.keywords")),
    ...(user.installationAdmin
      ? [page(t("pages.installation.label"), paths.settingsInstallation(id), gear, t("pages.installation.keywords"))]
      : []),
  ];
}

export function useMakers(go: (href: string) => void): Doable[] {
  const t = useTranslations("palette");
  const { id } = useOrganization();
  const createDenial = useDenial("instance.create");
  const hostDenial = useDenial("host.manage");
  const memberDenial = useDenial("member.manage");
  const keys = keysTo(paths.instanceNew(id), id, t("ctrl"));
  return [
    {
      id: "make instance",
      label: t("make.instance.label"),
      keywords: t("make.instance.keywords"),
      icon: <Plus aria-hidden />,
      denial: createDenial,
      act: () => go(paths.instanceNew(id)),
      ...(keys === undefined ? {} : { keys }),
    },
    {
      id: "make host",
      label: t("make.host.label"),
      keywords: t("make.host.keywords"),
      icon: <Server aria-hidden />,
      denial: hostDenial,
      act: () => go(paths.hostNew(id)),
    },
    {
      id: "make member",
      label: t("make.member.label"),
      keywords: t("make.member.keywords"),
      icon: <UserPlus aria-hidden />,
      denial: memberDenial,
      act: () => go(paths.settingsMembers(id)),
    },
  ];
}

export function useOrganizations(go: (href: string) => void): Doable[] {
  const t = useTranslations("palette");
  const { organizations } = useSession();
  const { id } = useOrganization();
  return organizations
    .filter((each) => each.id !== id)
    .map((each) => ({
      id: `organization ${each.id}`,
      label: each.name,
      keywords: t("organizations.keywords"),
      icon: <Building2 aria-hidden />,
      act: () => go(paths.organization(each.id)),
    }));
}

export function useOwn(close: () => void, onHelp: () => void): Doable[] {
  const t = useTranslations("palette");
  const theme = (value: "system" | "light" | "dark", icon: ReactNode): Doable => ({
    id: `theme ${value}`,
    label: t(`own.themes.${value}`),
    keywords: t("own.themeKeywords"),
    icon,
    act: () => {
      applyTheme(value);
      close();
    },
  });
  return [
    { id: "help", label: t("own.help.label"), keywords: t("own.help.keywords"), icon: <Keyboard aria-hidden />, keys: ["?"], act: onHelp },
    theme("light", <Sun aria-hidden />),
    theme("dark", <Moon aria-hidden />),
    theme("system", <Monitor aria-hidden />),
    {
      id: "sign out",
      label: t("own.signOut.label"),
      keywords: t("own.signOut.keywords"),
      icon: <LogOut aria-hidden />,
      act: () => void signOut(),
    },
  ];
}
