import { LAN_BRIDGE_PREFIX } from "@indium/contract/plain/lan-bridge";

/** What was found of an interface, as facts; `bridgeRefusal` turns them into a reason. */
export interface UplinkSigns {
  readonly name: string;
  readonly exists: boolean;
  /** `bridge`, `bond`, `vlan`…; null for hardware. */
  readonly kind: string | null;
  readonly loopback: boolean;
  readonly up: boolean;
  readonly wireless: boolean;
  /** The bridge, bond or VRF it belongs to, and what that is. */
  readonly master: { readonly name: string; readonly kind: string | null } | null;
  /** Who set its addresses up and would set them again. */
  readonly manager: "networkd" | "network-manager" | null;
  readonly netplan: boolean;
  /** IPv4 addresses that end (DHCP), or IPv6 ones that a program and not the kernel learned. */
  readonly leased: boolean;
  readonly policyRules: boolean;
  /** Routes over several interfaces, or with what cannot be set again. */
  readonly unmovable: string | null;
  readonly firewallNames: boolean;
}

/** Kinds of which a bridge can be made: hardware, bonds and tagged VLANs; veth is what containers and tests have for hardware. */
const BRIDGEABLE = new Set<string | null>([null, "bond", "team", "vlan", "veth"]);

/**
 * Why no bridge is made of this interface, with what to do by hand; null when it can be. Refused is what something else on the
 * host would fight over: after a lease's end or a cable's return it would set the addresses up beside the bridge.
 */
export function bridgeRefusal(signs: UplinkSigns): string | null {
  const { name } = signs;
  if (!signs.exists) return `This host has no interface ${name}.`;
  if (signs.loopback) return `${name} is the loopback.`;
  if (signs.kind === "bridge") return `${name} is a bridge already. Choose it as an existing bridge.`;
  if (signs.master !== null) {
    // Indium's own bridges are offered as networks, never as a bridge to choose.
    if (signs.master.name.startsWith(LAN_BRIDGE_PREFIX))
      return `${name} is the way of another of Indium's networks to the LAN. Use that network.`;
    return signs.master.kind === "bridge"
      ? `${name} belongs to the bridge ${signs.master.name}. Choose that as an existing bridge.`
      : `${name} belongs to ${signs.master.name}${signs.master.kind === null ? "" : ` (${signs.master.kind})`}. Choose ${signs.master.name} instead.`;
  }
  if (signs.wireless) return `${name} is Wi-Fi: an access point lets through no frames but the host's own. Use a NAT network instead.`;
  if (!BRIDGEABLE.has(signs.kind)) return `${name} is a virtual interface (${signs.kind ?? ""}), not a way to a LAN.`;
  if (!signs.up) return `${name} is down. Plug it in, or run: ip link set ${name} up`;
  if (signs.manager === "network-manager") {
    return `NetworkManager manages ${name} and would take it out of the bridge. ${byHand(
      `nmcli connection add type bridge ifname br0 con-name br0; nmcli connection add type ethernet ifname ${name} con-name br0-port controller br0; nmcli connection up br0-port`,
    )}`;
  }
  if (signs.manager === "networkd") {
    return `systemd-networkd manages ${name} and would set its addresses up beside the bridge. ${byHand(
      signs.netplan
        ? `move ${name}'s settings in /etc/netplan to "bridges: br0: interfaces: [${name}]", then run netplan try (which puts back by itself)`
        : `a br0.netdev of Kind=bridge, Bridge=br0 in ${name}'s .network file, its addresses in one for br0, then networkctl reload`,
    )}`;
  }
  if (signs.leased) {
    return `${name} has its address by DHCP, and the program that renews it knows only ${name}. ${byHand(
      `in /etc/network/interfaces "iface br0 inet dhcp" with "bridge_ports ${name}" and "bridge_hw ${name}" in place of ${name}'s (package bridge-utils), then systemctl restart networking`,
    )}`;
  }
  if (signs.policyRules) return `Policy rules of this host (ip rule) name ${name}. ${byHand("a bridge, with rules that name it")}`;
  if (signs.unmovable !== null)
    return `${name} has what cannot be moved as it is: ${signs.unmovable}. ${byHand("a bridge with these routes")}`;
  if (signs.firewallNames) {
    return `This host's firewall has rules that name ${name}, which would no longer match. ${byHand("a bridge, with rules that name it")}`;
  }
  return null;
}

const byHand = (how: string): string => `Make the bridge by hand and choose it as an existing one: ${how}.`;
