"use client";

import type { HostFacts } from "@indium/contract/host";
import { LAN_BRIDGE_LIMIT_SECONDS, LAN_BRIDGE_PREFIX } from "@indium/contract/plain/lan-bridge";
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
): { readonly choice: LanChoice; readonly nic: Nic; readonly refusal: string | null }[] {
  const bridges = nics.filter((nic) => nic.bridge && !nic.name.startsWith(LAN_BRIDGE_PREFIX));
  const uplinks = nics.filter((nic) => !nic.bridge);
  return [
    ...bridges.map((nic) => ({ choice: { kind: "bridge" as const, name: nic.name }, nic, refusal: null })),
    ...uplinks.map((nic) => ({
      choice: { kind: "uplink" as const, name: nic.name },
      nic,
      refusal: taken.has(nic.name)
        ? `${nic.name} is the way of the network ${taken.get(nic.name) ?? ""} to the LAN. Use that network.`
        : nic.bridgeRefusal === undefined
          ? "The agent on this host is too old to make a bridge. Upgrade it, or make the bridge on the machine."
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
  const choices = lanChoices(nics, taken);
  const chosen = value === null ? undefined : choices.find(({ choice }) => keyOf(choice) === keyOf(value));
  return (
    <div className="flex flex-col gap-3">
      <p className="font-medium text-ink">Way to the LAN</p>
      {choices.length === 0 ? (
        <p className="text-ink-3">{hostName} has not said which interfaces it has. Wait until it is online.</p>
      ) : (
        <RadioCards
          label="Way to the LAN"
          value={value === null ? null : keyOf(value)}
          onValueChange={(key) => {
            const next = choices.find(({ choice }) => keyOf(choice) === key);
            if (next !== undefined) onValueChange(next.choice);
          }}
          className="sm:grid-cols-1 lg:grid-cols-1"
          options={choices.map(({ choice, nic, refusal }) => ({
            value: keyOf(choice),
            title: (
              <span className="flex flex-wrap items-center gap-2">
                {choice.kind === "bridge" ? `Use the bridge ${nic.name}` : `Make a bridge of ${nic.name}`}
                {nic.uplink ? <Badge>default route</Badge> : null}
              </span>
            ),
            description: (
              <>
                <span className="block break-words">{describe(nic)}</span>
                {refusal === null ? null : <span className="block break-words text-ink">{refusal}</span>}
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
        <Alert tone="warn" title={`This changes ${hostName}'s own network`}>
          <ul className="list-disc pl-4">
            <li>
              {hostName} makes a bridge with the MAC address of {chosen.nic.name}, puts {chosen.nic.name} into it, and moves{" "}
              {chosen.nic.addresses.length === 0 ? "whatever addresses it has" : chosen.nic.addresses.join(", ")} and its routes onto the
              bridge.
            </li>
            <li>
              Unless its link to Indium and its gateway answer again within {LAN_BRIDGE_LIMIT_SECONDS} seconds, it puts everything back by
              itself, also when its agent dies meanwhile.
            </li>
            <li>Nothing is written into its configuration: after a reboot the agent makes the bridge again, as carefully.</li>
          </ul>
          <Checkbox
            className="mt-3"
            checked={confirmed}
            onCheckedChange={onConfirmedChange}
            label={`Make a bridge of ${chosen.nic.name} on ${hostName}`}
          />
        </Alert>
      ) : null}
    </div>
  );
}

function describe(nic: Nic): string {
  const speed = nic.speedMbps === null ? null : nic.speedMbps >= 1_000 ? `${nic.speedMbps / 1_000} Gb/s` : `${nic.speedMbps} Mb/s`;
  return [nic.addresses.length === 0 ? "no addresses" : nic.addresses.join(", "), nic.up ? speed : "down"].filter(Boolean).join(" · ");
}
