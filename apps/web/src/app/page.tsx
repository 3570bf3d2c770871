import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { SignOutButton } from "@/features/shell/sign-out-button";
import { requestTranslator } from "@/lib/i18n/request-locale";
import { paths } from "@/lib/path-builder";
import { contextOfRequest } from "@/server/api/request-context";
import { isSetUp } from "@/server/services/installation";
import { sessionOf } from "@/server/services/organizations";
import { EmptyState } from "@/ui/empty-state";

export const dynamic = "force-dynamic";

/** The front door: set-up, sign-in, or the first organization. */
export default async function Home() {
  const { db, actor } = await contextOfRequest(await headers());
  if (actor === null) redirect((await isSetUp(db)) ? paths.signIn() : paths.setup());
  const first = (await sessionOf(db, actor)).organizations[0];
  if (first !== undefined) redirect(paths.organization(first.id));
  const t = await requestTranslator();
  return (
    <main className="flex min-h-dvh items-center justify-center">
      <EmptyState title={t("shell.inNone.title")} description={t("shell.inNone.description")} action={<SignOutButton />} />
    </main>
  );
}
