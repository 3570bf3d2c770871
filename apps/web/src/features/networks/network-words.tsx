import type { NetworkView } from "@indium/contract/api/catalogue-views";
import type { NetworkKind } from "@indium/contract/network";
import { StateBadge } from "@/ui/badge";
import type { Tone } from "@/ui/tone";

export const NETWORK_KIND: Record<NetworkKind, { label: string; sentence: string }> = {
  nat: {
    label: "NAT",
    sentence: "A private network on the host. Instances reach the outside through the host; nobody reaches them from outside.",
  },
  bridge: {
    label: "bridge",
    sentence:
      "Instances stand in the host's own LAN, with addresses from there: by a bridge on the host, or one that it makes of an interface.",
  },
  isolated: { label: "isolated", sentence: "Instances reach each other and nothing else." },
};

const STATE: Record<NetworkView["state"], { label: string; tone: Tone; active: boolean }> = {
  pending: { label: "Being made", tone: "accent", active: true },
  ready: { label: "Ready", tone: "good", active: false },
  failed: { label: "Failed", tone: "bad", active: false },
};

export function NetworkStateBadge({ state }: { state: NetworkView["state"] }) {
  const { label, tone, active } = STATE[state];
  return (
    <StateBadge tone={tone} active={active}>
      {label}
    </StateBadge>
  );
}
