"use client";

import type { HostFacts } from "@indium/contract/host";
import { LAN_BRIDGE_LIMIT_SECONDS, LAN_BRIDGE_PREFIX } from "@indium/contract/plain/lan-bridge";
import { useTranslations } from "use-intl/react";
import { Alert } from "@/ui/alert";
import { Badge } from "@/ui/badge";
import { Checkbox } from "@/ui/checkbox";
import { RadioCards } from "@/ui/radio-cards";

type Nic = HostFacts["nics"][number];

/** `bridge`: one that is there. `uplink`: an interface of which the host makes one. */
export interface LanChoice {
  readonly kind: "bridge" | "uplink";
  readonly name: string;
}

/**
 * What can be chosen, and what cannot with why; bridges that hosts made belong to their network already.
 * `taken`: an interface's name to the network whose way to the LAN it is; the host's own word on that may be a while behind.
 */
export function lanChoices(
  nics: readonly Nic[],
  taken: ReadonlyMap<string, string>,
  t: ReturnType<typeof useTranslations<"networks">>,
): { readonly choice: LanChoice; readonly nic: Nic; readonly refusal: string | null }[] {
  const bridges = nics.filter((nic) => nic.bridge && !nic.name.startsWith(LAN_BRIDGE_PREFIX));
  const uplinks = nics.filter((nic) => !nic.bridge);
  return [
    ...bridges.map((nic) => ({ choice: { kind: "bridge" as const, name: nic.name }, nic, refusal: null })),
    ...uplinks.map((nic) => ({
      choice: { kind: "uplink" as const, name: nic.name },
      nic,
      refusal: taken.has(nic.name)
        ? t("lan.taken", { name: nic.name, network: taken.get(nic.name) ?? "" })
        : nic.bridgeRefusal === undefined
          ? t("lan.tooOld")
          : nic.bridgeRefusal,
    })),
  ];
}

const keyOf = (choice: LanChoice): string => `${choice.kind}:${choice.name}`;

interface LanChoiceFieldProps {
  hostName: string;
  nics: readonly Nic[];
  taken: ReadonlyMap<string, string>;
  value: LanChoice | null;
  onValueChange: (choice: LanChoice) => void;
  confirmed: boolean;
  onConfirmedChange: (confirmed: boolean) => void;
  error: string | null;
}

/** The way of a LAN network out of its host. An interface of the host's own is taken only after a confirmation. */
export function LanChoiceField({ hostName, nics, taken, value, onValueChange, confirmed, onConfirmedChange, error }: LanChoiceFieldProps) {
  const t = useTranslations("networks");
  const choices = lanChoices(nics, taken, t);
  const chosen = value === null ? undefined : choices.find(({ choice }) => keyOf(choice) === keyOf(value));
  return (
    <div className="flex flex-col gap-3">
      <p className="font-medium text-ink">{t("lan.title")}</p>
      {choices.length === 0 ? (
        <p className="text-ink-3">{t("lan.unknown", { host: hostName })}</p>
      ) : (
        <RadioCards
          label={t("lan.title")}
          value={value === null ? null : keyOf(value)}
          onValueChange={(key) => {
            const next = choices.find(({ choice }) => keyOf(choice) === key);
            if (next !== undefined) onValueChange(next.choice);
          }}
          columns={1}
          options={choices.map(({ choice, nic, refusal }) => ({
            value: keyOf(choice),
            title: (
              <span className="flex flex-wrap items-center gap-2">
                {choice.kind === "bridge" ? t("lan.useBridge", { name: nic.name }) : t("lan.makeBridge", { name: nic.name })}
                {nic.uplink ? <Badge>{t("lan.defaultRoute")}</Badge> : null}
              </span>
            ),
            description: (
              <>
                <span className="block break-words">{describe(nic, t)}</span>
                {refusal === null ? null : (
                  <span lang={refusal === nic.bridgeRefusal ? "en" : undefined} className="block break-words text-ink">
                    {refusal}
                  </span>
                )}
              </>
            ),
            disabled: refusal !== null,
          }))}
        />
      )}
      <div aria-live="polite" className="empty:hidden">
        {error === null ? null : <p className="text-bad">{error}</p>}
      </div>
      {chosen?.choice.kind === "uplink" && chosen.refusal === null ? (
        <Alert tone="warn" title={t("lan.changes", { host: hostName })}>
          <ul className="list-disc pl-4">
            <li>
              {chosen.nic.addresses.length === 0
                ? t("lan.howUnknown", { host: hostName, name: chosen.nic.name })
                : t("lan.how", { host: hostName, name: chosen.nic.name, addresses: chosen.nic.addresses.join(", ") })}
            </li>
            <li>{t("lan.back", { seconds: String(LAN_BRIDGE_LIMIT_SECONDS) })}</li>
            <li>{t("lan.reboot")}</li>
          </ul>
          <Checkbox
            className="mt-3"
            checked={confirmed}
            onCheckedChange={onConfirmedChange}
            label={t("lan.confirm", { name: chosen.nic.name, host: hostName })}
          />
        </Alert>
      ) : null}
    </div>
  );
}

function describe(nic: Nic, t: ReturnType<typeof useTranslations<"networks">>): string {
  const speed = nic.speedMbps === null ? null : nic.speedMbps >= 1_000 ? `${nic.speedMbps / 1_000} Gb/s` : `${nic.speedMbps} Mb/s`;
  return [nic.addresses.length === 0 ? t("lan.noAddresses") : nic.addresses.join(", "), nic.up ? speed : t("lan.down")]
    .filter(Boolean)
    .join(" · ");
}
