import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SetupPage } from "@/features/setup/setup-page";
import { requestTranslator } from "@/lib/i18n/request-locale";
import { Words } from "@/lib/i18n/words";
import { paths } from "@/lib/path-builder";
import { db } from "@/server/db";
import { isSetUp } from "@/server/services/installation";

export async function generateMetadata(): Promise<Metadata> {
  const t = await requestTranslator();
  return { title: t("setup.pageTitle") };
}
export const dynamic = "force-dynamic";

export default async function Page({ searchParams }: { searchParams: Promise<{ token?: string | string[] }> }) {
  const { token } = await searchParams;
  if (token === undefined && (await isSetUp(db()))) redirect(paths.signIn());
  return (
    <Words rooms={["setup"]}>
      <SetupPage token={typeof token === "string" ? token.slice(0, 200) : null} />
    </Words>
  );
}
