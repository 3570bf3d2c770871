"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect } from "react";
import { useTranslations } from "use-intl/react";
import { LiveProvider } from "@/features/live/live-provider";
import { OperationToasts } from "@/features/operations/operation-toasts";
import { PaletteProvider } from "@/features/palette/palette-provider";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Spinner } from "@/ui/spinner";
import { ErrorNotice } from "./error-notice";
import { OrganizationProvider } from "./organization-context";
import { Shell } from "./shell";

interface OrganizationShellProps {
  organizationId: string;
  /** Without the dashboard's frame, for a window of its own. */
  bare?: boolean;
  children: ReactNode;
}

/** Everything of one organization: who is signed in, which organization, its live feed, and the frame around the page. */
export function OrganizationShell({ organizationId, bare = false, children }: OrganizationShellProps) {
  const t = useTranslations("shell.session");
  const trpc = useTRPC();
  const router = useRouter();
  const session = useQuery(trpc.session.get.queryOptions());
  const signedOut = session.error !== null && wireErrorOf(session.error).code === "unauthenticated";
  useEffect(() => {
    if (signedOut) router.replace(paths.signIn());
  }, [signedOut, router]);

  if (session.data === undefined) {
    if (session.error !== null && !signedOut) {
      return (
        <div className="mx-auto max-w-lg p-6 pt-24">
          <ErrorNotice title={t("failed")} error={session.error} onRetry={() => void session.refetch()} />
        </div>
      );
    }
    return (
      <div role="status" aria-label={t("loading")} className="flex min-h-dvh items-center justify-center text-ink-3">
        <Spinner className="size-5" />
      </div>
    );
  }
  const organization = session.data.organizations.find((each) => each.id === organizationId);
  if (organization === undefined) return <NoSuchOrganization first={session.data.organizations[0]?.id ?? null} />;
  return (
    <OrganizationProvider value={{ session: session.data, organization }}>
      <LiveProvider key={organization.id} organizationId={organization.id}>
        {bare ? (
          <main>{children}</main>
        ) : (
          <OperationToasts>
            <PaletteProvider>
              <Shell>{children}</Shell>
            </PaletteProvider>
          </OperationToasts>
        )}
      </LiveProvider>
    </OrganizationProvider>
  );
}

function NoSuchOrganization({ first }: { first: string | null }) {
  const t = useTranslations("shell.noOrganization");
  const router = useRouter();
  return (
    <main className="flex min-h-dvh items-center justify-center">
      <EmptyState
        title={t("title")}
        description={t("description")}
        action={
          first === null ? undefined : (
            <Button variant="primary" onClick={() => router.replace(paths.organization(first))}>
              {t("go")}
            </Button>
          )
        }
      />
    </main>
  );
}
