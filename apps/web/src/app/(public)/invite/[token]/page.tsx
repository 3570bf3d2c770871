import type { Metadata } from "next";
import { headers } from "next/headers";
import { InvitationPage } from "@/features/invitation/invitation-page";
import { contextOfRequest } from "@/server/api/request-context";

export const metadata: Metadata = { title: "Invitation" };
export const dynamic = "force-dynamic";

export default async function Page({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const { actor } = await contextOfRequest(await headers());
  return <InvitationPage token={token} signedIn={actor === null ? null : { name: actor.name, email: actor.email }} />;
}
