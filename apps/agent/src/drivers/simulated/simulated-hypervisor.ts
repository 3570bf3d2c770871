import type { Duplex } from "node:stream";
import { AppError } from "@indium/contract/errors";
import type { InstanceId } from "@indium/contract/ids";
import type { Hypervisor, VmCounters, VmEvent, VmHandle, VmRunState, VmSpec } from "../types";
import { simulatedVmCounters } from "./simulated-load";
import type { SimulatedMachine } from "./simulated-machine";

const START_MS = 250;
const ADOPT_MS = 5;

/** The hypervisor port over a simulated machine; labelled so everywhere. */
export class SimulatedHypervisor implements Hypervisor {
  readonly kind = "simulated";
  readonly version = "simulated";
  readonly acceleration = { kind: "simulated", reason: "This host is simulated: its instances are not real." } as const;
  readonly limits = null;
  readonly #machine: SimulatedMachine;

  constructor(machine: SimulatedMachine) {
    this.#machine = machine;
  }

  list(): Promise<readonly InstanceId[]> {
    return Promise.resolve(Object.keys(this.#machine.state.vms) as InstanceId[]);
  }

  async find(id: InstanceId): Promise<VmHandle | null> {
    if (this.#machine.vm(id) === null) return null;
    await this.#machine.clock.sleep(ADOPT_MS);
    return this.#machine.vm(id) === null ? null : new SimulatedVm(this.#machine, id);
  }

  async start(spec: VmSpec): Promise<VmHandle> {
    await this.#machine.clock.sleep(START_MS);
    if (this.#machine.faults.start !== null) throw this.#machine.faults.start;
    if (this.#machine.vm(spec.instance.id) !== null) {
      throw new AppError("conflict", `The VM of ${spec.instance.name} runs already.`);
    }
    this.#machine.powerOn(spec);
    return new SimulatedVm(this.#machine, spec.instance.id);
  }

  clean(): Promise<void> {
    return Promise.resolve();
  }

  purge(id: InstanceId): Promise<void> {
    this.#machine.forget(id);
    return Promise.resolve();
  }

  serialTail(id: InstanceId, bytes: number): Promise<{ text: string; totalBytes: number }> {
    return Promise.resolve(this.#machine.console(id).serialTail(bytes));
  }

  serialLog(id: InstanceId, bytes: number): Promise<Buffer> {
    return Promise.resolve(Buffer.from(this.#machine.console(id).serialTail(bytes).text, "utf8"));
  }

  serialSince(): Promise<null> {
    return Promise.resolve(null);
  }

  keepScreen(): Promise<null> {
    return Promise.resolve(null);
  }

  lastScreen(): Promise<null> {
    return Promise.resolve(null);
  }

  forgetScreen(): Promise<void> {
    return Promise.resolve();
  }
}

class SimulatedVm implements VmHandle {
  readonly instanceId: InstanceId;
  readonly pid: number;
  readonly startedAt: number;
  readonly #machine: SimulatedMachine;
  readonly #subscriptions = new Set<() => void>();

  constructor(machine: SimulatedMachine, id: InstanceId) {
    const vm = machine.vm(id);
    if (vm === null) throw new AppError("hypervisor_failed", `No VM ${id} runs on this simulated host.`);
    this.#machine = machine;
    this.instanceId = id;
    this.pid = vm.pid;
    this.startedAt = vm.startedAt;
  }

  state(): Promise<VmRunState> {
    return this.#alive(() => this.#machine.vm(this.instanceId)?.state ?? "crashed");
  }

  powerButton(): Promise<void> {
    return this.#alive(() => this.#machine.pressPower(this.instanceId));
  }

  kill(): Promise<void> {
    if (this.#machine.vm(this.instanceId)?.pid === this.pid) this.#machine.end(this.instanceId, null);
    return Promise.resolve();
  }

  reset(): Promise<void> {
    return this.#alive(() => this.#machine.reset(this.instanceId, false));
  }

  pause(): Promise<void> {
    return this.#alive(() => this.#machine.setState(this.instanceId, "paused"));
  }

  resume(): Promise<void> {
    return this.#alive(() => this.#machine.setState(this.instanceId, "running"));
  }

  usage(): Promise<{ cpuSeconds: number; residentBytes: number }> {
    return this.#alive(() => {
      const counters = simulatedVmCounters(this.#machine, this.instanceId);
      return { cpuSeconds: counters?.cpuSeconds ?? 0, residentBytes: counters?.memoryBytes ?? 0 };
    });
  }

  counters(): Promise<VmCounters> {
    return this.#alive(() => {
      const counters = simulatedVmCounters(this.#machine, this.instanceId);
      if (counters === null) throw new AppError("hypervisor_failed", `The simulated VM of ${this.instanceId} has ended.`);
      return counters;
    });
  }

  openVnc(): Promise<Duplex> {
    return this.#alive(() => this.#machine.console(this.instanceId).openVnc());
  }

  openSerial(): Promise<Duplex> {
    return this.#alive(() => this.#machine.console(this.instanceId).openSerial());
  }

  photograph(): Promise<void> {
    return Promise.resolve();
  }

  onEvent(listener: (event: VmEvent) => void): () => void {
    const stop = this.#machine.onVmEvent(this.instanceId, listener);
    this.#subscriptions.add(stop);
    return () => {
      stop();
      this.#subscriptions.delete(stop);
    };
  }

  release(): void {
    for (const stop of this.#subscriptions) stop();
    this.#subscriptions.clear();
  }

  async #alive<T>(act: () => T): Promise<T> {
    if (this.#machine.vm(this.instanceId)?.pid !== this.pid) {
      throw new AppError("hypervisor_failed", `The simulated VM of ${this.instanceId} has ended.`);
    }
    return act();
  }
}
