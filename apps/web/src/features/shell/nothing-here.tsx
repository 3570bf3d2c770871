"use client";

import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { paths } from "@/lib/path-builder";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";

export function NothingHere() {
  const t = useTranslations("shell.nothingHere");
  return (
    <main className="flex min-h-[70dvh] items-center justify-center">
      <EmptyState
        title={t("title")}
        description={t("description")}
        action={
          <Button asChild variant="primary">
            <Link href={paths.root()}>{t("go")}</Link>
          </Button>
        }
      />
    </main>
  );
}
