"use client";

import type { NetworkView } from "@indium/contract/api/catalogue-views";
import type { HostView } from "@indium/contract/api/host-views";
import type { HostId, NetworkId, SizeId } from "@indium/contract/ids";
import { PLACEMENT_STRATEGIES } from "@indium/contract/plain/states";
import type { PlacementStrategy } from "@indium/contract/states";
import { cordonWords } from "@indium/domain/placement";
import { useTranslations } from "use-intl/react";
import { NetworkKindLabel } from "@/features/networks/network-words";
import { useOrganization } from "@/features/shell/organization-context";
import { formatBytes } from "@/lib/format";
import { oneOf } from "@/lib/one-of";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { PlacementPreview } from "./placement-preview";

interface PlacementSectionProps {
  hosts: readonly HostView[];
  networks: readonly NetworkView[];
  hostId: HostId | null;
  networkId: NetworkId | null;
  /** Null: as the organization's settings say. */
  placement: PlacementStrategy | null;
  sizeId: SizeId | null;
  onChange: (change: { hostId?: HostId | null; networkId?: NetworkId | null; placement?: PlacementStrategy | null }) => void;
}

/** Where it runs and what it is connected to; both may be left to Indium. */
export function PlacementSection({ hosts, networks, hostId, networkId, placement, sizeId, onChange }: PlacementSectionProps) {
  const strategies = useTranslations("organizations");
  const tHosts = useTranslations("hosts");
  const organization = useOrganization();
  const offered = networks.filter((network) => hostId === null || network.hostId === hostId);
  return (
    <div className="grid grid-cols-1 gap-5 sm:grid-cols-2">
      <Field label="Host" hint="Automatic says below where it goes.">
        <Select
          value={hostId ?? ""}
          onChange={(event) => {
            const next = hosts.find((host) => host.id === event.target.value)?.id ?? null;
            const keeps = next === null || networks.some((network) => network.id === networkId && network.hostId === next);
            onChange({ hostId: next, networkId: keeps ? networkId : null });
          }}
        >
          <option value="">Automatic</option>
          {hosts.map((host) => (
            <option key={host.id} value={host.id} disabled={host.state !== "online" || host.cordon !== null}>
              {host.name}
              {host.simulated ? " (simulated)" : ""}
              {host.cordon !== null
                ? `, ${cordonWords(host.cordon)}`
                : host.state === "online"
                  ? host.facts === null
                    ? ""
                    : `, ${formatBytes(Math.max(0, host.facts.memoryBytes - host.allocated.memoryBytes))} of memory unpromised`
                  : `, ${tHosts(`states.${host.state}`).toLowerCase()}`}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Network" hint="The default is the host's own network, behind NAT.">
        <Select
          value={networkId ?? ""}
          onChange={(event) => {
            const network = networks.find((each) => each.id === event.target.value);
            // A network lives on one host, so choosing it chooses the host.
            onChange({ hostId: network?.hostId ?? hostId, networkId: network?.id ?? null });
          }}
        >
          <option value="">Automatic</option>
          {offered.map((network) => (
            <option key={network.id} value={network.id} disabled={network.state === "failed"}>
              {network.name} on {network.hostName}, <NetworkKindLabel kind={network.kind} />
              {network.ipv4Cidr === null ? "" : `, ${network.ipv4Cidr}`}
            </option>
          ))}
        </Select>
      </Field>
      {hostId === null && networkId === null ? (
        <Field label="Placement" hint="Which of the hosts that have room.">
          <Select value={placement ?? ""} onChange={(event) => onChange({ placement: oneOf(PLACEMENT_STRATEGIES, event.target.value) })}>
            <option value="">{strategies(`asInSettings.${organization.placement}`)}</option>
            {PLACEMENT_STRATEGIES.map((strategy) => (
              <option key={strategy} value={strategy}>
                {strategies(`strategies.${strategy}`)}
              </option>
            ))}
          </Select>
        </Field>
      ) : null}
      {sizeId === null ? null : (
        <div className="sm:col-span-2">
          <PlacementPreview input={{ organizationId: organization.id, sizeId, hostId, networkId, placement }} />
        </div>
      )}
    </div>
  );
}
