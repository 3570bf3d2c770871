import { createHash } from "node:crypto";
import type { NetworkId, NicId } from "@indium/contract/ids";
import { LAN_BRIDGE_PREFIX } from "@indium/contract/plain/lan-bridge";

/**
 * Every name that this agent gives to things in the kernel. Tables and namespaces hold long names, so theirs carry the whole id
 * and the owner; interfaces hold 15 bytes, so theirs are a short hash, kept in the name ledger.
 *
 * The owner tag keeps two agents on one machine (a developer's and an installed one) from taking each other's NICs for orphans.
 */
export const TAP_PREFIX = "it";
export const VETH_PREFIX = "im";
/** Not `ib`: that is what InfiniBand uplinks are called, and rules match this prefix. */
export const BRIDGE_PREFIX = "ibr-";
/** 802.1Q interfaces on LAN bridges. */
export const VLAN_PREFIX = "ivl-";

const hash = (text: string, digits: number): string => createHash("sha256").update(text).digest("hex").slice(0, digits);

/** Six hex digits that tell apart agents on one machine: by the folder where each keeps its state. */
export const ownerTag = (stateDir: string): string => hash(`owner ${stateDir}`, 6);

/** Candidate `attempt` (from 0) for the short part of an interface's name: eight hex digits. */
export const shortCandidate = (owner: string, id: string, attempt: number): string => hash(`${owner} ${id} ${attempt}`, 8);

/** Kept as the link's alias in the kernel: whose it is, also when the ledger was lost. */
export const aliasOf = (owner: string, id: string): string => `indium ${owner} ${id}`;

/** A bridge to a LAN, made of an uplink on request. Not BRIDGE_PREFIX: NAT guests may go out by it. */
export const lanBridgeName = (owner: string, id: NetworkId): string => `${LAN_BRIDGE_PREFIX}${shortCandidate(owner, id, 0)}`;

export interface NicNames {
  readonly tap: string;
  /** The host's end of the pair whose other end is `eth0` in the namespace. */
  readonly veth: string;
  readonly namespace: string;
  /** nft table of family netdev. */
  readonly table: string;
}

export function nicNames(owner: string, id: NicId, short: string): NicNames {
  return {
    tap: `${TAP_PREFIX}${short}`,
    veth: `${VETH_PREFIX}${short}`,
    namespace: `${namespacePrefix(owner)}${id}`,
    table: `${tablePrefix(owner)}${id}`,
  };
}

export const namespacePrefix = (owner: string): string => `indium-md-${owner}-`;
export const tablePrefix = (owner: string): string => `indium-${owner}-`;

export interface NetworkNames {
  readonly bridge: string;
  /** The 802.1Q interface of a network that is a VLAN. */
  readonly vlan: string;
  /** nft table of family inet. */
  readonly table: string;
}

export function networkNames(owner: string, id: NetworkId, short: string): NetworkNames {
  return { bridge: `${BRIDGE_PREFIX}${short}`, vlan: `${VLAN_PREFIX}${short}`, table: `${tablePrefix(owner)}${id}` };
}

/**
 * A bridge's own address, fixed: a bridge without one takes its lowest port's, and guests would lose their gateway whenever a
 * NIC comes or goes (net/bridge/br_stp_if.c, br_stp_recalculate_bridge_id).
 */
export function bridgeMac(owner: string, id: NetworkId): string {
  const digits = hash(`mac ${owner} ${id}`, 10);
  return `02:${digits.replace(/..(?!$)/g, "$&:")}`;
}
