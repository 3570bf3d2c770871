import type { AppError } from "@indium/contract/errors";
import type { InstanceId } from "@indium/contract/ids";
import type { GuestEvent } from "../../metadata/types";
import type { Clock } from "../../system/clock";
import type { VmEvent, VmSpec } from "../types";
import { SimulatedConsole } from "./simulated-console";
import { type SimulatedState, SimulatedStateFile, type SimulatedVmState } from "./simulated-state";

/** What tests make go wrong. Set to null again to mend. */
export interface Faults {
  image: AppError | null;
  disk: AppError | null;
  network: AppError | null;
  start: AppError | null;
  /** Guests that do not answer the power button. */
  deafGuests: boolean;
  remove: AppError | null;
}

/** How a guest boots, in ms after its start. cloud-init's stages by the names its own reporting gives them. */
const BOOT = {
  metadata: 900,
  stages: [
    { name: "init-local", from: 800, to: 1_200, description: "searching for local datasources", modules: [] },
    {
      name: "init-network",
      from: 1_300,
      to: 1_900,
      description: "searching for network datasources",
      modules: ["growpart", "users-groups", "ssh"],
    },
    { name: "modules-config", from: 2_000, to: 2_700, description: "running modules for config", modules: ["set-passwords", "ntp"] },
    {
      name: "modules-final",
      from: 2_800,
      to: 3_600,
      description: "running modules for final",
      modules: ["package-update-upgrade-install", "scripts-user"],
    },
  ],
  ssh: 3_000,
  plainMetadata: 1_200,
} as const;
/** An instance so called has user data that fails, for looking at what the dashboard makes of it. */
const FAILING_NAME = /^failing-/;
const FAILING_MODULE = "scripts-user";
const FAILING_OUTPUT = [
  "/var/lib/cloud/instance/scripts/runcmd: 2: nosuchcommand: not found",
  "cc_scripts_user.py[WARNING]: Failed to run module scripts-user (scripts in /var/lib/cloud/instance/scripts)",
].join("\n");
const SHUTDOWN_MS = 1_500;

/**
 * A computer that is not there. The simulated hypervisor, network, storage and metadata service are views of it, as the real
 * ones are of one real host.
 */
export class SimulatedMachine {
  readonly clock: Clock;
  readonly faults: Faults = { image: null, disk: null, network: null, start: null, deafGuests: false, remove: null };
  readonly #file: SimulatedStateFile;
  readonly #consoles = new Map<InstanceId, SimulatedConsole>();
  readonly #vmListeners = new Map<InstanceId, Set<(event: VmEvent) => void>>();
  readonly #guestListeners = new Set<(id: InstanceId, event: GuestEvent) => void>();
  readonly #guests = new Map<InstanceId, AbortController>();

  constructor(options: { clock: Clock; statePath: string | null }) {
    this.clock = options.clock;
    this.#file = new SimulatedStateFile(options.statePath);
    // Guests went on while no agent was there; what they will still say is said.
    for (const id of Object.keys(this.state.vms) as InstanceId[]) if (this.vm(id)?.state === "running") this.#boot(id);
  }

  get state(): SimulatedState {
    return this.#file.value;
  }

  save(): void {
    this.#file.save();
  }

  vm(id: InstanceId): SimulatedVmState | null {
    return this.state.vms[id] ?? null;
  }

  console(id: InstanceId): SimulatedConsole {
    const known = this.#consoles.get(id);
    if (known !== undefined) return known;
    const made = new SimulatedConsole(this.vm(id)?.name ?? id);
    this.#consoles.set(id, made);
    return made;
  }

  powerOn(spec: VmSpec): void {
    const { instance } = spec;
    const now = this.clock.now();
    this.#consoles.get(instance.id)?.close();
    this.state.vms[instance.id] = {
      pid: this.state.nextPid++,
      name: instance.name,
      cloudInit: instance.guestAgent === "cloud-init",
      memoryBytes: instance.memoryBytes,
      vcpus: instance.vcpus,
      startedAt: now,
      bootedAt: now,
      state: "running",
    };
    this.save();
    this.#boot(instance.id);
  }

  setState(id: InstanceId, state: SimulatedVmState["state"]): void {
    const vm = this.vm(id);
    if (vm === null) return;
    vm.state = state;
    this.save();
    this.emit(id, { kind: "state", state });
  }

  pressPower(id: InstanceId): void {
    const vm = this.vm(id);
    const guest = this.#guests.get(id);
    if (this.faults.deafGuests || vm?.state !== "running" || guest === undefined) return;
    this.console(id).print("\r\nACPI: power button pressed\r\n");
    void this.clock.sleep(SHUTDOWN_MS, guest.signal).then(() => {
      if (!guest.signal.aborted) this.guestShutsDown(id);
    });
  }

  /** The guest's own `poweroff`. */
  guestShutsDown(id: InstanceId): void {
    if (this.vm(id)?.state !== "running") return;
    this.#quiet(id);
    this.console(id).print("\r\nreboot: Power down\r\n");
    this.setState(id, "shutdown");
    this.emit(id, { kind: "guestShutdown" });
  }

  reset(id: InstanceId, byGuest: boolean): void {
    const vm = this.vm(id);
    if (vm === null) return;
    vm.bootedAt = this.clock.now();
    if (vm.state === "shutdown") vm.state = "running";
    this.save();
    this.emit(id, { kind: "reset", byGuest });
    this.#boot(id);
  }

  /** The process is gone. `lastWords` when it went by itself. */
  end(id: InstanceId, lastWords: string | null): void {
    this.#quiet(id);
    if (this.vm(id) === null) return;
    delete this.state.vms[id];
    this.save();
    this.#consoles.get(id)?.close();
    this.emit(id, { kind: "exited", lastWords });
  }

  forget(id: InstanceId): void {
    this.#consoles.delete(id);
  }

  onVmEvent(id: InstanceId, listener: (event: VmEvent) => void): () => void {
    const listeners = this.#vmListeners.get(id) ?? new Set();
    this.#vmListeners.set(id, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  onGuestEvent(listener: (id: InstanceId, event: GuestEvent) => void): () => void {
    this.#guestListeners.add(listener);
    return () => this.#guestListeners.delete(listener);
  }

  sshAnswers(id: InstanceId): boolean {
    const vm = this.vm(id);
    return vm?.state === "running" && vm.cloudInit && this.clock.now() - vm.bootedAt >= BOOT.ssh;
  }

  emit(id: InstanceId, event: VmEvent): void {
    for (const listener of this.#vmListeners.get(id) ?? []) listener(event);
  }

  close(): void {
    for (const guest of this.#guests.values()) guest.abort();
    for (const screen of this.#consoles.values()) screen.close();
  }

  #quiet(id: InstanceId): void {
    this.#guests.get(id)?.abort();
    this.#guests.delete(id);
  }

  /** The guest from its first instruction on: what it writes, fetches and reports. */
  #boot(id: InstanceId): void {
    this.#quiet(id);
    const vm = this.vm(id);
    if (vm === null) return;
    const guest = new AbortController();
    this.#guests.set(id, guest);
    const screen = this.console(id);
    const at = (ms: number, act: () => void): void => {
      const wait = vm.bootedAt + ms - this.clock.now();
      // Already said before the agent's restart.
      if (wait < 0) return;
      void this.clock.sleep(wait, guest.signal).then(() => {
        if (!guest.signal.aborted) act();
      });
    };
    const tell = (event: GuestEvent): void => {
      for (const listener of this.#guestListeners) listener(id, event);
    };
    screen.show("The simulated guest is booting");
    screen.print(`\r\nSIMULATED ${vm.name}: booting\r\n`);
    at(vm.cloudInit ? BOOT.metadata : BOOT.plainMetadata, () => tell({ kind: "metadataFetched", userAgent: "simulated" }));
    for (const stage of vm.cloudInit ? BOOT.stages : []) {
      const fails = FAILING_NAME.test(vm.name) && stage.modules.some((module) => module === FAILING_MODULE);
      const begin = (name: string, ms: number) =>
        at(ms, () =>
          tell({ kind: "stage", name, description: stage.description, timestamp: null, detail: null, phase: "start", result: null }),
        );
      const finish = (name: string, ms: number, failed: boolean, detail: string | null = null) =>
        at(ms, () => {
          screen.print(`cloud-init: ${name}: ${failed ? "FAIL" : "SUCCESS"}\r\n`);
          const result = failed ? "FAIL" : "SUCCESS";
          tell({ kind: "stage", name, description: stage.description, timestamp: null, detail, phase: "finish", result });
        });
      begin(stage.name, stage.from);
      for (const [index, module] of stage.modules.entries()) {
        const name = `${stage.name}/config-${module}`;
        const each = (stage.to - stage.from) / stage.modules.length;
        const failed = fails && module === FAILING_MODULE;
        begin(name, stage.from + index * each);
        finish(name, stage.from + (index + 1) * each - 20, failed, failed ? FAILING_OUTPUT : null);
      }
      finish(stage.name, stage.to, fails);
    }
    const last = vm.cloudInit ? BOOT.stages[3].to : BOOT.plainMetadata;
    at(last, () => {
      screen.show("The simulated guest is running");
      screen.print(`\r\n${vm.name} (simulated)# `);
    });
    if (this.clock.now() - vm.bootedAt > last) screen.show("The simulated guest is running");
  }
}
