import type { InstanceId } from "@indium/contract/ids";
import type { DesiredInstance } from "@indium/contract/instance";
import { newId } from "@indium/contract/plain/ids";
import type { DesiredState } from "@indium/contract/states";
import { describe, expect, it } from "vitest";
import { pick, seeded } from "../../../../chaos/random";
import { Life } from "./testing/life";
import { desiredInstance, TestHost } from "./testing/test-host";

// kill -9 of the agent at its calls to the outside: hypervisor, network, disks, ledger. Hundreds here, thousands in the long run.
const LONG = process.env.INDIUM_LONG === "1";
if (!LONG)
  console.log("kill anywhere: every 7th call of a life, 5 seeds; every call and 40 seeds with INDIUM_LONG=1, more with INDIUM_SEEDS");
const EVERY = LONG ? 1 : 7;
const SEEDS = Number(process.env.INDIUM_SEEDS ?? (LONG ? 40 : 5));

let kills = 0;

/** Lets the host work; an agent that died is followed by the next, which lives. */
async function work(host: TestHost, ms: number): Promise<void> {
  await host.clock.advance(ms);
  if (!host.life.isOver) return;
  kills += 1;
  await host.revive();
  await host.clock.advance(ms);
}

/** A wish whose arrival the agent may not survive. */
async function ask(host: TestHost, instance: DesiredInstance): Promise<void> {
  await Promise.race([host.wish(instance), host.life.over]);
}

/** One VM's whole life under an agent that is killed at its nth call. @returns whether it came to that call. */
async function liveOnce(endsAt: number, carriedOut: boolean): Promise<boolean> {
  const host = new TestHost();
  host.life = new Life(endsAt, carriedOut);
  const first = host.life;
  await Promise.race([host.startAgent(), first.over]);
  await work(host, 0);
  const instance = desiredInstance({ stopGraceMs: 30_000 });
  const said = `call ${endsAt}, ${carriedOut ? "carried out" : "not carried out"}`;
  const phase = async (changes: Partial<DesiredInstance>, wanted: DesiredState): Promise<void> => {
    const before = host.wished(instance.id) ?? instance;
    await ask(host, { ...before, power: null, ...changes });
    await work(host, 120_000);
    const observed = host.observed(instance.id);
    expect(`${said}: ${observed.state}, applied ${observed.appliedGeneration}`).toBe(
      `${said}: ${wanted}, applied ${host.wished(instance.id)?.generation}`,
    );
    expect(`${said}: ${host.machine.vm(instance.id)?.state ?? "none"}`).toBe(
      `${said}: ${wanted === "stopped" || wanted === "gone" ? "none" : wanted}`,
    );
  };
  await phase({ desired: "running" }, "running");
  const pid = host.machine.vm(instance.id)?.pid;
  await phase({ desired: "paused" }, "paused");
  await phase({ desired: "running" }, "running");
  // Nothing so far was a reason to end the process.
  expect(`${said}: ${host.machine.vm(instance.id)?.pid}`).toBe(`${said}: ${pid}`);
  await phase({ power: host.power("reboot") }, "running");
  // At most once, however often it is told.
  expect((host.machine.vm(instance.id)?.pid ?? 0) - (pid ?? 0)).toBeLessThanOrEqual(1);
  await phase({ desired: "stopped" }, "stopped");
  const grown = { ...instance.rootVolume, sizeBytes: instance.rootVolume.sizeBytes * 2 };
  await phase({ rootVolume: grown }, "stopped");
  expect(host.machine.state.volumes, said).toEqual({ [grown.id]: grown.sizeBytes });
  await phase({ desired: "running" }, "running");
  const renewed = { ...grown, id: newId("volume"), replaces: [grown.id] };
  await phase({ rootVolume: renewed, guestUuid: "11111111-2222-4333-8444-555555555555" }, "running");
  expect(`${said}: ${host.observed(instance.id).disk?.volumeId}`).toBe(`${said}: ${renewed.id}`);
  expect(Object.keys(host.machine.state.volumes), said).toEqual([renewed.id]);
  await phase({ desired: "gone" }, "gone");
  expect({ volumes: host.machine.state.volumes, nics: host.machine.state.nics, vms: host.machine.state.vms }, said).toEqual({
    volumes: {},
    nics: {},
    vms: {},
  });
  await Promise.race([host.omit(instance.id), host.life.over]);
  await work(host, 60_000);
  expect([...host.store.instances.keys()]).toEqual([]);
  host.life.end();
  return first.calls >= endsAt;
}

describe("kill -9 of the agent", () => {
  it("at any call to the outside changes nothing about how a VM's life goes", { timeout: 600_000 }, async () => {
    const before = kills;
    for (const carriedOut of [false, true]) for (let call = 1; ; call += EVERY) if (!(await liveOnce(call, carriedOut))) break;
    console.log(`kill anywhere: ${kills - before} kills, each at another call of one life`);
    expect(kills - before).toBeGreaterThan(LONG ? 200 : 30);
  });

  it("again and again at random calls leaves every wish fulfilled and nothing behind", {
    timeout: Math.max(900_000, SEEDS * 10_000),
  }, async () => {
    const before = kills;
    for (let seed = 1; seed <= SEEDS; seed++) await campaign(seed);
    console.log(`kill anywhere: ${kills - before} kills in ${SEEDS} campaigns (seeds 1 to ${SEEDS})`);
    expect(kills - before).toBeGreaterThan(SEEDS * 10);
  });
});

async function campaign(seed: number): Promise<void> {
  const next = seeded(seed);
  const host = new TestHost();
  const mortal = () => new Life(1 + Math.floor(next() ** 2 * 120), next() < 0.5);
  host.life = mortal();
  await Promise.race([host.startAgent(), host.life.over]);
  const wishes = new Map<InstanceId, DesiredState>();
  const revive = async () => {
    while (host.life.isOver) {
      kills += 1;
      await host.revive(mortal());
    }
  };
  for (let step = 0; step < 60; step++) {
    await revive();
    const living = [...wishes.keys()].filter((id) => wishes.get(id) !== "gone");
    if (living.length < 4 && next() < 0.4) {
      const instance = desiredInstance({ name: `vm-${wishes.size}`, stopGraceMs: pick(next, [0, 5_000]) });
      wishes.set(instance.id, "running");
      await ask(host, instance);
    } else if (living.length > 0) {
      const id = pick(next, living);
      const before = host.wished(id);
      if (before === null) throw new Error("a wish that was never made");
      const reboot = wishes.get(id) === "running" && next() < 0.3;
      const desired = reboot ? "running" : pick<DesiredState>(next, ["running", "running", "stopped", "paused", "gone"]);
      wishes.set(id, desired);
      await ask(host, { ...before, desired, power: reboot ? host.power(pick(next, ["reboot", "reset"])) : null });
    }
    await host.clock.advance(Math.floor(next() * 6_000));
  }
  await host.revive();
  for (const [id, desired] of wishes) if (desired !== "gone") await host.change(id, { desired, power: null });
  await host.clock.advance(150_000);
  for (const [id, desired] of wishes) {
    expect(`seed ${seed} ${id} ${host.observed(id).state}`).toBe(`seed ${seed} ${id} ${desired}`);
    const found = host.machine.vm(id)?.state ?? "stopped";
    expect(`seed ${seed} ${id} ${found}`).toBe(`seed ${seed} ${id} ${desired === "gone" ? "stopped" : desired}`);
    const generations = host.observations(id).map((body) => body.observedGeneration);
    expect(generations.every((generation, index) => index === 0 || generation > (generations[index - 1] ?? 0))).toBe(true);
  }
  const ids = new Set([...wishes].filter(([, desired]) => desired !== "gone").map(([id]) => id.slice(2)));
  expect(Object.keys(host.machine.state.volumes).filter((id) => !ids.has(id.slice(4)))).toEqual([]);
  expect(Object.keys(host.machine.state.nics).filter((id) => !ids.has(id.slice(4)))).toEqual([]);
  host.life.end();
}
