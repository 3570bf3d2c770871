"use client";

import { useTranslations } from "use-intl/react";
import { signOut } from "@/features/shell/sign-out";
import { Button } from "@/ui/button";

export function SignOutButton() {
  const t = useTranslations("common");
  return <Button onClick={() => void signOut()}>{t("signOut")}</Button>;
}
