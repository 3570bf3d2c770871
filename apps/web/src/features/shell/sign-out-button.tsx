"use client";

import { signOut } from "next-auth/react";
import { paths } from "@/lib/path-builder";
import { Button } from "@/ui/button";

export function SignOutButton() {
  return <Button onClick={() => void signOut({ callbackUrl: paths.signIn() })}>Sign out</Button>;
}
