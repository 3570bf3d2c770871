"use client";

import { useQuery } from "@tanstack/react-query";
import { Eye } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useStateDenial } from "@/features/instances/action-denial";
import { consoleExpected, InstanceStateBadge } from "@/features/instances/instance-state";
import { ErrorNotice } from "@/features/shell/error-notice";
import { PublicFrame } from "@/features/sign-in/public-frame";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Badge } from "@/ui/badge";
import { cn } from "@/ui/cn";
import { RelativeTime } from "@/ui/relative-time";
import { Spinner } from "@/ui/spinner";
import { ConsoleScreen } from "./console-screen";
import type { ConsoleSource } from "./console-source";
import { LazySerialTerminal } from "./serial-panel";
import { type ConsoleView, ViewChoice } from "./view-choice";

/** A guest is told nothing live: what they may see changes seldom. */
const LOOK_AGAIN_MS = 5_000;

/** One instance's console for whoever holds a link to it: to look, until the link ends. */
export function SharedConsolePage({ token }: { token: string }) {
  const t = useTranslations("console");
  const denialOf = useStateDenial();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [view, setView] = useState<ConsoleView>("screen");
  const shared = useQuery({
    ...trpc.share.lookup.queryOptions({ token }),
    refetchInterval: LOOK_AGAIN_MS,
    retry: (count, thrown) => count < 3 && !OVER.has(wireErrorOf(thrown).code),
  });
  const source = useMemo<ConsoleSource>(
    () => ({
      open: async (kind) => {
        const { url, mode } = await client.share.open.mutate({ token, kind });
        return { url, mode };
      },
      serialLog: null,
    }),
    [client, token],
  );
  const name = shared.data?.instanceName;
  useEffect(() => {
    document.title = name === undefined ? t("documentTitleShared") : t("documentTitle", { name });
  }, [t, name]);
  if (shared.error !== null && (shared.data === undefined || OVER.has(wireErrorOf(shared.error).code))) {
    return (
      <PublicFrame title={t("shared.nothing")}>
        <ErrorNotice error={shared.error} />
      </PublicFrame>
    );
  }
  if (shared.data === undefined) {
    return (
      <div role="status" aria-label={t("shared.loading")} className="flex min-h-dvh items-center justify-center text-ink-3">
        <Spinner className="size-5" />
      </div>
    );
  }
  const { state, refusal, instanceName, sharedBy, expiresAt } = shared.data;
  const common = {
    source,
    mode: "view",
    controlSince: null,
    name: instanceName,
    expected: refusal === null && consoleExpected(state),
    idleSentence: refusal === null ? t("noScreen") : denialOf(refusal),
  } as const;
  return (
    <main className="flex h-dvh flex-col">
      <h1 className="sr-only">{t("title", { name: instanceName })}</h1>
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-b bg-surface px-3 py-1.5 text-[0.8125rem]">
        <span className="truncate font-medium text-sm">{instanceName}</span>
        <InstanceStateBadge state={state} className="text-[0.8125rem]" />
        <Badge tone="info">
          <Eye aria-hidden className="size-3" />
          {t("shared.viewOnly")}
        </Badge>
        <span className="text-ink-3">{t.rich("shared.by", { name: sharedBy, when: () => <RelativeTime date={expiresAt} /> })}</span>
        <span className="ml-auto">
          <ViewChoice value={view} onChange={setView} />
        </span>
      </header>
      <div className={cn("grid min-h-0 flex-1 grid-cols-1", view === "both" && "grid-rows-2 xl:grid-cols-2 xl:grid-rows-1")}>
        {view === "serial" ? null : <ConsoleScreen {...common} sharesClipboard={false} className="min-h-0" />}
        {view === "screen" ? null : (
          <LazySerialTerminal {...common} className={cn("min-h-0", view === "both" && "border-line max-xl:border-t xl:border-l")} />
        )}
      </div>
    </main>
  );
}

const OVER: ReadonlySet<string> = new Set(["token_invalid", "token_expired"]);
