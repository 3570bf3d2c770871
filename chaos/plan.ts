import { createHash } from "node:crypto";
import { pick, seeded } from "./random";

/**
 * What a campaign does, drawn from its seed alone: the same seed gives the same rounds, kills and wishes in the same order, whatever the
 * machine's speed. When exactly each of them meets the system is the machine's, and that is the point.
 */
export type Mode = "real" | "simulated";
export type Target = "agent" | "relay" | "web" | "worker" | "front" | "postgres" | "backend" | "qemu";
export type Verb = "create" | "delete" | "start" | "stop" | "forceStop" | "reboot" | "reset" | "pause" | "resume" | "resize" | "rebuild";

export interface Kill {
  /** Since the kill before. */
  readonly afterMs: number;
  readonly target: Target;
  /** Which of several: the slot of a QEMU, the position of a backend. */
  readonly slot: number;
}

export interface Wish {
  readonly afterMs: number;
  readonly slot: number;
  /** The first that makes sense for what the slot holds is asked for. */
  readonly verbs: readonly Verb[];
}

export interface Round {
  /** Slots nobody touches in this round: their VMs must not notice anything. */
  readonly steady: readonly number[];
  readonly kills: readonly Kill[];
  readonly wishes: readonly Wish[];
}

export interface Plan {
  readonly seed: number;
  readonly mode: Mode;
  readonly slots: number;
  readonly rounds: readonly Round[];
}

const TARGETS: Record<Mode, readonly Target[]> = {
  real: ["agent", "agent", "agent", "relay", "web", "worker", "worker", "front", "postgres", "postgres", "backend", "qemu"],
  simulated: ["agent", "agent", "agent", "relay", "relay", "web", "worker", "worker", "front", "postgres", "backend"],
};
const VERBS: readonly Verb[] = [
  "create",
  "create",
  "delete",
  "start",
  "start",
  "stop",
  "forceStop",
  "reboot",
  "reset",
  "pause",
  "resume",
  "resize",
  "resize",
  "rebuild",
];
const SHAPE: Record<Mode, { slots: number; killsARound: number; killGapMs: number; wishGapMs: number }> = {
  real: { slots: 4, killsARound: 10, killGapMs: 2_500, wishGapMs: 1_500 },
  simulated: { slots: 12, killsARound: 25, killGapMs: 900, wishGapMs: 250 },
};

export function planCampaign(seed: number, kills: number, mode: Mode): Plan {
  const next = seeded(seed);
  const { slots, killsARound, killGapMs, wishGapMs } = SHAPE[mode];
  const rounds: Round[] = [];
  for (let left = kills; left > 0; left -= killsARound) {
    const steady = Array.from({ length: slots }, (_, slot) => slot).filter(() => next() < 0.4);
    const loose = Array.from({ length: slots }, (_, slot) => slot).filter((slot) => !steady.includes(slot));
    const killed: Kill[] = Array.from({ length: Math.min(left, killsARound) }, () => {
      const afterMs = Math.floor(next() ** 2 * 2 * killGapMs);
      const target = pick(next, TARGETS[mode]);
      const slot = Math.floor(next() * 1_000);
      // A QEMU that is killed is not one that nobody touches; a round without loose slots kills the agent instead.
      if (target !== "qemu") return { afterMs, target, slot };
      return loose.length > 0 ? { afterMs, target, slot: pick(next, loose) } : { afterMs, target: "agent", slot };
    });
    const duration = killed.reduce((sum, kill) => sum + kill.afterMs, 0);
    const wishes: Wish[] = [];
    for (let at = 0; at < duration && loose.length > 0; ) {
      const afterMs = Math.floor(next() * 2 * wishGapMs);
      at += afterMs;
      wishes.push({ afterMs, slot: pick(next, loose), verbs: [pick(next, VERBS), pick(next, VERBS), pick(next, VERBS)] });
    }
    rounds.push({ steady, kills: killed, wishes });
  }
  return { seed, mode, slots, rounds };
}

/** Two runs with the same print drew the same plan. */
export const fingerprint = (plan: Plan): string => createHash("sha256").update(JSON.stringify(plan)).digest("hex").slice(0, 12);
