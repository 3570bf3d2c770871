import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../e2e/api-client";
import { type DatabaseTruth, databaseTruth } from "./database-truth";
import { guestUptime } from "./guest-uptime";
import type { HostTruth } from "./host-truth";
import type { Mode } from "./plan";
import { type Catalogue, type Slot, wasRefused } from "./slots";

/**
 * After the fire: waits until the system has come to rest by itself, and then looks for everything that should not be. What a user would
 * have to do (start what failed after crashing too often, ask again for what got no answer) is done, and counted.
 */
export interface PeaceContext {
  readonly api: ApiClient;
  readonly catalogue: Catalogue;
  readonly stateDir: string;
  readonly mode: Mode;
  readonly host: HostTruth;
  readonly slots: readonly Slot[];
  readonly limitMs: number;
}

export interface Peace {
  readonly afterMs: number;
  readonly violations: readonly string[];
  readonly startedAgain: number;
  readonly living: number;
  readonly survivals: number;
  readonly uptimesChecked: number;
}

const instanceOf = (truth: DatabaseTruth, slot: Slot) => truth.instances.find((instance) => instance.id === slot.instanceId);

export async function makePeace(context: PeaceContext): Promise<Peace> {
  const began = performance.now();
  const elapsed = () => performance.now() - began;
  let startedAgain = 0;
  let unsettled = ["nothing was looked at"];
  while (elapsed() < context.limitMs) {
    try {
      const truth = await databaseTruth(context.stateDir);
      adopt(context.slots, truth);
      startedAgain += await startFailed(context, truth);
      unsettled = await whatIsUnsettled(context, truth);
    } catch (error) {
      unsettled = [`the database cannot be read: ${error instanceof Error ? error.message : error}`];
    }
    if (unsettled.length === 0) break;
    await sleep(500);
  }
  const afterMs = Math.round(elapsed());
  if (unsettled.length > 0) {
    const violations = unsettled.map((what) => `not at rest after ${Math.round(context.limitMs / 1_000)} s: ${what}`);
    return { afterMs, violations, startedAgain, living: 0, survivals: 0, uptimesChecked: 0 };
  }
  const truth = await databaseTruth(context.stateDir);
  const violations = [...lost(context.slots, truth), ...truth.orphans, ...orphansOnHosts(context, truth)];
  let survivals = 0;
  let uptimesChecked = 0;
  for (const slot of context.slots) {
    const vm = slot.instanceId === null ? null : context.host.vm(slot.instanceId);
    const uptime = slot.instanceId === null || vm === null ? null : guestUptime(context.stateDir, slot.instanceId);
    if (slot.life !== null && !slot.disturbed) {
      if (vm?.life !== slot.life)
        violations.push(
          `slot ${slot.number}: its VM ${slot.instanceId} was ${slot.life}, is ${vm?.life ?? "gone"}, and nobody asked for that`,
        );
      else survivals += 1;
      if (slot.uptime !== null && uptime !== null) {
        uptimesChecked += 1;
        if (uptime < slot.uptime) violations.push(`slot ${slot.number}: its guest's uptime fell from ${slot.uptime} s to ${uptime} s`);
      }
    }
    slot.life = vm?.life ?? null;
    slot.uptime = uptime;
    slot.disturbed = false;
  }
  const living = truth.instances.filter((instance) => !instance.deleted).length;
  return { afterMs, violations, startedAgain, living, survivals, uptimesChecked };
}

/** A creation whose answer was lost is found by its key. */
function adopt(slots: readonly Slot[], truth: DatabaseTruth): void {
  for (const slot of slots) {
    if (slot.instanceId !== null || slot.requestKey === null) continue;
    slot.instanceId = truth.instances.find((instance) => instance.requestKey === slot.requestKey)?.id ?? null;
  }
}

/** A VM that was killed more often than is tried by itself, as its user would find it: failed, with a start button. */
async function startFailed({ api, slots }: PeaceContext, truth: DatabaseTruth): Promise<number> {
  let started = 0;
  for (const slot of slots) {
    const instance = instanceOf(truth, slot);
    if (instance?.observedState !== "failed" || instance.deleted || instance.desired === "gone") continue;
    slot.disturbed = true;
    try {
      await api.instance.start.mutate({ instanceId: instance.id as `i-${string}` });
      slot.wishes = new Set(["running"]);
      started += 1;
    } catch (error) {
      slot.wishes = new Set([...slot.wishes, "running"]);
      if (!wasRefused(error)) return started;
    }
  }
  return started;
}

async function whatIsUnsettled({ api, catalogue, slots, host }: PeaceContext, truth: DatabaseTruth): Promise<string[]> {
  const unsettled: string[] = [];
  if (truth.openOperations > 0) unsettled.push(`${truth.openOperations} operations have not ended`);
  for (const instance of truth.instances) {
    if (instance.deleted) continue;
    const { id, name, desired, observedState } = instance;
    if (desired !== observedState) unsettled.push(`${name} (${id}) should be ${desired} and is ${observedState}`);
    else if (instance.appliedGeneration !== instance.desiredGeneration)
      unsettled.push(`${name} (${id}) applied generation ${instance.appliedGeneration} of ${instance.desiredGeneration}`);
    const vm = host.vm(id);
    if ((desired === "running" || desired === "paused") && vm === null) unsettled.push(`${name} (${id}) is ${desired} without a VM`);
    if (desired === "stopped" && vm !== null && vm.state !== "other") unsettled.push(`${name} (${id}) is stopped, and its VM runs`);
  }
  for (const slot of slots) {
    if (slot.instanceId === null) continue;
    const instance = instanceOf(truth, slot);
    if (instance === undefined) continue;
    if (instance.deleted) {
      slot.instanceId = null;
      slot.requestKey = null;
    }
  }
  try {
    const hosts = await api.host.list.query({ organizationId: catalogue.organizationId });
    for (const one of hosts) if (one.state !== "online") unsettled.push(`host ${one.name} is ${one.state}`);
    const shown = await api.instance.list.query({ organizationId: catalogue.organizationId, limit: 200 });
    for (const item of shown.items) {
      const instance = truth.instances.find(({ id }) => id === item.id);
      if (instance !== undefined && item.state !== instance.desired) unsettled.push(`${item.name} is displayed as ${item.state}`);
    }
  } catch (error) {
    unsettled.push(`the dashboard does not answer: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : error}`);
  }
  return unsettled;
}

/** What was answered with yes must be there. */
function lost(slots: readonly Slot[], truth: DatabaseTruth): string[] {
  const violations: string[] = [];
  for (const slot of slots) {
    const instance = instanceOf(truth, slot);
    const found = instance === undefined || instance.deleted ? "gone" : instance.desired;
    if (!slot.wishes.has(found as never))
      violations.push(
        `slot ${slot.number} (${slot.requestKey ?? "empty"}): ${[...slot.wishes].join(" or ")} was promised, ${found} is wished`,
      );
    slot.wishes = new Set([found as never]);
  }
  const keys = truth.instances.map(({ requestKey }) => requestKey).filter((key) => key !== null);
  for (const key of new Set(keys)) if (keys.filter((one) => one === key).length > 1) violations.push(`${key} was made twice`);
  return violations;
}

function orphansOnHosts({ host }: PeaceContext, truth: DatabaseTruth): string[] {
  const alive = new Set(truth.instances.filter((instance) => !instance.deleted).map(({ id }) => id));
  const found = host.belongings();
  const orphans = found
    .filter(({ instanceId }) => instanceId !== null && !alive.has(instanceId))
    // The agent forgets a deleted instance at the next document: its record is no orphan yet.
    .filter(({ what }) => !what.startsWith("ledger"))
    .map(({ what, instanceId }) => `left behind by ${instanceId}: ${what}`);
  for (const id of alive) {
    const processes = found.filter(({ what, instanceId }) => instanceId === id && /^(process|VM)/.test(what));
    if (processes.length > 1) orphans.push(`${id} runs twice: ${processes.map(({ what }) => what).join(", ")}`);
  }
  const volumes = found.filter(({ what }) => what.includes("volume")).length;
  if (volumes > alive.size) orphans.push(`${volumes} volumes for ${alive.size} instances`);
  return orphans;
}
