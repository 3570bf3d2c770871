import { z } from "zod";
import { NetworkId, NicId, SecurityGroupId } from "./ids";
import { INPUT_WORDS } from "./plain/input-words";
import { MAX_GROUPS_PER_NIC } from "./plain/security-groups";

export const MacAddress = z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, "must be a MAC address in lower case, like 52:54:00:12:34:56");
export const Ipv4Address = z.ipv4();
export const Ipv6Address = z.ipv6();
export const Ipv4Cidr = z.cidrv4();
export const Ipv6Cidr = z.cidrv6();
/** Linux interface names hold 15 bytes. */
export const InterfaceName = z.string().regex(/^[a-zA-Z0-9_.-]{1,15}$/, "must be an interface name of at most 15 characters");

/** IEEE 802.1Q: 0 and 4095 are reserved. */
export const VlanId = z.number().int().min(1, INPUT_WORDS.vlan).max(4094, INPUT_WORDS.vlan);

export const NetworkKind = z.enum(["nat", "bridge", "isolated"]);
export type NetworkKind = z.infer<typeof NetworkKind>;

/**
 * A network as its host realises it. A `bridge` names either `bridgeInterface`, a LAN bridge that the administrator made, or
 * `uplinkInterface`, an interface of the host of which the host makes a bridge, moving its addresses and routes there.
 */
export const DesiredNetwork = z.object({
  id: NetworkId,
  name: z.string().max(100),
  kind: NetworkKind,
  ipv4: z.object({ cidr: Ipv4Cidr, gateway: Ipv4Address }).nullable(),
  ipv6: z.object({ cidr: Ipv6Cidr, gateway: Ipv6Address }).nullable(),
  dnsServers: z.array(z.union([Ipv4Address, Ipv6Address])).max(8),
  mtu: z.number().int().min(576).max(9216),
  bridgeInterface: InterfaceName.nullable(),
  /** Left out unless there is one: agents hash what they were told, and those of before know no such key. */
  uplinkInterface: InterfaceName.optional(),
  /**
   * Instead of `bridgeInterface`: a VLAN of that LAN bridge. With its own name for the bridge, so that an agent that knows no VLANs refuses the
   * network and does not put guests on the LAN untagged.
   */
  vlan: z.object({ bridge: InterfaceName, id: VlanId }).optional(),
});
export type DesiredNetwork = z.infer<typeof DesiredNetwork>;

export const NicAddressMode = z.enum(["assigned", "learned"]);
export type NicAddressMode = z.infer<typeof NicAddressMode>;

export const DesiredNic = z.object({
  id: NicId,
  networkId: NetworkId,
  macAddress: MacAddress,
  addressMode: NicAddressMode,
  ipv4: z.object({ address: Ipv4Address, prefixLength: z.number().int().min(1).max(32), gateway: Ipv4Address.nullable() }).nullable(),
  ipv6: z.object({ address: Ipv6Address, prefixLength: z.number().int().min(1).max(128), gateway: Ipv6Address.nullable() }).nullable(),
  /** What may pass is what one of them lets pass. Left out: the NIC is not filtered (agents hash what they were told). */
  securityGroups: z.array(SecurityGroupId).min(1).max(MAX_GROUPS_PER_NIC).optional(),
});
export type DesiredNic = z.infer<typeof DesiredNic>;
