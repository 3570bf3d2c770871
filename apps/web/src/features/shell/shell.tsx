"use client";

import { Menu as MenuIcon } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl/react";
import { LiveNotice } from "@/features/live/live-notice";
import { SearchButton, SearchIconButton } from "@/features/palette/search-button";
import { paths } from "@/lib/path-builder";
import { Sheet } from "@/ui/dialog";
import { Logo } from "./logo";
import { Nav } from "./nav";
import { useOrganizationId } from "./organization-context";
import { OrganizationSwitcher } from "./organization-switcher";
import { UserMenu } from "./user-menu";

export function Shell({ children }: { children: ReactNode }) {
  const t = useTranslations("shell.frame");
  const [drawerOpen, setDrawerOpen] = useState(false);
  return (
    <div className="lg:grid lg:min-h-dvh lg:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-md bg-accent px-3 py-2 font-medium text-on-accent focus:translate-y-0"
      >
        {t("skip")}
      </a>
      <aside className="sticky top-0 hidden h-dvh flex-col border-line border-r bg-sunken lg:flex">
        <SidebarContents />
      </aside>
      <div className="flex min-w-0 flex-col">
        <header className="sticky top-0 z-30 flex h-14 items-center gap-2 border-line border-b bg-canvas px-3 lg:hidden">
          <button
            type="button"
            aria-label={t("openMenu")}
            aria-expanded={drawerOpen}
            onClick={() => setDrawerOpen(true)}
            className="flex size-10 items-center justify-center rounded-md text-ink-2 hover:bg-hover"
          >
            <MenuIcon aria-hidden className="size-5" />
          </button>
          <Brand />
          <SearchIconButton />
        </header>
        <LiveNotice />
        <main id="content" tabIndex={-1} className="min-w-0 flex-1 outline-none">
          {children}
        </main>
      </div>
      <Sheet open={drawerOpen} onOpenChange={setDrawerOpen} title={t("menu")}>
        <SidebarContents onNavigate={() => setDrawerOpen(false)} />
      </Sheet>
    </div>
  );
}

function SidebarContents({ onNavigate }: { onNavigate?: () => void }) {
  return (
    <>
      <div className="flex h-14 items-center px-4">
        <Brand />
      </div>
      <div className="px-3 pb-4">
        <OrganizationSwitcher />
        <div className="mt-2 -mb-2">
          <SearchButton {...(onNavigate ? { onOpen: onNavigate } : {})} />
        </div>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-3 py-0.5">
        <Nav {...(onNavigate ? { onNavigate } : {})} />
      </div>
      <div className="border-line border-t p-2">
        <UserMenu />
      </div>
    </>
  );
}

function Brand() {
  const organizationId = useOrganizationId();
  return (
    <Link href={paths.organization(organizationId)} className="flex items-center gap-2 rounded-md font-semibold tracking-tight">
      <Logo />
      Indium
    </Link>
  );
}
