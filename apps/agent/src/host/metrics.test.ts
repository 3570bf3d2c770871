import type { InstanceId } from "@indium/contract/ids";
import { MetricSample } from "@indium/contract/metrics";
import { METRICS, type MetricName } from "@indium/contract/plain/metrics";
import { describe, expect, it } from "vitest";
import type { VmCounters, VmHandle } from "../drivers/types";
import { FakeClock } from "../system/fake-clock";
import type { HostCounters } from "./host-counters";
import { MetricRing, MetricSampler } from "./metrics";

const ID = "i-00000000000000001" as InstanceId;
const valueIn = (values: readonly (number | null)[], name: MetricName) => values[METRICS.indexOf(name)];

const net = (bytes: number) => ({ receivedBytes: bytes, sentBytes: 2 * bytes, receivedPackets: bytes / 10, sentPackets: bytes / 5 });
const disk = (bytes: number) => ({ readBytes: bytes, writtenBytes: 2 * bytes, reads: bytes / 10, writes: bytes / 5 });

/** A host and a VM whose counters tests move by hand; it is asked every 5 s as the agent does. */
function stage() {
  const clock = new FakeClock(Date.UTC(2026, 0, 1, 0, 0, 2));
  const state = {
    host: {
      cpu: { busy: 100, total: 1_000 },
      threads: 4,
      memoryUsedBytes: 5_000,
      storageUsedBytes: 6_000,
      disks: new Map([["sda", disk(1_000)]]),
      uplinks: new Map([["eth0", net(1_000)]]),
      interfaces: new Map(),
    } as HostCounters,
    vm: { cpuSeconds: 10, memoryBytes: 4_096, guestMemoryUsedBytes: null, disk: disk(0), network: net(0) } as VmCounters,
    pid: 7,
    gone: false,
  };
  const vm = {
    instanceId: ID,
    get pid() {
      return state.pid;
    },
    counters: () => (state.gone ? Promise.reject(new Error("gone")) : Promise.resolve(state.vm)),
  } as unknown as VmHandle;
  const sampler = new MetricSampler({ clock, host: () => Promise.resolve(state.host), vms: () => [vm] });
  /** Three asks of 5 s; the slot's sample. */
  const slot = async (): Promise<MetricSample> => {
    for (let ask = 0; ask < 3; ask++) {
      await clock.advance(5_000);
      const sample = await sampler.sample();
      if (sample !== null) return MetricSample.parse(sample);
    }
    throw new Error("no sample in a whole slot");
  };
  return { clock, state, sampler, slot };
}

describe("a host's samples", () => {
  it("come once for each slot, named by its beginning, with means over the time between two readings", async () => {
    const { state, sampler, slot } = stage();
    expect(await sampler.sample()).toBeNull();
    state.host = {
      ...state.host,
      cpu: { busy: 400, total: 1_600 },
      disks: new Map([["sda", disk(16_000)]]),
      uplinks: new Map([["eth0", net(31_000)]]),
    };
    state.vm = { ...state.vm, cpuSeconds: 32.5, disk: disk(15_000), network: net(30_000) };
    const sample = await slot();
    expect(sample.at).toBe(Date.UTC(2026, 0, 1, 0, 0, 0));
    expect(await sampler.sample()).toBeNull();
    // 15 s on: from 00:02 to 00:17.
    expect(valueIn(sample.host, "cpu")).toBe(2);
    expect(valueIn(sample.host, "memory")).toBe(5_000);
    expect(valueIn(sample.host, "storage")).toBe(6_000);
    expect(valueIn(sample.host, "guestMemory")).toBeNull();
    expect(valueIn(sample.host, "diskRead")).toBe(1_000);
    expect(valueIn(sample.host, "sent")).toBe(4_000);
    const [instance] = sample.instances;
    expect(instance?.[0]).toBe(ID);
    expect(valueIn(instance?.[1] ?? [], "cpu")).toBe(1.5);
    expect(valueIn(instance?.[1] ?? [], "diskWrites")).toBe(200);
    expect(valueIn(instance?.[1] ?? [], "received")).toBe(2_000);
    expect((await slot()).at).toBe(Date.UTC(2026, 0, 1, 0, 0, 15));
  });

  it("have no rate where a counter began anew, and never a negative one", async () => {
    const { state, sampler, slot } = stage();
    await sampler.sample();
    await slot();
    // The VM was started again: another process, counters from zero.
    state.pid = 8;
    state.vm = { ...state.vm, cpuSeconds: 1, disk: disk(10), network: net(10) };
    const fresh = (await slot()).instances[0]?.[1] ?? [];
    expect(valueIn(fresh, "cpu")).toBeNull();
    expect(valueIn(fresh, "memory")).toBe(4_096);
    // A tap that was made anew under the same process.
    state.vm = { ...state.vm, network: net(0) };
    const reset = (await slot()).instances[0]?.[1] ?? [];
    expect(valueIn(reset, "received")).toBeNull();
    expect(valueIn(reset, "cpu")).toBe(0);
    state.host = { ...state.host, uplinks: new Map([["wlan0", net(1e9)]]) };
    expect(valueIn((await slot()).host, "received")).toBeNull();
  });

  it("say nothing of what the VM does not tell, and leave out one that has gone", async () => {
    const { state, sampler, slot } = stage();
    state.vm = { ...state.vm, disk: null, network: null };
    await sampler.sample();
    const silent = (await slot()).instances[0]?.[1] ?? [];
    expect(valueIn(silent, "diskRead")).toBeNull();
    expect(valueIn(silent, "received")).toBeNull();
    expect(valueIn(silent, "cpu")).toBe(0);
    state.gone = true;
    expect((await slot()).instances).toEqual([]);
  });

  it("leave the slots of a pause of the machine empty", async () => {
    const { clock, sampler, slot } = stage();
    await sampler.sample();
    const first = await slot();
    await clock.advance(120_000);
    const after = await sampler.sample();
    expect(after?.at).toBe(first.at + 120_000);
  });
});

describe("samples that wait", () => {
  const sample = (slot: number, instances = 0): MetricSample => ({
    at: slot * 15_000,
    host: [],
    instances: Array.from({ length: instances }, (_, index) => [`i-${String(index).padStart(17, "0")}` as InstanceId, []]),
  });
  const slots = (samples: readonly MetricSample[]) => samples.map(({ at }) => at / 15_000);

  it("go along until they are taken: the newest always, the others oldest first", () => {
    const ring = new MetricRing();
    for (let slot = 1; slot <= 10; slot++) ring.push(sample(slot));
    const first = ring.pending(10 * 15_000);
    expect(slots(first)).toEqual([1, 2, 3, 10]);
    expect(slots(ring.pending(10 * 15_000))).toEqual([1, 2, 3, 10]);
    ring.taken(first);
    expect(slots(ring.pending(10 * 15_000))).toEqual([4, 5, 6, 9]);
  });

  it("are at most a quarter of an hour's, and none that is older", () => {
    const ring = new MetricRing();
    for (let slot = 1; slot <= 100; slot++) ring.push(sample(slot));
    expect(ring.length).toBe(60);
    expect(slots(ring.pending(100 * 15_000))).toEqual([41, 42, 43, 100]);
    expect(ring.pending(161 * 15_000)).toEqual([]);
    expect(ring.length).toBe(0);
  });

  it("fit into a message also where a host has very many VMs", () => {
    const ring = new MetricRing();
    for (let slot = 1; slot <= 4; slot++) ring.push(sample(slot, 2_000));
    expect(slots(ring.pending(4 * 15_000))).toEqual([1, 4]);
  });
});
