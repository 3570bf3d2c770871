import { AppError } from "@indium/contract/errors";
import type { InstanceId, NetworkId, NicId } from "@indium/contract/ids";
import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import type { NetworkManager } from "../../network/types";
import type { SimulatedMachine } from "./simulated-machine";
import { simulatedNics } from "./simulated-nics";

const ENSURE_MS = 40;
/** Two pings of the relay, which prove that the link has outlived the change. */
const LAN_BRIDGE_MS = 8_000;
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
    if (network.uplinkInterface !== undefined) await this.#makeLanBridge(network.id, network.uplinkInterface);
    state.networks.push(network.id);
    this.#machine.save();
  }

  async #makeLanBridge(id: NetworkId, uplink: string): Promise<void> {
    const { state, clock } = this.#machine;
    const nic = simulatedNics("", state.lanBridges).find((each) => each.name === uplink && !each.bridge);
    if (nic === undefined) throw new AppError("network_failed", `This host has no interface ${uplink}.`);
    if (nic.bridgeRefusal) throw new AppError("network_failed", nic.bridgeRefusal);
    await clock.sleep(LAN_BRIDGE_MS);
    state.lanBridges[id] = uplink;
  }

  deleteNetwork(id: NetworkId): Promise<void> {
    const { faults } = this.#machine;
    if (faults.network !== null && this.#machine.state.lanBridges[id] !== undefined) return Promise.reject(faults.network);
    delete this.#machine.state.lanBridges[id];
    this.#machine.state.networks = this.#machine.state.networks.filter((other) => other !== id);
    this.#machine.save();
    return Promise.resolve();
  }

  async ensureNic(
    nic: DesiredNic,
    network: DesiredNetwork,
    instanceId: InstanceId,
    options: { readonly ready?: Promise<void> } = {},
  ): Promise<{ nicId: NicId; interfaceName: string; macAddress: string }> {
    await Promise.all([options.ready, this.#machine.clock.sleep(ENSURE_MS)]);
    if (this.#machine.faults.network !== null) throw this.#machine.faults.network;
    this.#machine.state.nics[nic.id] = { instanceId, networkId: network.id };
    this.#machine.save();
    return { nicId: nic.id, interfaceName: `sim${nic.id.slice(-8)}`, macAddress: nic.macAddress };
  }

  ensureSecurity(): Promise<void> {
    return Promise.resolve();
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
    return Promise.resolve({ metadata: { packets: 42, bytes: 6_300 }, droppedMac: { packets: 0, bytes: 0 } });
  }

  learnedAddress(): null {
    return null;
  }

  onAddressLearned(): () => void {
    return () => {};
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
