import { AppError, toAppError } from "@indium/contract/errors";
import type { NetworkId } from "@indium/contract/ids";
import type { DesiredInstance } from "@indium/contract/instance";
import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import type { ReportBody } from "@indium/contract/report";
import type { DesiredSecurityGroup } from "@indium/contract/security-group";
import type { InstanceNetworks } from "../instance/ports";
import type { Ledger } from "../ledger/ledger";
import type { NetworkManager } from "../network/types";
import type { Clock } from "../system/clock";
import { KeyedMutex } from "../system/mutex";

/** An uplink that could not be put back is left alone for this long: each try may cut the host off for a minute. */
const UPLINK_RETRY_MS = 600_000;

/**
 * The host's networks as its instances need them: made with the first NIC, removed after the last. One that asks for a bridge of
 * an uplink is made when the centre names it and removed when it no longer does, instances or none. Making and removing one
 * network never overlap; what is made is in the ledger before it is made.
 */
export class HostNetworks implements InstanceNetworks {
  readonly #manager: NetworkManager;
  readonly #ledger: Ledger;
  readonly #report: (body: ReportBody) => void;
  readonly #hostname: string;
  readonly #lock = new KeyedMutex();
  readonly #clock: Clock;
  readonly #secured = new Map<DesiredNic["id"], string>();
  readonly #told = new Map<NetworkId, string>();
  readonly #removeAgainAt = new Map<NetworkId, number>();

  constructor(options: {
    manager: NetworkManager;
    ledger: Ledger;
    report: (body: ReportBody) => void;
    hostname: string;
    clock: Clock;
  }) {
    this.#manager = options.manager;
    this.#ledger = options.ledger;
    this.#report = options.report;
    this.#hostname = options.hostname;
    this.#clock = options.clock;
  }

  async connect(nic: DesiredNic, instance: DesiredInstance): Promise<{ nicId: string; interfaceName: string; macAddress: string }> {
    const network = this.#ledger.network(nic.networkId);
    if (network === null) {
      throw new AppError(
        "network_failed",
        `The network ${nic.networkId} is not in the document of host ${this.#hostname}. Choose another network.`,
      );
    }
    const ready = this.#ensure(network);
    // Awaited by the NIC, at the latest.
    ready.catch(() => {});
    // A LAN's bridge may be refused, or take a minute to prove itself: nothing is made for it before.
    if (network.kind === "bridge") await ready;
    // Only where EC2 alone is spoken: the rule wants Linux 5.17, and everybody else's NIC must come up on older ones.
    const tokenHopLimit = instance.dialect === "ec2" ? instance.metadataHopLimit : null;
    const groups = this.#groupsOf(nic);
    const made = await this.#manager.ensureNic(nic, network, instance.id, { tokenHopLimit, groups, ready });
    this.#secured.set(nic.id, JSON.stringify(groups));
    return made;
  }

  /**
   * The rules of groups change without their instances: what this process put on a NIC is compared with what is held. NICs that it
   * has not set up yet get their rules then.
   */
  async refreshSecurity(): Promise<void> {
    for (const record of this.#ledger.records.values()) {
      if (record.gone) continue;
      for (const nic of record.desired.nics) {
        const network = this.#ledger.network(nic.networkId);
        const groups = this.#groupsOf(nic);
        const text = JSON.stringify(groups);
        const before = this.#secured.get(nic.id);
        if (network === null || before === undefined || before === text) continue;
        await this.#manager.ensureSecurity(nic, network, groups);
        this.#secured.set(nic.id, text);
      }
    }
  }

  /** Null: not filtered. A group that is not known lets nothing pass. */
  #groupsOf(nic: DesiredNic): readonly DesiredSecurityGroup[] | null {
    return nic.securityGroups === undefined ? null : nic.securityGroups.flatMap((id) => this.#ledger.securityGroup(id) ?? []);
  }

  /** A network that stands without instances. Never rejects for a failure of the network: that has been reported. */
  async ensureStanding(id: NetworkId): Promise<void> {
    const network = this.#ledger.network(id);
    if (network !== null) await this.#ensure(network).catch(() => {});
  }

  #ensure(network: DesiredNetwork): Promise<void> {
    return this.#lock.run(network.id, async () => {
      await this.#ledger.markNetworkMade(network.id, true);
      try {
        await this.#manager.ensureNetwork(network);
        this.#tell(network.id, { kind: "network.observed", networkId: network.id, state: "ready", error: null });
      } catch (thrown) {
        const error = toAppError(thrown, `The network ${network.name} could not be set up on host ${this.#hostname}.`).toWire();
        this.#tell(network.id, { kind: "network.observed", networkId: network.id, state: "failed", error });
        throw thrown;
      }
    });
  }

  async disconnect(id: DesiredNic["id"]): Promise<void> {
    this.#secured.delete(id);
    await this.#manager.deleteNic(id);
  }

  describe(nics: readonly DesiredNic[]): readonly DesiredNetwork[] {
    const ids = new Set(nics.map((nic) => nic.networkId));
    return this.#ledger.networks.filter((network) => ids.has(network.id));
  }

  async probeSsh(nic: DesiredNic, timeoutMs: number): Promise<boolean> {
    const network = this.#ledger.network(nic.networkId);
    return network === null ? false : this.#manager.probeSsh(nic, network, timeoutMs);
  }

  learnedAddress(id: DesiredNic["id"]): string | null {
    return this.#manager.learnedAddress(id);
  }

  /** Removes a network unless a NIC needs it by now. */
  async remove(id: NetworkId): Promise<void> {
    await this.#lock.run(id, async () => {
      const needed = [...this.#ledger.records.values()].some(
        (record) => !record.gone && record.desired.nics.some((nic) => nic.networkId === id),
      );
      if (needed || this.#ledger.lanBridges.kept.includes(id) || (this.#removeAgainAt.get(id) ?? 0) > this.#clock.now()) return;
      const touchesUplink = this.#ledger.network(id)?.uplinkInterface !== undefined;
      await this.#manager.deleteNetwork(id).catch((thrown: unknown) => {
        if (touchesUplink) this.#removeAgainAt.set(id, this.#clock.now() + UPLINK_RETRY_MS);
        throw thrown;
      });
      this.#removeAgainAt.delete(id);
      await this.#ledger.markNetworkMade(id, false);
      this.#tell(id, { kind: "network.observed", networkId: id, state: "absent", error: null });
    });
  }

  /** For a centre that has lost what it was told. */
  forgetTold(): void {
    this.#told.clear();
  }

  #tell(id: NetworkId, body: ReportBody): void {
    const text = JSON.stringify(body);
    if (this.#told.get(id) === text) return;
    this.#told.set(id, text);
    this.#report(body);
  }
}
