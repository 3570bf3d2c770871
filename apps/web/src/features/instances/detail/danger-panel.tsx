"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { componentOnDemand } from "@/ui/on-demand";
import { useActionDenial } from "../action-denial";
import type { useInstanceActions } from "../use-instance-actions";

const RebuildDialog = componentOnDemand(() => import("./settings/rebuild-dialog").then((module) => module.RebuildDialog));

interface DangerPanelProps {
  instance: InstanceView;
  actions: ReturnType<typeof useInstanceActions>;
}

export function DangerPanel({ instance, actions }: DangerPanelProps) {
  const t = useTranslations("instancesDetail.danger");
  const [rebuilding, setRebuilding] = useState(false);
  const denialOf = useActionDenial();
  return (
    <div className="flex flex-col gap-5">
      <Section title={t("rebuildTitle")}>
        <div className="flex flex-wrap items-center justify-between gap-4">
          <p className="min-w-0 flex-1 basis-64 text-pretty text-ink-2">{t("rebuildDescription")}</p>
          <Button variant="dangerQuiet" disabledReason={denialOf("rebuild", instance.actions.rebuild)} onClick={() => setRebuilding(true)}>
            {t("rebuild")}
          </Button>
        </div>
      </Section>
      <Section title={t("deleteTitle")}>
        <div className="flex flex-wrap items-center justify-between gap-4">
          <p className="min-w-0 flex-1 basis-64 text-pretty text-ink-2">{t("deleteDescription")}</p>
          <Button
            variant="dangerQuiet"
            loading={actions.sending(instance) === "delete"}
            disabledReason={denialOf("delete", instance.actions.delete)}
            onClick={() => actions.act(instance, "delete")}
          >
            {t("delete")}
          </Button>
        </div>
      </Section>
      {rebuilding ? <RebuildDialog instance={instance} onClose={() => setRebuilding(false)} /> : null}
    </div>
  );
}
