"use client";

import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { useFormat } from "@/lib/i18n/use-format";
import { Button } from "@/ui/button";
import type { Choices } from "./create-form";

interface SummaryProps {
  name: string;
  chosen: Choices;
  hostName: string | null;
  networkName: string | null;
  hasUserData: boolean;
  pending: boolean;
  refusal: string | null;
  error: ReactNode;
}

/** What Create will make, always in sight: beside the form, or at the foot of a small screen. */
export function Summary({ name, chosen, hostName, networkName, hasUserData, pending, refusal, error }: SummaryProps) {
  const t = useTranslations("instancesCreate.summary");
  const place = useTranslations("instancesCreate.place");
  const common = useTranslations("common");
  const format = useFormat();
  const lines: readonly (readonly [string, string])[] = [
    [common("image"), chosen.image?.name ?? "–"],
    [common("size"), chosen.size === null ? "–" : format.shape(chosen.size.vcpus, chosen.size.memoryBytes)],
    [common("disk"), chosen.diskBytes === null ? "–" : format.bytes(chosen.diskBytes)],
    [common("host"), hostName ?? place("automatic")],
    [common("network"), networkName ?? place("automatic")],
    [t("access"), accessWords(chosen, t)],
    ...(hasUserData ? ([[t("userData"), t("yes")]] as const) : []),
  ];
  return (
    <aside
      aria-label={t("label")}
      className="max-lg:-mx-4 max-lg:sm:-mx-6 z-20 min-w-0 border-line bg-surface max-lg:sticky max-lg:bottom-0 max-lg:border-t max-lg:px-4 max-lg:py-3 max-lg:sm:px-6 lg:sticky lg:top-8 lg:rounded-xl lg:border lg:p-4 lg:shadow-card"
    >
      <h2 className="truncate font-semibold max-lg:sr-only">{name === "" ? t("newInstance") : name}</h2>
      <dl className="mt-3 mb-4 flex flex-col gap-2 max-lg:hidden">
        {lines.map(([label, value]) => (
          <div key={label} className="flex items-baseline justify-between gap-4">
            <dt className="shrink-0 text-ink-3">{label}</dt>
            <dd className="min-w-0 truncate text-right">{value}</dd>
          </div>
        ))}
      </dl>
      {error ? <div className="mb-3">{error}</div> : null}
      <div className="flex items-center gap-3">
        <p className="min-w-0 flex-1 truncate text-[0.8125rem] text-ink-2 lg:hidden">
          {[chosen.image?.name, chosen.size?.name].filter(Boolean).join(" · ")}
        </p>
        <div className="lg:w-full">
          <Button type="submit" variant="primary" size="lg" className="lg:w-full" loading={pending} disabledReason={refusal}>
            {pending ? t("creating") : t("create")}
          </Button>
        </div>
      </div>
      <p className="mt-2 text-center text-ink-3 text-xs max-lg:hidden">
        {t.rich("orPress", { key: (name) => <kbd className="rounded border border-line bg-sunken px-1 font-sans">{name}</kbd> })}
      </p>
    </aside>
  );
}

function accessWords({ sshKeyIds, password }: Choices, t: ReturnType<typeof useTranslations<"instancesCreate.summary">>): string {
  const count = sshKeyIds.length;
  if (count === 0) return password === null ? t("noAccess") : t("password");
  return password === null ? t("keys", { count }) : t("keysAndPassword", { count });
}
