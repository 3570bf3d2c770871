"use client";

import { useTranslations } from "use-intl/react";
import { paths } from "@/lib/path-builder";
import { STAND_IN_BUTTON, StandIn } from "./stand-in";

/** `framed`: within the dashboard's frame, which is the page's `main` already. */
export function NothingHere({ framed = false }: { framed?: boolean }) {
  const t = useTranslations("shell.nothingHere");
  return (
    <StandIn
      framed={framed}
      title={t("title")}
      description={t("description")}
      action={
        <a href={paths.root()} className={STAND_IN_BUTTON}>
          {t("go")}
        </a>
      }
    />
  );
}
