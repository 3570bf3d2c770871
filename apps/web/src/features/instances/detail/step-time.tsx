"use client";

import { useTranslations } from "use-intl/react";
import { useFormat } from "@/lib/i18n/use-format";
import { Badge } from "@/ui/badge";
import { useNow } from "@/ui/clock";
import { Tooltip } from "@/ui/tooltip";
import { LiveSeconds } from "./live-seconds";

export interface TimedStep {
  state: string;
  startedAt: Date | null;
  endedAt: Date | null;
  slowAfterSeconds: number | null;
}

/** Seconds it took; null while it has not both begun and ended. */
export function tookSeconds(step: Pick<TimedStep, "startedAt" | "endedAt">): number | null {
  return step.startedAt === null || step.endedAt === null ? null : (step.endedAt.getTime() - step.startedAt.getTime()) / 1_000;
}

/** Done: how long it took, and (where it is known) when it was done, counted from the beginning. Under way: seconds, moving. */
export function StepTime({ step, atSeconds = null }: { step: TimedStep; atSeconds?: number | null }) {
  const t = useTranslations("instancesTimeline");
  const format = useFormat();
  if (step.state === "running" && step.startedAt !== null) {
    return (
      <>
        <SlowWhileRunning since={step.startedAt} after={step.slowAfterSeconds} />
        <LiveSeconds since={step.startedAt} />
      </>
    );
  }
  if (step.state === "pending" || step.state === "skipped") return null;
  const took = tookSeconds(step);
  const isSlow = took !== null && step.slowAfterSeconds !== null && took > step.slowAfterSeconds;
  return (
    <>
      {isSlow ? <Slow after={step.slowAfterSeconds} /> : null}
      {took !== null && (took >= 0.05 || atSeconds === null) ? (
        <span className={atSeconds === null ? "" : "mr-2 max-sm:hidden"}>
          {atSeconds === null ? format.seconds(took) : t("took", { time: format.seconds(took) })}
        </span>
      ) : null}
      {atSeconds === null ? null : <span className="text-ink-2">{format.seconds(atSeconds)}</span>}
    </>
  );
}

function SlowWhileRunning({ since, after }: { since: Date; after: number | null }) {
  const now = useNow();
  return now !== null && after !== null && now - since.getTime() > after * 1_000 ? <Slow after={after} /> : null;
}

function Slow({ after }: { after: number | null }) {
  const t = useTranslations("instancesTimeline");
  const format = useFormat();
  return (
    <Tooltip content={t("slowWhy", { seconds: format.count(after ?? 0) })}>
      <button type="button" className="mr-2 cursor-help rounded align-baseline">
        <Badge tone="warn">{t("slow")}</Badge>
      </button>
    </Tooltip>
  );
}
