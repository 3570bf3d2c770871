"use client";

import { signOut } from "next-auth/react";
import { useTranslations } from "use-intl/react";
import { paths } from "@/lib/path-builder";
import { Button } from "@/ui/button";

export function SignOutButton() {
  const t = useTranslations("common");
  return <Button onClick={() => void signOut({ callbackUrl: paths.signIn() })}>{t("signOut")}</Button>;
}
