import type { InstanceId, NetworkId, NicId } from "@indium/contract/ids";
import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import type { DesiredSecurityGroup } from "@indium/contract/security-group";

/**
 * Everything of a host's networks and NICs. All of it is idempotent: running it again converges and cuts nothing.
 * It touches the addresses of an uplink only for a network that names it as its `uplinkInterface`, and puts them back by itself
 * when the host is not reached any more (lan-bridge/lan-bridges.ts).
 */
export interface NetworkManager {
  ensureNetwork(network: DesiredNetwork): Promise<void>;
  /** Only what Indium made; a LAN bridge of the administrator's stays. */
  deleteNetwork(id: NetworkId): Promise<void>;
  /**
   * The tap (filtered before it joins its bridge), the metadata namespace and its rules. The namespace's listening sockets
   * are handed to the metadata service. @returns the tap for the VM's spec.
   * @throws AppError `network_failed`.
   */
  ensureNic(
    nic: DesiredNic,
    network: DesiredNetwork,
    instanceId: InstanceId,
    options?: {
      readonly tokenHopLimit?: number | null;
      /** Null where the NIC is not filtered. */
      readonly groups?: readonly DesiredSecurityGroup[] | null;
      /** A network of Indium's own that is still being made: the NIC is made meanwhile, and fails with it. */
      readonly ready?: Promise<void>;
    },
  ): Promise<{ nicId: NicId; interfaceName: string; macAddress: string }>;
  /** The groups' rules anew, of a NIC that is there; flows that stay allowed are not cut. */
  ensureSecurity(nic: DesiredNic, network: DesiredNetwork, groups: readonly DesiredSecurityGroup[] | null): Promise<void>;
  deleteNic(id: NicId): Promise<void>;
  /** NICs that exist on this host, whatever the ledger says: to find orphans. */
  listNics(): Promise<readonly NicId[]>;
  counters(id: NicId): Promise<Record<string, { packets: number; bytes: number }>>;
  /** What the LAN's DHCP server gave a NIC of the mode `learned`; null: nothing yet, or another mode. Known once the NIC is there. */
  learnedAddress(id: NicId): string | null;
  /** Called after `learnedAddress` of one of the instance's NICs has changed, and its rules with it. */
  onAddressLearned(listener: (instanceId: InstanceId) => void): () => void;
  /** Resolves true when TCP port 22 of the guest answers with an SSH banner (asked from this host). */
  probeSsh(nic: DesiredNic, network: DesiredNetwork, timeoutMs: number): Promise<boolean>;
  /** At the agent's end: closes sockets, leaves every interface and rule in place. */
  close(): Promise<void>;
}
