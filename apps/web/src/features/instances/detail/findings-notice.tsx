"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { SquareTerminal } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { paths } from "@/lib/path-builder";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { componentOnDemand } from "@/ui/on-demand";
import { RelativeTime } from "@/ui/relative-time";

const LastScreen = componentOnDemand(() => import("./last-screen").then((module) => module.LastScreen));

/** Why the guest hangs, as its serial port tells, with the lines; gone with the next boot that goes well. */
export function FindingsNotice({ instance }: { instance: InstanceView }) {
  const t = useTranslations("instancesDetail.findings");
  const words = useTranslations("instances.findings");
  const { findings, screen } = instance;
  const mayLook = instance.actions.openConsole.allowed;
  if (findings.length === 0 && screen === null) return null;
  return (
    <section aria-label={t("label")} className="mb-5 flex flex-col gap-3">
      {findings.toReversed().map((finding, index) => (
        <Alert
          key={finding.kind}
          tone="warn"
          title={words(`${finding.kind}.title`)}
          action={
            mayLook && index === 0 ? (
              <Button size="sm" asChild>
                <Link href={paths.instanceConsole(instance.organizationId, instance.id)}>
                  <SquareTerminal aria-hidden />
                  {t("openConsole")}
                </Link>
              </Button>
            ) : undefined
          }
        >
          <p>{t.rich("seen", { when: () => <RelativeTime date={new Date(finding.at)} />, next: words(`${finding.kind}.next`) })}</p>
          {finding.excerpt === "" ? null : (
            <pre
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
              tabIndex={0}
              role="log"
              aria-label={t("lines")}
              className="mt-2 max-h-56 overflow-auto whitespace-pre-wrap break-all rounded-md border border-line bg-sunken p-3 font-mono text-ink text-xs leading-relaxed"
            >
              {finding.excerpt}
            </pre>
          )}
        </Alert>
      ))}
      {screen === null ? null : <LastScreen instanceId={instance.id} screen={screen} />}
    </section>
  );
}
