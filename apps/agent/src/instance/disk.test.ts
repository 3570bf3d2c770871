import type { VolumeId } from "@indium/contract/ids";
import type { DesiredInstance } from "@indium/contract/instance";
import { newId } from "@indium/contract/plain/ids";
import { beforeEach, describe, expect, it } from "vitest";
import { desiredInstance, failure, TestHost } from "../reconciler/testing/test-host";

let host: TestHost;

beforeEach(async () => {
  host = new TestHost();
  await host.startAgent();
});

const volumes = () => host.machine.state.volumes;
const rebuilt = (instance: DesiredInstance, id: VolumeId = newId("volume")): Partial<DesiredInstance> => ({
  rootVolume: { ...instance.rootVolume, id, replaces: [instance.rootVolume.id] },
  guestUuid: "11111111-2222-4333-8444-555555555555",
});

describe("resizing", () => {
  it("grows the disk of a stopped instance, and says so with the generation it applied", async () => {
    const instance = await host.running();
    await host.change(instance.id, { desired: "stopped" });
    await host.clock.advance(20_000);
    const wished = await host.change(instance.id, { vcpus: 4, rootVolume: { ...instance.rootVolume, sizeBytes: 30_000_000_000 } });
    await host.clock.advance(5_000);
    expect(volumes()[instance.rootVolume.id]).toBe(30_000_000_000);
    expect(host.observed(instance.id)).toMatchObject({
      state: "stopped",
      appliedGeneration: wished.generation,
      disk: { volumeId: instance.rootVolume.id, sizeBytes: 30_000_000_000 },
    });
    await host.change(instance.id, { desired: "running" });
    await host.clock.advance(20_000);
    expect(host.machine.vm(instance.id)?.vcpus).toBe(4);
  });

  it("never shrinks one", async () => {
    const instance = await host.running();
    await host.change(instance.id, { desired: "stopped" });
    await host.clock.advance(20_000);
    await host.change(instance.id, { rootVolume: { ...instance.rootVolume, sizeBytes: 1_000_000_000 } });
    await host.clock.advance(5_000);
    expect(volumes()[instance.rootVolume.id]).toBe(instance.rootVolume.sizeBytes);
    expect(host.observed(instance.id)).toMatchObject({ state: "stopped", error: null, disk: { sizeBytes: instance.rootVolume.sizeBytes } });
  });

  it("leaves the instance stopped when the disk cannot grow, and says why", async () => {
    const instance = await host.running();
    await host.change(instance.id, { desired: "stopped" });
    await host.clock.advance(20_000);
    host.machine.faults.disk = failure("disk_full", "There is no room.");
    const wished = await host.change(instance.id, { rootVolume: { ...instance.rootVolume, sizeBytes: 30_000_000_000 } });
    await host.clock.advance(5_000);
    expect(host.observed(instance.id)).toMatchObject({
      state: "stopped",
      appliedGeneration: wished.generation,
      error: { code: "disk_full" },
      disk: { sizeBytes: instance.rootVolume.sizeBytes },
    });
    // The centre takes its wish back, and with it goes the error.
    host.machine.faults.disk = null;
    await host.change(instance.id, { rootVolume: instance.rootVolume });
    await host.clock.advance(5_000);
    expect(host.observed(instance.id)).toMatchObject({ state: "stopped", error: null });
  });

  it("also grows it at a start that follows at once", async () => {
    const instance = await host.running();
    await host.change(instance.id, { desired: "stopped" });
    await host.clock.advance(20_000);
    await host.change(instance.id, { desired: "running", rootVolume: { ...instance.rootVolume, sizeBytes: 30_000_000_000 } });
    await host.clock.advance(20_000);
    expect(host.observed(instance.id)).toMatchObject({ state: "running", disk: { sizeBytes: 30_000_000_000 } });
  });
});

describe("rebuilding", () => {
  it("makes the new disk while the old system runs, then starts a new guest on it and removes the old disk", async () => {
    const instance = await host.running();
    const pid = host.machine.vm(instance.id)?.pid;
    const wished = await host.change(instance.id, rebuilt(instance));
    await host.clock.advance(20);
    expect(host.machine.vm(instance.id)?.pid).toBe(pid);
    expect(host.observed(instance.id).waiting?.message).toMatch(/old system runs/);
    await host.clock.advance(20_000);
    expect(host.observed(instance.id)).toMatchObject({
      state: "running",
      appliedGeneration: wished.generation,
      disk: { volumeId: wished.rootVolume.id },
      provisioning: { guestUuid: wished.guestUuid },
    });
    expect(host.machine.vm(instance.id)?.pid).not.toBe(pid);
    expect(Object.keys(volumes())).toEqual([wished.rootVolume.id]);
    expect(
      host
        .steps(instance.id)
        .filter((step) => step.step === "disk" && step.state === "succeeded")
        .map((step) => step.boot),
    ).toEqual([1, 2]);
  });

  it("rebuilds a stopped one without starting it", async () => {
    const instance = await host.running();
    await host.change(instance.id, { desired: "stopped" });
    await host.clock.advance(20_000);
    const wished = await host.change(instance.id, rebuilt(instance));
    await host.clock.advance(20_000);
    expect(host.observed(instance.id)).toMatchObject({ state: "stopped", appliedGeneration: wished.generation });
    expect(Object.keys(volumes())).toEqual([wished.rootVolume.id]);
  });

  it("keeps the old disk and the running system when the new one cannot be made", async () => {
    const instance = await host.running();
    const pid = host.machine.vm(instance.id)?.pid;
    host.machine.faults.disk = failure("disk_full", "There is no room.");
    await host.change(instance.id, rebuilt(instance));
    await host.clock.advance(20_000);
    expect(host.observed(instance.id)).toMatchObject({
      state: "failed",
      error: { code: "disk_full" },
      disk: { volumeId: instance.rootVolume.id },
    });
    expect(host.machine.vm(instance.id)?.pid).toBe(pid);
    host.machine.faults.disk = null;
    await host.change(instance.id, { rootVolume: instance.rootVolume, guestUuid: instance.guestUuid });
    await host.clock.advance(20_000);
    expect(host.observed(instance.id)).toMatchObject({ state: "running", error: null });
    expect(host.machine.vm(instance.id)?.pid).toBe(pid);
    expect(Object.keys(volumes())).toEqual([instance.rootVolume.id]);
  });

  it("gives up no disk that the wish does not name: a centre restored from an old dump wishes one that is no more", async () => {
    const instance = await host.running();
    const wished = await host.change(instance.id, rebuilt(instance));
    await host.clock.advance(20_000);
    const pid = host.machine.vm(instance.id)?.pid;
    host.centreEpoch += 1;
    await host.change(instance.id, { rootVolume: instance.rootVolume });
    await host.clock.advance(60_000);
    expect(host.machine.vm(instance.id)?.pid).toBe(pid);
    await host.change(instance.id, { desired: "stopped" });
    await host.clock.advance(20_000);
    await host.change(instance.id, { desired: "running" });
    await host.clock.advance(20_000);
    expect(Object.keys(volumes())).toEqual([wished.rootVolume.id]);
    expect(host.observed(instance.id)).toMatchObject({ state: "running", disk: { volumeId: wished.rootVolume.id } });
  });

  it("takes the last of two in a row, and leaves nothing of the first", async () => {
    const instance = await host.running();
    const first = newId("volume");
    await host.change(instance.id, rebuilt(instance, first));
    await host.clock.advance(30);
    const last = newId("volume");
    await host.change(instance.id, { rootVolume: { ...instance.rootVolume, id: last, replaces: [instance.rootVolume.id, first] } });
    await host.clock.advance(30_000);
    expect(Object.keys(volumes())).toEqual([last]);
    expect(host.observed(instance.id)).toMatchObject({ state: "running", disk: { volumeId: last } });
  });

  it("of one that never started has only the new disk to make", async () => {
    const instance = await host.wish(desiredInstance({ desired: "stopped" }));
    await host.clock.advance(5_000);
    const wished = await host.change(instance.id, { ...rebuilt(instance), desired: "running" });
    await host.clock.advance(20_000);
    expect(Object.keys(volumes())).toEqual([wished.rootVolume.id]);
  });
});
