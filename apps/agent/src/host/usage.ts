import type { HostUsage } from "@indium/contract/host";
import type { InstanceId } from "@indium/contract/ids";
import type { VmHandle } from "../drivers/types";
import type { Clock } from "../system/clock";
import { type HostCounters, summedRates } from "./host-counters";

export const USAGE_INTERVAL_MS = 5_000;

export interface UsageOptions {
  readonly clock: Clock;
  readonly host: () => Promise<HostCounters>;
  readonly vms: () => Iterable<VmHandle>;
}

/** Samples what the host and its VMs use. Rates are over the time since the sample before; the first sample has none. */
export class UsageSampler {
  readonly #options: UsageOptions;
  #before: { readonly at: number; readonly counters: HostCounters } | null = null;
  readonly #vmSeconds = new Map<InstanceId, { pid: number; at: number; cpuSeconds: number }>();

  constructor(options: UsageOptions) {
    this.#options = options;
  }

  async sample(): Promise<HostUsage> {
    const now = await this.#options.host();
    const at = this.#options.clock.now();
    const before = this.#before?.counters;
    const seconds = (at - (this.#before?.at ?? at)) / 1000;
    this.#before = { at, counters: now };
    const ticks = now.cpu.total - (before?.cpu.total ?? now.cpu.total);
    const busy = now.cpu.busy - (before?.cpu.busy ?? now.cpu.busy);
    return {
      at,
      cpuFraction: ticks > 0 ? Math.min(1, Math.max(0, busy / ticks)) : 0,
      memoryUsedBytes: now.memoryUsedBytes,
      storageUsedBytes: now.storageUsedBytes,
      networkReceivedBytesPerSecond: summedRates(now.uplinks, before?.uplinks, (each) => each.receivedBytes, seconds) ?? 0,
      networkSentBytesPerSecond: summedRates(now.uplinks, before?.uplinks, (each) => each.sentBytes, seconds) ?? 0,
      instances: await this.#instances(at),
    };
  }

  async #instances(at: number): Promise<HostUsage["instances"]> {
    const seen = new Set<InstanceId>();
    const uses = await Promise.all(
      [...this.#options.vms()].map(async (vm) => {
        seen.add(vm.instanceId);
        // A VM that is ending answers no more; it is left out of this sample.
        const usage = await vm.usage().catch(() => null);
        if (usage === null) return null;
        const before = this.#vmSeconds.get(vm.instanceId);
        this.#vmSeconds.set(vm.instanceId, { pid: vm.pid, at, cpuSeconds: usage.cpuSeconds });
        const seconds = before === undefined || before.pid !== vm.pid ? 0 : (at - before.at) / 1000;
        const cpuFraction = before === undefined || seconds <= 0 ? 0 : Math.max(0, (usage.cpuSeconds - before.cpuSeconds) / seconds);
        return { instanceId: vm.instanceId, cpuFraction, memoryBytes: Math.round(usage.residentBytes) };
      }),
    );
    for (const id of this.#vmSeconds.keys()) if (!seen.has(id)) this.#vmSeconds.delete(id);
    return uses.filter((use) => use !== null).slice(0, 2_000);
  }
}
