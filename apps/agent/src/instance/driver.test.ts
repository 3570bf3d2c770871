import { beforeEach, describe, expect, it } from "vitest";
import { desiredInstance, failure, TestHost } from "../reconciler/testing/test-host";

let host: TestHost;

beforeEach(async () => {
  host = new TestHost();
  await host.startAgent();
});

describe("creating", () => {
  it("goes from preparing over starting to running, and says the generation it applied", async () => {
    const { id } = await host.running();
    expect(host.states(id)).toEqual(["preparing", "starting", "running"]);
    expect(host.observed(id)).toMatchObject({ state: "running", appliedGeneration: 1, error: null, waiting: null });
    expect(host.observed(id).startedAt).toBeGreaterThan(0);
  });

  it("takes a VM that a killed agent's child brought up meanwhile as started", async () => {
    const instance = desiredInstance();
    await host.wish(instance);
    host.machine.powerOn({ instance, disk: { path: "/simulated", format: "qcow2" }, taps: [] });
    const { pid } = host.machine.vm(instance.id) ?? { pid: 0 };
    await host.clock.advance(20_000);
    expect(host.states(instance.id).at(-1)).toBe("running");
    expect(host.states(instance.id)).not.toContain("failed");
    expect(host.machine.vm(instance.id)?.pid).toBe(pid);
  });

  it("tells the whole timeline, from the image to SSH", async () => {
    const { id } = await host.running();
    const ended = host.steps(id).filter((step) => step.state === "succeeded");
    expect(ended.map((step) => step.step).sort()).toEqual(
      [
        "image",
        "disk",
        "network",
        "start",
        "metadata",
        "guest:init-local",
        "guest:init-network",
        "guest:init-network/config-growpart",
        "guest:init-network/config-ssh",
        "guest:init-network/config-users-groups",
        "guest:modules-config",
        "guest:modules-config/config-ntp",
        "guest:modules-config/config-set-passwords",
        "guest:modules-final",
        "guest:modules-final/config-package-update-upgrade-install",
        "guest:modules-final/config-scripts-user",
        "ssh",
      ].sort(),
    );
    expect(ended.every((step) => step.boot === 1 && step.endedAt !== null && step.endedAt >= step.startedAt)).toBe(true);
  });

  it("tells an image's progress at most twice a second", async () => {
    const { id } = await host.running();
    const progress = host.steps(id).filter((step) => step.step === "image" && step.state === "running" && step.progress !== null);
    expect(progress.length).toBeGreaterThan(1);
    expect(progress.length).toBeLessThanOrEqual(5);
  });

  it("raises the observed generation by one at each change and at no other time", async () => {
    const { id } = await host.running();
    const generations = host.observations(id).map((body) => body.observedGeneration);
    expect(generations).toEqual(generations.map((_, index) => index + 1));
    const count = generations.length;
    await host.clock.advance(300_000);
    expect(host.observations(id)).toHaveLength(count);
  });

  it.each([
    ["image", "image_checksum_mismatch", "image"],
    ["disk", "disk_full", "disk"],
    ["network", "network_failed", "network"],
    ["start", "hypervisor_failed", "start"],
  ] as const)("fails at the %s with its own error and words, and stays failed", async (fault, code, step) => {
    host.machine.faults[fault] = failure(code, "It went wrong on host-1.");
    const { id } = await host.running();
    expect(host.observed(id)).toMatchObject({ state: "failed", appliedGeneration: 1, error: { code, detail: "its own words" } });
    expect(host.steps(id).find((one) => one.step === step && one.state === "failed")).toMatchObject({ detail: "its own words" });
    host.machine.faults[fault] = null;
    await host.clock.advance(300_000);
    expect(host.observed(id).state).toBe("failed");
  });

  it("tries a failed one again at a newer generation", async () => {
    host.machine.faults.disk = failure("disk_full", "No space left on host-1.");
    const { id } = await host.running();
    host.machine.faults.disk = null;
    await host.change(id, {});
    await host.clock.advance(20_000);
    expect(host.observed(id)).toMatchObject({ state: "running", appliedGeneration: 2, error: null });
  });

  it("says of an image that is in no document which image it is", async () => {
    const { id } = await host.running({ rootVolume: { id: "vol-00000000000000009", imageId: "img-00000000000000009", sizeBytes: 1 } });
    expect(host.observed(id).error).toMatchObject({ code: "image_unavailable" });
    expect(host.observed(id).error?.message).toContain("img-00000000000000009");
  });

  it("cancels the other part when one fails", async () => {
    host.machine.faults.network = failure("network_failed", "No bridge on host-1.");
    const { id } = await host.running();
    expect(host.steps(id).find((step) => step.step === "image" && step.state === "skipped")?.message).toBe(
      "Stopped, because another step failed.",
    );
    expect(host.machine.state.images).toEqual([]);
  });
});

describe("stopping", () => {
  it("presses the power button, says until when it waits, and leaves no process", async () => {
    const { id } = await host.running();
    await host.change(id, { desired: "stopped" });
    await host.clock.advance(100);
    expect(host.observed(id)).toMatchObject({ state: "stopping", waiting: { untilMs: expect.any(Number) } });
    expect((host.observed(id).waiting?.untilMs ?? 0) - host.clock.now()).toBeGreaterThan(59_000);
    await host.clock.advance(5_000);
    expect(host.observed(id)).toMatchObject({ state: "stopped", appliedGeneration: 2, guestPoweredOff: false, waiting: null });
    expect(host.machine.vm(id)).toBeNull();
  });

  it("forces a guest that does not answer, after its grace and not before", async () => {
    host.machine.faults.deafGuests = true;
    const { id } = await host.running();
    await host.change(id, { desired: "stopped" });
    await host.clock.advance(59_000);
    expect(host.observed(id).state).toBe("stopping");
    await host.clock.advance(1_500);
    expect(host.observed(id).state).toBe("stopped");
  });

  it("forces at once without grace, also when it is asked for during a stop", async () => {
    host.machine.faults.deafGuests = true;
    const { id } = await host.running();
    await host.change(id, { desired: "stopped" });
    await host.clock.advance(10_000);
    expect(host.observed(id).state).toBe("stopping");
    await host.change(id, { stopGraceMs: 0 });
    await host.clock.advance(100);
    expect(host.observed(id)).toMatchObject({ state: "stopped", appliedGeneration: 3 });
  });

  it("resumes a paused guest first, so that it can hear the button", async () => {
    const { id } = await host.running();
    await host.change(id, { desired: "paused" });
    await host.clock.advance(100);
    await host.change(id, { desired: "stopped" });
    await host.clock.advance(5_000);
    expect(host.observed(id).state).toBe("stopped");
  });

  it("starts again when a newer wish takes the stop back, whatever the guest does with the button", async () => {
    const { id } = await host.running();
    const { pid } = host.machine.vm(id)!;
    await host.change(id, { desired: "stopped" });
    await host.clock.advance(500);
    await host.change(id, { desired: "running" });
    await host.clock.advance(20_000);
    // The button had been heard: the guest went down and was started again, and nobody took it for its own wish.
    expect(host.observed(id)).toMatchObject({ state: "running", appliedGeneration: 3, guestPoweredOff: false });
    expect(host.machine.vm(id)?.pid).not.toBe(pid);
  });
});

describe("pausing", () => {
  it("pauses and resumes without a restart", async () => {
    const { id } = await host.running();
    const { pid } = host.machine.vm(id)!;
    await host.change(id, { desired: "paused" });
    await host.clock.advance(100);
    expect(host.observed(id)).toMatchObject({ state: "paused", appliedGeneration: 2 });
    await host.change(id, { desired: "running" });
    await host.clock.advance(100);
    expect(host.observed(id)).toMatchObject({ state: "running", appliedGeneration: 3 });
    expect(host.machine.vm(id)?.pid).toBe(pid);
  });
});

describe("power requests", () => {
  it("reboots by the power button and a fresh start, shown as rebooting", async () => {
    const { id } = await host.running();
    const { pid } = host.machine.vm(id)!;
    const power = host.power("reboot");
    await host.change(id, { power });
    await host.clock.advance(20_000);
    expect(host.states(id)).toEqual(["preparing", "starting", "running", "rebooting", "running"]);
    expect(host.observed(id)).toMatchObject({ lastRequestId: power.requestId, appliedGeneration: 2, guestPoweredOff: false });
    expect(host.machine.vm(id)?.pid).not.toBe(pid);
    expect(
      host
        .steps(id)
        .filter((step) => step.boot === 2 && step.step === "ssh")
        .at(-1)?.state,
    ).toBe("succeeded");
  });

  it("resets a guest that does not answer the button within its grace", async () => {
    host.machine.faults.deafGuests = true;
    const { id } = await host.running();
    const { pid, bootedAt } = host.machine.vm(id)!;
    await host.change(id, { power: host.power("reboot") });
    await host.clock.advance(59_000);
    expect(host.observed(id)).toMatchObject({ state: "rebooting", waiting: { untilMs: expect.any(Number) } });
    await host.clock.advance(10_000);
    expect(host.observed(id).state).toBe("running");
    expect(host.machine.vm(id)).toMatchObject({ pid });
    expect(host.machine.vm(id)?.bootedAt).toBeGreaterThan(bootedAt);
  });

  it("resets at once", async () => {
    const { id } = await host.running();
    const { pid, bootedAt } = host.machine.vm(id)!;
    await host.change(id, { power: host.power("reset") });
    await host.clock.advance(100);
    expect(host.machine.vm(id)).toMatchObject({ pid });
    expect(host.machine.vm(id)?.bootedAt).toBeGreaterThan(bootedAt);
  });

  it("is carried out once, however often the document is sent and the agent killed", async () => {
    const { id } = await host.running();
    await host.change(id, { power: host.power("reset") });
    await host.clock.advance(10_000);
    const { bootedAt } = host.machine.vm(id)!;
    await host.apply(host.document());
    await host.change(id, { metadata: { hostname: "other", sshKeys: [], tags: {}, availabilityZone: "here" } });
    await host.clock.advance(10_000);
    await host.killAgent();
    await host.startAgent();
    await host.clock.advance(60_000);
    expect(host.machine.vm(id)?.bootedAt).toBe(bootedAt);
  });

  it("is on disk before it is acted on", async () => {
    const { id } = await host.running();
    const power = host.power("reset");
    let recorded: string | null = null;
    host.machine.onVmEvent(id, (event) => {
      if (event.kind === "reset") recorded = host.store.instances.get(id)?.lastRequestId ?? null;
    });
    await host.change(id, { power });
    await host.clock.advance(1_000);
    expect(recorded).toBe(power.requestId);
  });

  it("is denied with a reason when the VM is stopped, and when it comes too late", async () => {
    const { id } = await host.running();
    await host.change(id, { desired: "stopped" });
    await host.clock.advance(10_000);
    const power = host.power("reboot");
    await host.change(id, { power });
    await host.clock.advance(1_000);
    expect(host.observed(id)).toMatchObject({ state: "stopped", lastRequestId: power.requestId, error: { code: "action_denied" } });
    await host.change(id, { desired: "running", power: null });
    await host.clock.advance(20_000);
    expect(host.observed(id)).toMatchObject({ state: "running", error: null });
    const { bootedAt } = host.machine.vm(id)!;
    const late = host.power("reset", -1);
    await host.change(id, { power: late });
    await host.clock.advance(1_000);
    expect(host.observed(id)).toMatchObject({ lastRequestId: late.requestId, error: { code: "action_denied" } });
    expect(host.machine.vm(id)?.bootedAt).toBe(bootedAt);
  });
});

describe("a guest's own doing", () => {
  it("keeps a guest's power-off, over the agent's restart and the host's", async () => {
    const { id } = await host.running();
    host.machine.guestShutsDown(id);
    await host.clock.advance(1_000);
    expect(host.observed(id)).toMatchObject({ state: "stopped", guestPoweredOff: true, appliedGeneration: 1 });
    await host.killAgent();
    await host.startAgent();
    await host.clock.advance(60_000);
    expect(host.observed(id)).toMatchObject({ state: "stopped", guestPoweredOff: true });
    await host.rebootHost();
    await host.clock.advance(60_000);
    expect(host.machine.vm(id)).toBeNull();
  });

  it("keeps a power-off that happened while no agent was there", async () => {
    const { id } = await host.running();
    await host.killAgent();
    host.machine.guestShutsDown(id);
    await host.startAgent();
    await host.clock.advance(10_000);
    expect(host.observed(id)).toMatchObject({ state: "stopped", guestPoweredOff: true });
  });

  it("starts it again at a newer wish", async () => {
    const { id } = await host.running();
    host.machine.guestShutsDown(id);
    await host.clock.advance(1_000);
    await host.change(id, { desired: "running" });
    await host.clock.advance(20_000);
    expect(host.observed(id)).toMatchObject({ state: "running", guestPoweredOff: false });
  });

  it("counts a guest's reboot as a new boot, but not the firmware's own reset before any guest ran", async () => {
    const { id } = await host.wish(desiredInstance());
    await host.clock.advance(2_700);
    host.machine.reset(id, true);
    await host.clock.advance(20_000);
    expect(Math.max(...host.steps(id).map((step) => step.boot))).toBe(1);
    host.machine.reset(id, true);
    await host.clock.advance(20_000);
    expect(
      host
        .steps(id)
        .filter((step) => step.boot === 2 && step.step === "ssh")
        .at(-1)?.state,
    ).toBe("succeeded");
    expect(host.observed(id).state).toBe("running");
  });
});

describe("crashes", () => {
  it("starts again after 1, 2, 4, 8 and 16 s, then gives up with the last words", async () => {
    const { id } = await host.running();
    const delays: number[] = [];
    for (let crash = 1; crash <= 5; crash++) {
      host.machine.end(id, `qemu: words ${crash}`);
      await host.clock.advance(0);
      const at = host.clock.now();
      expect(host.observed(id)).toMatchObject({ state: "crashed", error: { detail: `qemu: words ${crash}` } });
      delays.push((host.observed(id).waiting?.untilMs ?? 0) - at);
      await host.clock.advance(30_000);
      expect(host.observed(id).state).toBe("running");
    }
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
    host.machine.end(id, "qemu: words 6");
    await host.clock.advance(60_000);
    expect(host.observed(id)).toMatchObject({ state: "failed", error: { code: "hypervisor_failed", detail: "qemu: words 6" } });
    await host.killAgent();
    await host.startAgent();
    await host.clock.advance(700_000);
    expect(host.observed(id).state).toBe("failed");
    await host.change(id, { desired: "running" });
    await host.clock.advance(20_000);
    expect(host.observed(id).state).toBe("running");
  });

  it("forgets crashes that are ten minutes old", async () => {
    const { id } = await host.running();
    for (let crash = 1; crash <= 12; crash++) {
      host.machine.end(id, "qemu: again");
      await host.clock.advance(150_000);
      expect(host.observed(id).state).toBe("running");
    }
  });

  it("stops waiting when it is wished stopped", async () => {
    const { id } = await host.running();
    host.machine.end(id, "qemu: gone");
    await host.clock.advance(0);
    await host.change(id, { desired: "stopped" });
    await host.clock.advance(100);
    expect(host.observed(id).state).toBe("stopped");
  });
});

describe("cancelling", () => {
  it("ends a download when the instance is stopped, and resumes when it is started", async () => {
    const { id } = await host.wish(desiredInstance());
    await host.clock.advance(600);
    expect(host.observed(id).state).toBe("preparing");
    await host.change(id, { desired: "stopped" });
    await host.clock.advance(200);
    expect(host.observed(id)).toMatchObject({ state: "stopped", appliedGeneration: 2 });
    expect(host.steps(id).find((step) => step.step === "image" && step.state === "skipped")?.message).toBe("Cancelled by a newer request.");
    await host.change(id, { desired: "running" });
    await host.clock.advance(20_000);
    expect(host.observed(id).state).toBe("running");
  });

  it("does not begin a download anew because the instance is renamed", async () => {
    const { id } = await host.wish(desiredInstance());
    await host.clock.advance(600);
    await host.change(id, { name: "web-2" });
    await host.clock.advance(20_000);
    expect(host.steps(id).some((step) => step.state === "skipped")).toBe(false);
    expect(host.observed(id)).toMatchObject({ state: "running", appliedGeneration: 2 });
    expect(host.metadata.documents.get(id)?.instance.name).toBe("web-2");
  });

  it("deletes in the middle of a download and leaves nothing", async () => {
    const { id } = await host.wish(desiredInstance());
    await host.clock.advance(600);
    await host.change(id, { desired: "gone" });
    await host.clock.advance(2_000);
    expect(host.observed(id).state).toBe("gone");
    expect(host.machine.state).toMatchObject({ vms: {}, volumes: {}, nics: {}, networks: [] });
  });
});

describe("deleting", () => {
  it("removes process, NIC, network, disk and metadata, and says so", async () => {
    const { id } = await host.running();
    await host.change(id, { desired: "gone" });
    await host.clock.advance(2_000);
    expect(host.states(id).slice(-2)).toEqual(["deleting", "gone"]);
    expect(host.machine.state).toMatchObject({ vms: {}, volumes: {}, nics: {}, networks: [] });
    expect(host.metadata.documents.size).toBe(0);
  });

  it("keeps trying when a part cannot be removed, saying why", async () => {
    const { id } = await host.running();
    host.machine.faults.remove = failure("internal", "The disk is busy on host-1.");
    await host.change(id, { desired: "gone" });
    await host.clock.advance(2_000);
    expect(host.observed(id)).toMatchObject({ state: "deleting", error: { message: "The disk is busy on host-1." } });
    host.machine.faults.remove = null;
    await host.clock.advance(15_000);
    expect(host.observed(id).state).toBe("gone");
  });

  it("forgets it once the centre no longer mentions it", async () => {
    const { id } = await host.running();
    await host.change(id, { desired: "gone" });
    await host.clock.advance(2_000);
    expect(host.store.instances.has(id)).toBe(true);
    await host.omit(id);
    await host.clock.advance(1_000);
    expect(host.store.instances.has(id)).toBe(false);
    expect(host.reports.filter((body) => body.kind === "host.unclaimed" && body.instanceIds.length > 0)).toEqual([]);
  });
});

describe("the agent's own restart", () => {
  it("adopts a running VM: same process, no new boot, its NIC and metadata served again", async () => {
    const { id } = await host.running();
    const { pid } = host.machine.vm(id)!;
    await host.killAgent();
    host.metadata.documents.clear();
    await host.startAgent();
    await host.clock.advance(60_000);
    expect(host.machine.vm(id)?.pid).toBe(pid);
    expect(host.observed(id).state).toBe("running");
    expect(host.metadata.documents.has(id)).toBe(true);
    expect(Math.max(...host.steps(id).map((step) => step.boot))).toBe(1);
  });

  it("says that an adopted VM runs also when its network cannot be set up again, and mends it later", async () => {
    const { id } = await host.running();
    await host.killAgent();
    host.machine.faults.network = failure("network_failed", "No nft on host-1.");
    await host.startAgent();
    await host.clock.advance(1_000);
    expect(host.observed(id)).toMatchObject({ state: "running", error: { message: "No nft on host-1." } });
    host.machine.faults.network = null;
    await host.clock.advance(15_000);
    expect(host.observed(id)).toMatchObject({ state: "running", error: null });
  });

  it("says with a larger observed generation what it sees then", async () => {
    const { id } = await host.running();
    const before = host.observed(id).observedGeneration;
    await host.killAgent();
    await host.startAgent();
    await host.clock.advance(1_000);
    expect(host.observed(id).observedGeneration).toBeGreaterThan(before);
  });

  it("goes on waiting for SSH", async () => {
    const { id } = await host.wish(desiredInstance());
    await host.clock.advance(3_500);
    expect(host.steps(id).some((step) => step.step === "ssh" && step.state === "succeeded")).toBe(false);
    await host.killAgent();
    await host.startAgent();
    await host.clock.advance(20_000);
    expect(
      host
        .steps(id)
        .filter((step) => step.step === "ssh")
        .at(-1)?.state,
    ).toBe("succeeded");
  });

  it("starts after the host's reboot what ran before, and not what was stopped", async () => {
    const running = await host.running();
    const stopped = await host.running({ name: "db-1" });
    await host.change(stopped.id, { desired: "stopped" });
    await host.clock.advance(10_000);
    await host.rebootHost();
    await host.clock.advance(20_000);
    expect(host.observed(running.id).state).toBe("running");
    expect(host.observed(stopped.id).state).toBe("stopped");
    expect(host.machine.vm(stopped.id)).toBeNull();
  });

  it("finishes a reboot that a kill interrupted after the guest went down", async () => {
    const { id } = await host.running();
    await host.change(id, { power: host.power("reboot") });
    await host.clock.advance(500);
    await host.killAgent();
    await host.clock.advance(5_000);
    await host.startAgent();
    await host.clock.advance(20_000);
    expect(host.observed(id)).toMatchObject({ state: "running", guestPoweredOff: false });
  });
});
