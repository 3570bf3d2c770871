import type { HostView } from "@indium/contract/api/host-views";
import type { Acceleration } from "@indium/contract/host";
import type { HostState } from "@indium/contract/states";
import { Badge, StateBadge } from "@/ui/badge";
import type { Tone } from "@/ui/tone";

export const HOST_STATE: Record<HostState, { label: string; tone: Tone }> = {
  pending: { label: "Not linked yet", tone: "quiet" },
  online: { label: "Online", tone: "good" },
  unreachable: { label: "Unreachable", tone: "bad" },
  revoked: { label: "Revoked", tone: "quiet" },
};

export function HostStateBadge({ state }: { state: HostState }) {
  const { label, tone } = HOST_STATE[state];
  return (
    <span data-host-state={state} className="inline-flex">
      <StateBadge tone={tone} active={state === "pending"}>
        {label}
      </StateBadge>
    </span>
  );
}

/** How fast its VMs run, said plainly. */
export const ACCELERATION: Record<Acceleration, { label: string; sentence: string }> = {
  kvm: { label: "KVM", sentence: "VMs run at the processor's own speed." },
  tcg: { label: "Emulation", sentence: "Without KVM, VMs are emulated in software: everything works, at a tenth of the speed or less." },
  simulated: { label: "Simulated", sentence: "Nothing really runs here: this host only pretends, for trying Indium out." },
};

export function HostBadges({ host }: { host: Pick<HostView, "simulated" | "local" | "facts" | "cordon"> }) {
  return (
    <>
      {host.simulated ? <Badge tone="warn">simulated</Badge> : null}
      {host.cordon ? <Badge tone="warn">cordoned</Badge> : null}
      {host.local ? <Badge>this machine</Badge> : null}
      {!host.simulated && host.facts?.acceleration === "tcg" ? <Badge tone="warn">emulation</Badge> : null}
      {!host.simulated && host.facts?.acceleration === "kvm" ? <Badge tone="good">KVM</Badge> : null}
    </>
  );
}
