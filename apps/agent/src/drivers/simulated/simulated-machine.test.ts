import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { desiredInstance } from "../../reconciler/testing/test-host";
import { FakeClock } from "../../system/fake-clock";
import { SimulatedHypervisor } from "./simulated-hypervisor";
import { SimulatedMachine } from "./simulated-machine";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "indium-simulated-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("a simulated machine", () => {
  it("outlives its agent: the next one finds the same VM, which goes on booting", async () => {
    const clock = new FakeClock();
    const statePath = join(directory, "simulated.json");
    const instance = desiredInstance();
    const first = new SimulatedMachine({ clock, statePath });
    const starting = new SimulatedHypervisor(first).start({ instance, disk: { path: "/x", format: "qcow2" }, taps: [] });
    await clock.advance(1_000);
    const { pid } = await starting;
    first.close();
    const second = new SimulatedMachine({ clock, statePath });
    const stages: string[] = [];
    second.onGuestEvent((_id, event) => stages.push(event.kind === "stage" ? `${event.name} ${event.phase}` : event.kind));
    const hypervisor = new SimulatedHypervisor(second);
    expect(await hypervisor.list()).toEqual([instance.id]);
    const finding = hypervisor.find(instance.id);
    await clock.advance(10_000);
    expect((await finding)?.pid).toBe(pid);
    expect(stages).toContain("modules-final finish");
    second.close();
  });

  it("names its damaged state file", () => {
    const statePath = join(directory, "simulated.json");
    writeFileSync(statePath, "{}");
    expect(() => new SimulatedMachine({ clock: new FakeClock(), statePath })).toThrow(statePath);
  });
});
