"use client";

import type { NetworkView } from "@indium/contract/api/catalogue-views";
import type { HostView } from "@indium/contract/api/host-views";
import type { HostId, NetworkId, SizeId } from "@indium/contract/ids";
import { PLACEMENT_STRATEGIES } from "@indium/contract/plain/states";
import type { PlacementStrategy } from "@indium/contract/states";
import { useTranslations } from "use-intl/react";
import { useOrganization } from "@/features/shell/organization-context";
import { useFormat } from "@/lib/i18n/use-format";
import { oneOf } from "@/lib/one-of";
import { Field } from "@/ui/field";
import { componentOnDemand } from "@/ui/on-demand";
import { Select } from "@/ui/select";

const PlacementPreview = componentOnDemand(() => import("./placement-preview").then((module) => module.PlacementPreview), { soon: true });

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
  const t = useTranslations("instancesCreate.place");
  const common = useTranslations("common");
  const format = useFormat();
  const hostWords = (host: HostView): string => {
    const name = host.simulated ? t("simulatedHost", { host: host.name }) : host.name;
    if (host.cordon !== null) {
      const { by, reason } = host.cordon;
      return by === null ? t("hostCordoned", { host: name, reason }) : t("hostCordonedBy", { host: name, by, reason });
    }
    if (host.state !== "online") return t("hostAway", { host: name, state: host.state });
    if (host.facts === null) return name;
    return t("hostFree", { host: name, memory: format.bytes(Math.max(0, host.facts.memoryBytes - host.allocated.memoryBytes)) });
  };
  const kind = useTranslations("networks.kinds");
  const strategies = useTranslations("organizations");
  const organization = useOrganization();
  const offered = networks.filter((network) => hostId === null || network.hostId === hostId);
  return (
    <div className="grid grid-cols-1 gap-5 sm:grid-cols-2">
      <Field label={common("host")} hint={t("hostHint")}>
        <Select
          value={hostId ?? ""}
          onChange={(event) => {
            const next = hosts.find((host) => host.id === event.target.value)?.id ?? null;
            const keeps = next === null || networks.some((network) => network.id === networkId && network.hostId === next);
            onChange({ hostId: next, networkId: keeps ? networkId : null });
          }}
        >
          <option value="">{t("automatic")}</option>
          {hosts.map((host) => (
            <option key={host.id} value={host.id} disabled={host.state !== "online" || host.cordon !== null}>
              {hostWords(host)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={common("network")} hint={t("networkHint")}>
        <Select
          value={networkId ?? ""}
          onChange={(event) => {
            const network = networks.find((each) => each.id === event.target.value);
            // A network lives on one host, so choosing it chooses the host.
            onChange({ hostId: network?.hostId ?? hostId, networkId: network?.id ?? null });
          }}
        >
          <option value="">{t("automatic")}</option>
          {offered.map((network) => (
            <option key={network.id} value={network.id} disabled={network.state === "failed"}>
              {t("networkOn", { network: network.name, host: network.hostName, kind: kind(`${network.kind}.label`) })}
              {network.ipv4Cidr === null ? "" : `, ${network.ipv4Cidr}`}
            </option>
          ))}
        </Select>
      </Field>
      {hostId === null && networkId === null ? (
        <Field label={t("placement")} hint={t("placementHint")} className="sm:col-span-2">
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
