import { createHash } from "node:crypto";
import type { HostFacts } from "@indium/contract/host";
import type { NetworkId } from "@indium/contract/ids";
import { LAN_BRIDGE_PREFIX } from "@indium/contract/plain/lan-bridge";

type Nic = HostFacts["nics"][number];

const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
export const simulatedBridgeName = (id: NetworkId): string => `${LAN_BRIDGE_PREFIX}${id.slice(-8)}`;

/**
 * The interfaces of a machine that is not there: one to the LAN, a spare one, and Wi-Fi. Addresses are of RFC 2544's range, which
 * no real network of the user's has. Bridges made of them show as they would on a real host.
 */
export function simulatedNics(hostname: string, lanBridges: Readonly<Record<string, string>>): Nic[] {
  const [a = 0, b = 0, c = 0] = hash(hostname);
  const mac = (last: number): string => ["02", "5e", a, b, c, last].map((part) => (typeof part === "string" ? part : hex(part))).join(":");
  const base: Nic[] = [
    nic("eth0", mac(0), { addresses: [`198.18.${a}.${2 + (b % 250)}/24`], speedMbps: 10_000, uplink: true }),
    nic("eth1", mac(1), { speedMbps: 1_000 }),
    nic("wlan0", mac(2), {
      speedMbps: 300,
      bridgeRefusal: "wlan0 is Wi-Fi: an access point lets through no frames but the host's own. Use a NAT network instead.",
    }),
  ];
  const made = Object.entries(lanBridges).flatMap(([id, uplink]): Nic[] => {
    const port = base.find((each) => each.name === uplink);
    return port === undefined ? [] : [{ ...port, name: simulatedBridgeName(id as NetworkId), bridge: true, bridgeRefusal: null }];
  });
  const ports = base.map((each): Nic => {
    const id = Object.entries(lanBridges).find(([, uplink]) => uplink === each.name)?.[0];
    if (id === undefined) return each;
    const bridgeRefusal = `${each.name} is the way of another of Indium's networks to the LAN. Use that network.`;
    return { ...each, addresses: [], uplink: false, bridgeRefusal };
  });
  return [...ports, ...made];
}

function nic(name: string, macAddress: string, changes: Partial<Nic>): Nic {
  return { name, macAddress, addresses: [], speedMbps: null, up: true, uplink: false, bridge: false, bridgeRefusal: null, ...changes };
}

const hex = (value: number): string => value.toString(16).padStart(2, "0");
