"use client";

import type { HostView } from "@indium/contract/api/host-views";
import type { HostState } from "@indium/contract/states";
import { useTranslations } from "use-intl/react";
import { Badge, StateBadge } from "@/ui/badge";
import { RelativeTime } from "@/ui/relative-time";
import type { Tone } from "@/ui/tone";

/** For words about hosts that are made outside components. */
export type HostWords = ReturnType<typeof useTranslations<"hosts">>;

const STATE_TONE: Record<HostState, Tone> = { pending: "quiet", online: "good", unreachable: "bad", revoked: "quiet" };

export function HostStateBadge({ state }: { state: HostState }) {
  const t = useTranslations("hosts");
  return (
    <span data-host-state={state} className="inline-flex">
      <StateBadge tone={STATE_TONE[state]} active={state === "pending"}>
        {t(`states.${state}`)}
      </StateBadge>
    </span>
  );
}

export function HostBadges({ host }: { host: Pick<HostView, "simulated" | "local" | "facts" | "cordon"> }) {
  const t = useTranslations("hosts");
  return (
    <>
      {host.simulated ? <Badge tone="warn">{t("badges.simulated")}</Badge> : null}
      {host.cordon ? <Badge tone="warn">{t("badges.cordoned")}</Badge> : null}
      {host.local ? <Badge>{t("badges.local")}</Badge> : null}
      {!host.simulated && host.facts?.acceleration === "tcg" ? <Badge tone="warn">{t("badges.emulation")}</Badge> : null}
      {!host.simulated && host.facts?.acceleration === "kvm" ? <Badge tone="good">KVM</Badge> : null}
    </>
  );
}

/** Who cordoned it and why. */
export function cordonSentence(t: HostWords, { by, reason }: NonNullable<HostView["cordon"]>): string {
  return by === null ? t("cordoned", { reason }) : t("cordonedBy", { by, reason });
}

/** When a host that is away spoke last; `sentence`: standing by itself. */
export function LastHeard({ at, sentence = false }: { at: Date; sentence?: boolean }) {
  const t = useTranslations("hosts");
  return t.rich(sentence ? "page.lastHeard" : "lastHeard", { when: () => <RelativeTime date={at} /> });
}
