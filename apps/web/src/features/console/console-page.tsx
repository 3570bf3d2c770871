"use client";

import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, Share2, SquareArrowOutUpRight } from "lucide-react";
import Link from "next/link";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useActionDenial } from "@/features/instances/action-denial";
import { InstanceStateBadge } from "@/features/instances/instance-state";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { useUrlChoice } from "@/lib/use-url-choice";
import { Button, IconButton } from "@/ui/button";
import { cn } from "@/ui/cn";
import { Spinner } from "@/ui/spinner";
import { consoleWish } from "./console-panel";
import { ConsoleScreen } from "./console-screen";
import { useInstanceSource } from "./console-source";
import { ControlBar } from "./control-bar";
import { LazySerialTerminal } from "./serial-panel";
import { ShareDialog } from "./share-dialog";
import { controlSinceOf, useConsoleRoom } from "./use-console-room";
import { CONSOLE_VIEWS, ViewChoice } from "./view-choice";

interface ConsolePageProps {
  instanceId: `i-${string}`;
  /** In a window of its own, without the dashboard around it. */
  popOut?: boolean;
}

/** The console with all the room the window has: the screen, the serial port, or both side by side. */
export function ConsolePage({ instanceId, popOut = false }: ConsolePageProps) {
  const t = useTranslations("console");
  const tCommon = useTranslations("common");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const denialOf = useActionDenial();
  const instance = useQuery(trpc.instance.get.queryOptions({ instanceId }));
  const source = useInstanceSource(instanceId);
  const room = useConsoleRoom(instanceId);
  const [sharing, setSharing] = useState(false);
  const [view, setView] = useUrlChoice("view", CONSOLE_VIEWS);
  const name = instance.data?.name;
  useEffect(() => {
    document.title = name === undefined ? t("documentTitleUnknown") : t("documentTitle", { name });
  }, [t, name]);
  if (instance.data === undefined) {
    return instance.error ? (
      <ErrorNotice
        title={tCommon("couldNotLoad", { what: t("what") })}
        error={instance.error}
        onRetry={() => void instance.refetch()}
        className="m-6"
      />
    ) : (
      <div role="status" aria-label={t("loading")} className="flex h-64 items-center justify-center">
        <Spinner />
      </div>
    );
  }
  const { expected, sentence } = consoleWish(t, denialOf, instance.data);
  const common = {
    source,
    mode: "control",
    controlSince: controlSinceOf(room),
    name: instance.data.name,
    expected,
    idleSentence: sentence,
  } as const;
  const openWindow = () => {
    window.open(paths.instanceConsoleWindow(organizationId, instanceId), `console-${instanceId}`, "popup,width=1080,height=860");
  };
  return (
    <div className={cn("flex flex-col", popOut ? "h-dvh" : "h-[calc(100dvh-3.5rem)] lg:h-dvh")}>
      <h1 className="sr-only">{t("title", { name: instance.data.name })}</h1>
      <header className="flex flex-wrap items-center gap-2 border-line border-b bg-surface px-2 py-1.5">
        {popOut ? (
          <span className="truncate px-2 font-medium">{instance.data.name}</span>
        ) : (
          <Button asChild size="sm" variant="ghost">
            <Link href={paths.instance(organizationId, instanceId)}>
              <ArrowLeft aria-hidden />
              {instance.data.name}
            </Link>
          </Button>
        )}
        <InstanceStateBadge state={instance.data.state} className="text-[0.8125rem]" />
        <span className="ml-auto flex items-center gap-1">
          <Button size="sm" variant="ghost" onClick={() => setSharing(true)}>
            <Share2 aria-hidden />
            <span className="max-sm:sr-only">{t("share")}</span>
          </Button>
          <ViewChoice value={view} onChange={setView} />
          {popOut ? null : (
            <IconButton size="iconSm" label={t("openWindow")} onClick={openWindow}>
              <SquareArrowOutUpRight aria-hidden />
            </IconButton>
          )}
        </span>
      </header>
      <ControlBar handle={room} />
      <ShareDialog instanceId={instanceId} name={instance.data.name} open={sharing} onOpenChange={setSharing} />
      <div className={cn("grid min-h-0 flex-1 grid-cols-1", view === "both" && "grid-rows-2 xl:grid-cols-2 xl:grid-rows-1")}>
        {view === "serial" ? null : (
          <ConsoleScreen {...common} sharesClipboard={instance.data.desktop} focusOnConnect className="min-h-0" />
        )}
        {view === "screen" ? null : (
          <LazySerialTerminal {...common} className={cn("min-h-0", view === "both" && "border-line max-xl:border-t xl:border-l")} />
        )}
      </div>
    </div>
  );
}
