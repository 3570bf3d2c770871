import type { NetworkView } from "@indium/contract/api/catalogue-views";
import type { NetworkKind } from "@indium/contract/network";
import { useTranslations } from "use-intl/react";
import { StateBadge } from "@/ui/badge";
import type { Tone } from "@/ui/tone";

const STATE: Record<NetworkView["state"], { tone: Tone; active: boolean }> = {
  pending: { tone: "accent", active: true },
  ready: { tone: "good", active: false },
  failed: { tone: "bad", active: false },
};

export function NetworkStateBadge({ state }: { state: NetworkView["state"] }) {
  const t = useTranslations("networks.states");
  const { tone, active } = STATE[state];
  return (
    <StateBadge tone={tone} active={active}>
      {t(state)}
    </StateBadge>
  );
}

/** "NAT", "bridge": for the middle of a line. */
export function NetworkKindLabel({ kind }: { kind: NetworkKind }) {
  const t = useTranslations("networks.kinds");
  return t(`${kind}.label`);
}
