import type { InstanceId } from "@indium/contract/ids";
import { METRIC_SAMPLES_KEPT, METRIC_SAMPLES_PER_MESSAGE, type MetricSample, type MetricValues } from "@indium/contract/metrics";
import { METRIC_STEP_MS, METRICS, type MetricName } from "@indium/contract/plain/metrics";
import type { VmCounters, VmHandle } from "../drivers/types";
import type { Clock } from "../system/clock";
import { type HostCounters, ratePerSecond, summedRates } from "./host-counters";

const MAX_INSTANCES = 2_000;
/** A guest may be told to do a thousand things; a processor more than there are is a reading gone wrong. */
const MAX_VALUE = 1e15;

interface Reading {
  readonly at: number;
  readonly host: HostCounters;
  readonly vms: ReadonlyMap<InstanceId, { readonly pid: number; readonly counters: VmCounters }>;
}

export interface MetricSamplerOptions {
  readonly clock: Clock;
  readonly host: () => Promise<HostCounters>;
  readonly vms: () => Iterable<VmHandle>;
}

/**
 * One sample for each slot of 15 s, made from two readings about that far apart. It is asked more often than that (with each usage sample) and
 * answers once a slot has ended. What is not known is null: rates after the agent's start, a VM's after its own, and whenever a counter began anew.
 */
export class MetricSampler {
  readonly #options: MetricSamplerOptions;
  #before: Reading | null = null;

  constructor(options: MetricSamplerOptions) {
    this.#options = options;
  }

  /** Null until the slot under way has ended. */
  async sample(): Promise<MetricSample | null> {
    const slot = slotOf(this.#options.clock.now());
    const before = this.#before;
    if (before !== null && slotOf(before.at) === slot) return null;
    const now = await this.#read();
    this.#before = now;
    // The slot that has just ended. After a pause of the whole machine those in between stay empty: rates over all of it are no news of them.
    return before === null || now.at <= before.at ? null : between(before, now, slot - METRIC_STEP_MS);
  }

  async #read(): Promise<Reading> {
    const host = await this.#options.host();
    const at = this.#options.clock.now();
    const vms = await Promise.all(
      [...this.#options.vms()].map(async (vm) => {
        // A VM that is ending answers no more; it is left out of this sample.
        const counters = await vm.counters(host.interfaces).catch(() => null);
        return counters === null ? null : ([vm.instanceId, { pid: vm.pid, counters }] as const);
      }),
    );
    return { at, host, vms: new Map(vms.filter((vm) => vm !== null).slice(0, MAX_INSTANCES)) };
  }
}

const slotOf = (at: number): number => Math.floor(at / METRIC_STEP_MS) * METRIC_STEP_MS;

function between(before: Reading, now: Reading, at: number): MetricSample {
  const seconds = (now.at - before.at) / 1_000;
  return {
    at,
    host: hostValues(before.host, now.host, seconds),
    instances: [...now.vms].map(([id, vm]) => {
      const earlier = before.vms.get(id);
      return [id, vmValues(earlier?.pid === vm.pid ? earlier.counters : undefined, vm.counters, seconds)];
    }),
  };
}

function hostValues(before: HostCounters, now: HostCounters, seconds: number): MetricValues {
  const ticks = now.cpu.total - before.cpu.total;
  const busy = now.cpu.busy - before.cpu.busy;
  const disk = (of: "readBytes" | "writtenBytes" | "reads" | "writes") => summedRates(now.disks, before.disks, (each) => each[of], seconds);
  const net = (of: "receivedBytes" | "sentBytes" | "receivedPackets" | "sentPackets") =>
    summedRates(now.uplinks, before.uplinks, (each) => each[of], seconds);
  return inOrder({
    cpu: ticks > 0 && busy >= 0 ? Math.min(1, busy / ticks) * now.threads : null,
    memory: now.memoryUsedBytes,
    guestMemory: null,
    storage: now.storageUsedBytes,
    diskRead: disk("readBytes"),
    diskWritten: disk("writtenBytes"),
    diskReads: disk("reads"),
    diskWrites: disk("writes"),
    received: net("receivedBytes"),
    sent: net("sentBytes"),
    receivedPackets: net("receivedPackets"),
    sentPackets: net("sentPackets"),
  });
}

function vmValues(before: VmCounters | undefined, now: VmCounters, seconds: number): MetricValues {
  const rate = (of: (counters: VmCounters) => number | undefined): number | null => {
    const [value, earlier] = [of(now), before === undefined ? undefined : of(before)];
    return value === undefined ? null : ratePerSecond(value, earlier, seconds);
  };
  return inOrder({
    cpu: rate((each) => each.cpuSeconds),
    memory: now.memoryBytes,
    guestMemory: now.guestMemoryUsedBytes,
    storage: null,
    diskRead: rate((each) => each.disk?.readBytes),
    diskWritten: rate((each) => each.disk?.writtenBytes),
    diskReads: rate((each) => each.disk?.reads),
    diskWrites: rate((each) => each.disk?.writes),
    received: rate((each) => each.network?.receivedBytes),
    sent: rate((each) => each.network?.sentBytes),
    receivedPackets: rate((each) => each.network?.receivedPackets),
    sentPackets: rate((each) => each.network?.sentPackets),
  });
}

/** Rounded to what anybody reads: these numbers travel by the thousand. */
function inOrder(values: Record<MetricName, number | null>): MetricValues {
  return METRICS.map((name) => {
    const value = values[name];
    if (value === null || !(value >= 0) || value > MAX_VALUE) return null;
    return value >= 1_000 ? Math.round(value) : Math.round(value * 10_000) / 10_000;
  });
}

/**
 * Samples that nobody has taken yet, at most 15 minutes of them and in memory only: charts may have gaps, and reports must not wait behind
 * them. The newest goes with every message until it is taken; those that wait go along, oldest first.
 */
export class MetricRing {
  #samples: MetricSample[] = [];

  push(sample: MetricSample): void {
    this.#samples = [...this.#samples.filter((each) => each.at !== sample.at), sample].slice(-METRIC_SAMPLES_KEPT);
  }

  /** What the next message carries, the newest last. */
  pending(nowMs: number): readonly MetricSample[] {
    const oldest = nowMs - METRIC_SAMPLES_KEPT * METRIC_STEP_MS;
    this.#samples = this.#samples.filter((sample) => sample.at >= oldest);
    const newest = this.#samples.at(-1);
    if (newest === undefined) return [];
    const message = [newest];
    // One message is bounded (MAX_USAGE_CHARACTERS): of a host with very many VMs fewer samples fit.
    let room = 2 * MAX_INSTANCES - newest.instances.length;
    for (const sample of this.#samples.slice(0, -1)) {
      room -= sample.instances.length;
      if (message.length >= METRIC_SAMPLES_PER_MESSAGE || room < 0) break;
      message.splice(-1, 0, sample);
    }
    return message;
  }

  taken(samples: readonly MetricSample[]): void {
    const slots = new Set(samples.map((sample) => sample.at));
    this.#samples = this.#samples.filter((sample) => !slots.has(sample.at));
  }

  get length(): number {
    return this.#samples.length;
  }
}
