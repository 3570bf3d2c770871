"use client";

import { Ellipsis } from "lucide-react";
import { useTranslations } from "use-intl/react";
import { Menu } from "@/ui/dropdown-menu";
import { componentOnDemand } from "@/ui/on-demand";
import type { InstanceMenuProps } from "./instance-menu-items";

const InstanceMenuItems = componentOnDemand(() => import("./instance-menu-items").then((module) => module.InstanceMenuItems), {
  soon: true,
});

export function InstanceRowMenu(props: InstanceMenuProps) {
  const t = useTranslations("instances");
  return (
    <Menu
      className="w-64"
      trigger={
        <button
          type="button"
          aria-label={t("menu", { name: props.instance.name })}
          className="inline-flex size-8 items-center justify-center rounded-md text-ink-3 hover:bg-hover hover:text-ink max-sm:size-10"
        >
          <Ellipsis aria-hidden className="size-4" />
        </button>
      }
    >
      <InstanceMenuItems {...props} />
    </Menu>
  );
}
