import type { Metadata } from "next";
import { headers } from "next/headers";
import { InvitationPage } from "@/features/invitation/invitation-page";
import { requestTranslator } from "@/lib/i18n/request-locale";
import { Words } from "@/lib/i18n/words";
import { contextOfRequest } from "@/server/api/request-context";

export async function generateMetadata(): Promise<Metadata> {
  const t = await requestTranslator();
  return { title: t("invitation.pageTitle") };
}
export const dynamic = "force-dynamic";

export default async function Page({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const { actor } = await contextOfRequest(await headers());
  return (
    <Words rooms={["invitation"]}>
      <InvitationPage token={token} signedIn={actor === null ? null : { name: actor.name, email: actor.email }} />
    </Words>
  );
}
