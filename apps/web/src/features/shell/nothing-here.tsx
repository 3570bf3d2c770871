"use client";

import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { paths } from "@/lib/path-builder";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";

/** `framed`: within the dashboard's frame, which is the page's `main` already. */
export function NothingHere({ framed = false }: { framed?: boolean }) {
  const t = useTranslations("shell.nothingHere");
  const Box = framed ? "div" : "main";
  return (
    <Box className="flex min-h-[70dvh] items-center justify-center">
      <EmptyState
        title={t("title")}
        description={t("description")}
        action={
          <Button asChild variant="primary">
            <Link href={paths.root()}>{t("go")}</Link>
          </Button>
        }
      />
    </Box>
  );
}
