import type { InstanceId } from "@indium/contract/ids";
import type { DesiredState } from "@indium/contract/states";
import { describe, expect, it } from "vitest";
import { seeded } from "../../../../chaos/random";
import { desiredInstance, failure, TestHost } from "./testing/test-host";

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

describe("whatever happens, in whatever order", () => {
  it.each(SEEDS)("the host ends as wished, and no rule was broken on the way (seed %i)", async (seed) => {
    const next = seeded(seed);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)]!;
    const host = new TestHost();
    await host.startAgent();
    const wishes = new Map<InstanceId, DesiredState>();

    const actions: Record<string, () => Promise<void>> = {
      create: async () => {
        if (wishes.size >= 4) return;
        const instance = await host.wish(desiredInstance({ name: `vm-${wishes.size}`, stopGraceMs: pick([0, 5_000, 30_000]) }));
        wishes.set(instance.id, "running");
      },
      wish: async () => {
        const id = pick([...wishes.keys()].filter((one) => wishes.get(one) !== "gone"));
        if (id === undefined) return;
        const desired = pick<DesiredState>(["running", "running", "stopped", "paused", "gone"]);
        wishes.set(id, desired);
        await host.change(id, { desired, power: null });
      },
      power: async () => {
        const id = pick([...wishes.keys()].filter((one) => wishes.get(one) === "running"));
        if (id === undefined) return;
        await host.change(id, { power: host.power(pick(["reboot", "reset"])) });
      },
      resend: async () => void (await host.apply(host.document())),
      crash: async () => {
        const id = pick(Object.keys(host.machine.state.vms) as InstanceId[]);
        if (id !== undefined) host.machine.end(id, "qemu: random words");
      },
      guestReboots: async () => {
        const id = pick(Object.keys(host.machine.state.vms) as InstanceId[]);
        if (id !== undefined) host.machine.reset(id, true);
      },
      killAgent: async () => {
        await host.killAgent();
        await host.startAgent();
      },
      stopAgent: async () => {
        await host.stopAgent();
        await host.startAgent();
      },
      breakDisks: async () => {
        host.machine.faults.disk = failure("disk_full", "No space left on host-1.");
      },
      mendDisks: async () => {
        host.machine.faults.disk = null;
      },
      deafen: async () => {
        host.machine.faults.deafGuests = next() < 0.5;
      },
    };
    const names = Object.keys(actions);
    for (let step = 0; step < 40; step++) {
      await actions[pick(names)]?.();
      await host.clock.advance(Math.floor(next() * 4_000));
    }

    // Peace: nothing is broken any more, and every wish is made once more, so that failures and used-up tries are forgiven.
    host.machine.faults.disk = null;
    host.machine.faults.deafGuests = false;
    for (const [id, desired] of wishes) if (desired !== "gone") await host.change(id, { desired, power: null });
    await host.clock.advance(120_000);

    for (const [id, desired] of wishes) {
      const observed = host.observed(id);
      expect(`${id} ${observed.state}`).toBe(`${id} ${desired}`);
      expect(observed.appliedGeneration).toBe(host.ledger.records.get(id)?.desired.generation);
      expect(host.machine.vm(id)?.state ?? "stopped").toBe(desired === "gone" ? "stopped" : desired);
      const generations = host.observations(id).map((body) => body.observedGeneration);
      expect(generations.every((generation, index) => index === 0 || generation > (generations[index - 1] ?? 0))).toBe(true);
    }
    const living = [...wishes.values()].filter((desired) => desired !== "gone").length;
    const withDisk = Object.keys(host.machine.state.volumes).length;
    expect(withDisk).toBeLessThanOrEqual(living);
    expect(Object.keys(host.machine.state.nics).length).toBeLessThanOrEqual(living);
  });
});
