import { tmpdir } from "node:os";
import { HostFacts, HostUsage } from "@indium/contract/host";
import { describe, expect, it } from "vitest";
import type { VmHandle } from "../drivers/types";
import { FakeClock } from "../system/fake-clock";
import { readHostFacts } from "./facts";
import { readHostCounters } from "./host-counters";
import { UsageSampler } from "./usage";

describe("this machine", () => {
  it("has facts that the contract takes", async () => {
    const hypervisor = {
      kind: "qemu",
      version: "QEMU 7.2",
      acceleration: { kind: "tcg", reason: "no KVM" },
      limits: { kind: "none", reason: "no control groups" },
    } as const;
    const facts = await readHostFacts({ hypervisor, storagePath: tmpdir(), hostname: "host-1" });
    expect(HostFacts.parse(facts)).toEqual(facts);
    expect(facts).toMatchObject({
      hostname: "host-1",
      driver: "qemu",
      acceleration: "tcg",
      vmLimits: { kind: "none", reason: "no control groups" },
    });
    expect(facts.memoryBytes).toBeGreaterThan(64 * 1024 * 1024);
    expect(facts.bootedAt).toBeLessThan(Date.now());
  });

  it("has usage that the contract takes, with each VM's share since the sample before", async () => {
    const clock = new FakeClock();
    let cpuSeconds = 100;
    const vm = {
      instanceId: "i-00000000000000001",
      pid: 7,
      usage: async () => ({ cpuSeconds, residentBytes: 4096 }),
    } as unknown as VmHandle;
    const sampler = new UsageSampler({ clock, host: () => readHostCounters(tmpdir()), vms: () => [vm] });
    expect((await sampler.sample()).instances).toEqual([{ instanceId: vm.instanceId, cpuFraction: 0, memoryBytes: 4096 }]);
    await clock.advance(5_000);
    cpuSeconds += 2.5;
    const usage = await sampler.sample();
    expect(HostUsage.parse(usage)).toEqual(usage);
    expect(usage.instances[0]?.cpuFraction).toBeCloseTo(0.5);
    expect(usage.memoryUsedBytes).toBeGreaterThan(0);
  });

  it("leaves a VM that answers no more out of the sample", async () => {
    const gone = { instanceId: "i-00000000000000001", pid: 7, usage: () => Promise.reject(new Error("gone")) } as unknown as VmHandle;
    const sampler = new UsageSampler({ clock: new FakeClock(), host: () => readHostCounters(tmpdir()), vms: () => [gone] });
    expect((await sampler.sample()).instances).toEqual([]);
  });
});
