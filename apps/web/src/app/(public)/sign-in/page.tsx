import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { nextAddress } from "@/features/sign-in/next-address";
import { SignInPage } from "@/features/sign-in/sign-in-page";
import { requestTranslator } from "@/lib/i18n/request-locale";
import { Words } from "@/lib/i18n/words";
import { paths } from "@/lib/path-builder";
import { contextOfRequest } from "@/server/api/request-context";
import { isSetUp } from "@/server/services/installation";

export async function generateMetadata(): Promise<Metadata> {
  const t = await requestTranslator();
  return { title: t("signIn.title") };
}
export const dynamic = "force-dynamic";

export default async function Page({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const { next } = await searchParams;
  const address = nextAddress(typeof next === "string" ? next : null);
  const { db, actor } = await contextOfRequest(await headers());
  if (actor !== null) redirect(address);
  if (!(await isSetUp(db))) redirect(paths.setup());
  return (
    <Words rooms={["signIn"]}>
      <SignInPage next={address} />
    </Words>
  );
}
