import { AppError } from "@indium/contract/errors";
import type { DesiredNetwork } from "@indium/contract/network";
import type { HostShell } from "./host-shell";

/**
 * A VLAN of a LAN, for guests that know nothing of it:
 *
 *   uplink ── LAN bridge (the administrator's) ── ivl-… (802.1Q interface on it, tag V) ── ibr-… (ours) ── taps
 *
 * Why on the bridge and not on its uplink, or by the bridge's own VLAN filter: whatever its ports are (a bond, two uplinks, other
 * VMs), the tag leaves and enters where untagged frames do; and neither a setting of the administrator's bridge nor of its ports is
 * changed, so that deleting the network undoes all of it. It costs a copy: the LAN bridge hands what passes it up to its own
 * interface as well, since one on top of it listens to all addresses (br_input.c, br_handle_frame_finish).
 *
 * On a bridge that filters VLANs already, its own interface is made a tagged member of V; which of its ports carry V stays the
 * administrator's.
 */
type Vlan = NonNullable<DesiredNetwork["vlan"]>;

/** @param name of the 802.1Q interface; `bridge` is our own, which it joins. @throws AppError `network_failed` with what to do. */
export async function ensureVlanPort(
  shell: HostShell,
  options: { network: DesiredNetwork; vlan: Vlan; name: string; bridge: string; alias: string },
): Promise<void> {
  const { network, vlan, name, bridge, alias } = options;
  if ((await shell.link(name)) === null) {
    const made = await shell.ipMaybe("link", "add", "link", vlan.bridge, "name", name, "type", "vlan", "id", String(vlan.id));
    if (made.code !== 0) throw refused(network, vlan, made.stderr);
    await shell.ipBatch([`link set ${name} alias "${alias}"`]);
  }
  // No address of the host's on it: the VLAN is the guests'.
  await shell.sysctl([`ipv6/conf/${name}/disable_ipv6`], "1");
  await shell.ipBatch([`link set ${name} master ${bridge} up`]);
  if ((await shell.link(vlan.bridge))?.filtersVlans === true)
    await shell.bridge("vlan", "add", "dev", vlan.bridge, "vid", String(vlan.id), "self");
}

function refused(network: DesiredNetwork, vlan: Vlan, words: string): AppError {
  return new AppError(
    "network_failed",
    `VLAN ${vlan.id} on the bridge ${vlan.bridge} could not be made on this host for the network ${network.name}. Two things are usual: its kernel has no 802.1Q ` +
      `(see: modprobe 8021q), or an interface for this VLAN is on ${vlan.bridge} already (see: ip -d link show type vlan); remove it, or make a bridge of it and choose that.`,
    { detail: words.trim().slice(0, 2_000) },
  );
}
