import { readFile, statfs } from "node:fs/promises";
import type { HostUsage } from "@indium/contract/host";
import type { InstanceId } from "@indium/contract/ids";
import type { VmHandle } from "../drivers/types";
import type { Clock } from "../system/clock";
import { defaultRouteInterfaces, parseCpuTimes, parseMemInfo, parseNetDev } from "./proc";

export const USAGE_INTERVAL_MS = 5_000;

interface Reading {
  readonly at: number;
  readonly cpu: { busy: number; total: number };
  readonly received: number;
  readonly sent: number;
}

export interface UsageOptions {
  readonly clock: Clock;
  readonly storagePath: string;
  readonly vms: () => Iterable<VmHandle>;
}

/** Samples what the host and its VMs use. Rates are over the time since the sample before; the first sample has none. */
export class UsageSampler {
  readonly #options: UsageOptions;
  #before: Reading | null = null;
  readonly #vmSeconds = new Map<InstanceId, { pid: number; at: number; cpuSeconds: number }>();

  constructor(options: UsageOptions) {
    this.#options = options;
  }

  async sample(): Promise<HostUsage> {
    const [procStat, memInfo, netDev, route4, route6, storage] = await Promise.all([
      text("/proc/stat"),
      text("/proc/meminfo"),
      text("/proc/net/dev"),
      text("/proc/net/route"),
      text("/proc/net/ipv6_route"),
      statfs(this.#options.storagePath),
    ]);
    const uplinks = defaultRouteInterfaces(route4, route6);
    let received = 0;
    let sent = 0;
    for (const [name, bytes] of parseNetDev(netDev)) {
      if (!uplinks.has(name)) continue;
      received += bytes.received;
      sent += bytes.sent;
    }
    const now: Reading = { at: this.#options.clock.now(), cpu: parseCpuTimes(procStat), received, sent };
    const before = this.#before ?? now;
    this.#before = now;
    const seconds = (now.at - before.at) / 1000;
    const ticks = now.cpu.total - before.cpu.total;
    const rate = (bytes: number): number => (seconds > 0 ? Math.max(0, bytes / seconds) : 0);
    const memory = parseMemInfo(memInfo);
    return {
      at: now.at,
      cpuFraction: ticks > 0 ? Math.min(1, Math.max(0, (now.cpu.busy - before.cpu.busy) / ticks)) : 0,
      memoryUsedBytes: Math.max(0, memory.totalBytes - memory.availableBytes),
      storageUsedBytes: (storage.blocks - storage.bfree) * storage.bsize,
      networkReceivedBytesPerSecond: rate(now.received - before.received),
      networkSentBytesPerSecond: rate(now.sent - before.sent),
      instances: await this.#instances(now.at),
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

async function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
