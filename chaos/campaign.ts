import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../e2e/api-client";
import { staleJobLocks } from "./database-truth";
import type { HostTruth } from "./host-truth";
import { makePeace, type Peace } from "./peace";
import { fingerprint, type Plan, type Round, type Target } from "./plan";
import { ask, type Catalogue, newSlot, type Slot } from "./slots";
import { Victims } from "./victims";

export interface CampaignResult {
  readonly seed: number;
  readonly plan: string;
  readonly rounds: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly missed: number;
  readonly requests: Readonly<Record<string, number>>;
  readonly refused: number;
  readonly lost: number;
  readonly survivals: number;
  readonly uptimesChecked: number;
  readonly startedAgain: number;
  readonly slowestPeaceMs: number;
  readonly operations: Readonly<Record<string, number>>;
  readonly staleJobLocks: number;
  readonly violations: readonly string[];
  readonly seconds: number;
}

export interface CampaignContext {
  readonly api: ApiClient;
  readonly catalogue: Catalogue;
  readonly stateDir: string;
  readonly host: HostTruth;
  readonly plan: Plan;
  readonly operations: () => Promise<Readonly<Record<string, number>>>;
  say(line: string): void;
}

/** How long the system may take to come to rest: a stop's grace is 90 s, and a test machine is slow. */
const PEACE_LIMIT_MS = 240_000;

export async function runCampaign(context: CampaignContext): Promise<CampaignResult> {
  const { plan, say } = context;
  const began = performance.now();
  const slots = Array.from({ length: plan.slots }, (_, number) => newSlot(number));
  const victims = new Victims(context.stateDir, plan.mode, context.host);
  const kills: Partial<Record<Target, number>> = {};
  const requests: Record<string, number> = {};
  const totals = { missed: 0, refused: 0, lost: 0, survivals: 0, uptimesChecked: 0, startedAgain: 0, slowestPeaceMs: 0 };
  const violations: string[] = [];
  say(`seed ${plan.seed}, plan ${fingerprint(plan)}: ${plan.rounds.length} rounds, ${plan.slots} slots, ${plan.mode} hosts`);

  const killing = async (round: Round): Promise<void> => {
    for (const kill of round.kills) {
      await sleep(kill.afterMs);
      if (kill.target === "qemu") for (const slot of slots) if (slot.number === kill.slot) slot.disturbed = true;
      const hit = await victims.kill(kill, (slot) => slots[slot]?.instanceId ?? null);
      if (hit) kills[kill.target] = (kills[kill.target] ?? 0) + 1;
      else totals.missed += 1;
      say(`    kill -9 ${kill.target}${kill.target === "qemu" ? ` of slot ${kill.slot}` : ""}${hit ? "" : ": there was none"}`);
    }
  };
  const asking = async (round: Round): Promise<void> => {
    for (const wish of round.wishes) {
      await sleep(wish.afterMs);
      const slot = slots[wish.slot];
      if (slot === undefined) continue;
      const asked = await ask(context.api, context.catalogue, slot, wish, plan.seed);
      if (asked === null) continue;
      requests[asked.verb] = (requests[asked.verb] ?? 0) + 1;
      if (asked.outcome === "refused") totals.refused += 1;
      if (asked.outcome === "lost") totals.lost += 1;
      say(`    ${asked.verb} slot ${asked.slot}: ${asked.outcome}${asked.words === "" ? "" : ` (${asked.words})`}`);
    }
  };
  const peace = async (title: string): Promise<Peace> => {
    const made = await makePeace({ ...context, mode: plan.mode, slots, limitMs: PEACE_LIMIT_MS });
    totals.survivals += made.survivals;
    totals.uptimesChecked += made.uptimesChecked;
    totals.startedAgain += made.startedAgain;
    totals.slowestPeaceMs = Math.max(totals.slowestPeaceMs, made.afterMs);
    violations.push(...made.violations.map((violation) => `${title}: ${violation}`));
    for (const violation of made.violations) say(`  ✗ ${violation}`);
    const sum = Object.values(kills).reduce((left, right) => left + right, 0);
    say(
      `  ${title}: at rest after ${(made.afterMs / 1_000).toFixed(1)} s, ${made.living} instances, ${made.survivals} VMs noticed nothing, ${sum} kills so far`,
    );
    return made;
  };

  await fill(context, slots);
  await peace("before");
  for (const [index, round] of plan.rounds.entries()) {
    await Promise.all([killing(round), asking(round)]);
    const made = await peace(`round ${index + 1} of ${plan.rounds.length}`);
    // What does not come to rest is not worth going on with: its traces would be lost.
    if (made.violations.some((violation) => violation.startsWith("not at rest"))) break;
  }
  await empty(context, slots);
  await peace("after");
  const left = context.host.belongings().filter(({ what }) => !what.startsWith("ledger"));
  violations.push(
    ...left.map(({ what, instanceId }) => `after everything was deleted: ${what}${instanceId === null ? "" : ` of ${instanceId}`}`),
  );
  return {
    seed: plan.seed,
    plan: fingerprint(plan),
    rounds: plan.rounds.length,
    kills,
    requests,
    ...totals,
    operations: await context.operations(),
    staleJobLocks: await staleJobLocks(context.stateDir),
    violations,
    seconds: Math.round((performance.now() - began) / 1_000),
  };
}

/** Every slot has a VM when the fire begins. */
async function fill({ api, catalogue, plan }: CampaignContext, slots: readonly Slot[]): Promise<void> {
  for (const slot of slots) {
    const asked = await ask(api, catalogue, slot, { afterMs: 0, slot: slot.number, verbs: ["create"] }, plan.seed);
    if (asked?.outcome !== "done") throw new Error(`the first instances could not be made: ${asked?.words}`);
  }
}

async function empty({ api, catalogue, plan }: CampaignContext, slots: readonly Slot[]): Promise<void> {
  for (const slot of slots) await ask(api, catalogue, slot, { afterMs: 0, slot: slot.number, verbs: ["delete"] }, plan.seed);
}
