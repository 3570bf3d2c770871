"use client";

import { useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import Link from "next/link";
import { useEffect } from "react";
import { InstanceStateBadge } from "@/features/instances/instance-state";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Spinner } from "@/ui/spinner";
import { consoleWish } from "./console-panel";
import { ConsoleScreen } from "./console-screen";

/** The console with all the room the window has. */
export function ConsolePage({ instanceId }: { instanceId: `i-${string}` }) {
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const instance = useQuery(trpc.instance.get.queryOptions({ instanceId }));
  const name = instance.data?.name;
  useEffect(() => {
    document.title = `${name ?? "Instance"} console · Indium`;
  }, [name]);
  if (instance.data === undefined) {
    return instance.error ? (
      <ErrorNotice title="Could not load this instance" error={instance.error} onRetry={() => void instance.refetch()} className="m-6" />
    ) : (
      <div role="status" aria-label="Loading the console…" className="flex h-64 items-center justify-center">
        <Spinner />
      </div>
    );
  }
  const { expected, sentence } = consoleWish(instance.data);
  return (
    <div className="flex h-[calc(100dvh-3.5rem)] flex-col lg:h-dvh">
      <h1 className="sr-only">Console of {instance.data.name}</h1>
      <ConsoleScreen
        focusOnConnect
        className="flex-1"
        instanceId={instance.data.id}
        name={instance.data.name}
        expected={expected}
        idleSentence={sentence}
        leading={
          <span className="mr-2 flex min-w-0 items-center gap-2.5">
            <Button asChild size="sm" variant="ghost">
              <Link href={paths.instance(organizationId, instanceId)}>
                <ArrowLeft aria-hidden />
                {instance.data.name}
              </Link>
            </Button>
            <InstanceStateBadge state={instance.data.state} className="text-[0.8125rem]" />
          </span>
        }
      />
    </div>
  );
}
