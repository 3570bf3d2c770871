"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { useTranslations } from "use-intl/react";
import { StateBadge } from "@/ui/badge";
import { CodeLine } from "@/ui/copy-button";

export function SshLine({ ssh }: { ssh: NonNullable<InstanceView["ssh"]> }) {
  const t = useTranslations("instancesDetail.ssh");
  return (
    <div>
      <div className="mb-1.5 flex items-center justify-between gap-3">
        <h3 className="font-medium">{t("title")}</h3>
        <StateBadge tone={ssh.answering ? "good" : "quiet"} active={!ssh.answering} className="text-[0.8125rem]">
          {ssh.answering ? t("answering") : t("notAnswering")}
        </StateBadge>
      </div>
      <CodeLine code={ssh.command} label={t("copy")} />
      <p lang="en" className="mt-1.5 text-pretty text-[0.8125rem] text-ink-3">
        {ssh.explanation}
      </p>
    </div>
  );
}
