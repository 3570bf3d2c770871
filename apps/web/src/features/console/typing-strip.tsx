"use client";

import { useTranslations } from "use-intl/react";
import { useFormat } from "@/lib/i18n/use-format";
import { Button } from "@/ui/button";
import { Progress } from "@/ui/progress";
import type { TypingProgress } from "./use-typist";

export function TypingStrip({ progress, onStop }: { progress: TypingProgress; onStop: () => void }) {
  const t = useTranslations("console");
  const format = useFormat();
  return (
    <div className="flex items-center gap-3 border-line border-b px-3 py-1.5 text-[0.8125rem] text-ink-2">
      <span className="whitespace-nowrap tabular-nums">
        {t("paste.progress", { typed: format.count(progress.typed), total: format.count(progress.total) })}
      </span>
      <Progress className="flex-1" label={t("paste.progressLabel")} value={progress.total === 0 ? 0 : progress.typed / progress.total} />
      <Button size="sm" onClick={onStop}>
        {t("paste.stop")}
      </Button>
    </div>
  );
}
