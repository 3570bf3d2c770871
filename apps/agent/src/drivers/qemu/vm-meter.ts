import { readFile } from "node:fs/promises";
import type { InstanceId } from "@indium/contract/ids";
import type { NetworkCounters, VmCounters } from "../types";
import { balloonMemoryUsed, cgroupOf, guestDisks, guestNetwork, readCgroup, tapsOf } from "./counters";

const BALLOON = "/machine/peripheral/balloon";
/** The balloon's driver is asked by QEMU so often; a sample covers 15 s. */
const BALLOON_POLL_S = 10;
/** A monitor that does not answer costs the numbers it would have given. */
const TIMEOUT_MS = 3_000;

type Execute = (command: string, options: { timeoutMs?: number }, args?: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** What one living QEMU has done, asked of its control group, its monitor and its taps. */
export class VmMeter {
  readonly #id: InstanceId;
  readonly #pid: number;
  readonly #execute: Execute;
  #placed: Promise<{ cgroup: string | null; taps: readonly string[] }> | null = null;

  constructor(vm: { id: InstanceId; pid: number; execute: Execute }) {
    this.#id = vm.id;
    this.#pid = vm.pid;
    this.#execute = vm.execute;
  }

  /** Each time the monitor answers anew. A VM of an agent before has no balloon, and its guest's memory stays unknown. */
  attached(): void {
    const args = { path: BALLOON, property: "guest-stats-polling-interval", value: BALLOON_POLL_S };
    void this.#execute("qom-set", { timeoutMs: TIMEOUT_MS }, args).catch(() => {});
  }

  async read(
    process: { cpuSeconds: number; residentBytes: number },
    interfaces: ReadonlyMap<string, NetworkCounters>,
  ): Promise<VmCounters> {
    const [place, blocks, balloon] = await Promise.all([
      this.#place(),
      this.#execute("query-blockstats", { timeoutMs: TIMEOUT_MS }).catch(() => null),
      this.#execute("qom-get", { timeoutMs: TIMEOUT_MS }, { path: BALLOON, property: "guest-stats" }).catch(() => null),
    ]);
    const group = place.cgroup === null ? null : await readCgroup(place.cgroup);
    return {
      cpuSeconds: group?.cpuSeconds ?? process.cpuSeconds,
      memoryBytes: group?.memoryBytes ?? process.residentBytes,
      guestMemoryUsedBytes: balloonMemoryUsed(balloon, Date.now()),
      disk: guestDisks(blocks),
      network: guestNetwork(place.taps, interfaces),
    };
  }

  /** Asked of the kernel once: neither changes while the process lives. */
  #place(): Promise<{ cgroup: string | null; taps: readonly string[] }> {
    const text = (name: string) => readFile(`/proc/${this.#pid}/${name}`, "utf8").catch(() => "");
    this.#placed ??= Promise.all([text("cgroup"), text("cmdline")]).then(([cgroup, commandLine]) => ({
      cgroup: cgroupOf(cgroup, this.#id),
      taps: tapsOf(commandLine),
    }));
    return this.#placed;
  }
}
