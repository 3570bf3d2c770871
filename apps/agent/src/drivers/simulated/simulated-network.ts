import type { InstanceId, NetworkId, NicId } from "@indium/contract/ids";
import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import type { NetworkManager } from "../../network/types";
import type { SimulatedMachine } from "./simulated-machine";

const ENSURE_MS = 40;
const PROBE_MS = 50;

export class SimulatedNetworkManager implements NetworkManager {
  readonly #machine: SimulatedMachine;

  constructor(machine: SimulatedMachine) {
    this.#machine = machine;
  }

  async ensureNetwork(network: DesiredNetwork): Promise<void> {
    await this.#machine.clock.sleep(ENSURE_MS);
    if (this.#machine.faults.network !== null) throw this.#machine.faults.network;
    const { state } = this.#machine;
    if (state.networks.includes(network.id)) return;
    state.networks.push(network.id);
    this.#machine.save();
  }

  deleteNetwork(id: NetworkId): Promise<void> {
    this.#machine.state.networks = this.#machine.state.networks.filter((other) => other !== id);
    this.#machine.save();
    return Promise.resolve();
  }

  async ensureNic(
    nic: DesiredNic,
    network: DesiredNetwork,
    instanceId: InstanceId,
  ): Promise<{ nicId: NicId; interfaceName: string; macAddress: string }> {
    await this.#machine.clock.sleep(ENSURE_MS);
    if (this.#machine.faults.network !== null) throw this.#machine.faults.network;
    this.#machine.state.nics[nic.id] = { instanceId, networkId: network.id };
    this.#machine.save();
    return { nicId: nic.id, interfaceName: `sim${nic.id.slice(-8)}`, macAddress: nic.macAddress };
  }

  deleteNic(id: NicId): Promise<void> {
    delete this.#machine.state.nics[id];
    this.#machine.save();
    return Promise.resolve();
  }

  listNics(): Promise<readonly NicId[]> {
    return Promise.resolve(Object.keys(this.#machine.state.nics) as NicId[]);
  }

  counters(): Promise<Record<string, { packets: number; bytes: number }>> {
    return Promise.resolve({ metadata: { packets: 42, bytes: 6_300 }, spoofed: { packets: 0, bytes: 0 } });
  }

  async probeSsh(nic: DesiredNic, network: DesiredNetwork): Promise<boolean> {
    await this.#machine.clock.sleep(PROBE_MS);
    const owner = this.#machine.state.nics[nic.id];
    return owner !== undefined && network.kind !== "isolated" && this.#machine.sshAnswers(owner.instanceId);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
