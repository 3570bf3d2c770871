import { randomBytes } from "node:crypto";
import { toAppError } from "@indium/contract/errors";
import { armDeadMan, decide } from "../../system/dead-man";
import { run } from "../../system/exec";
import type { NetworkLog } from "../log";
import { fingerprint, type InterfaceState } from "./interface-state";
import type { LanBridgeJournal, LanBridgeRecord } from "./journal";
import type { MovePlan } from "./move-plan";
import { type Baseline, type ProofPorts, prove } from "./proof";
import { readInterface } from "./read-uplink";

/*
 * One change to the host's own network, which undoes itself:
 *
 *   undo written ─▶ journal: under way ─▶ switch armed ─▶ changed ─▶ proved ─▶ verdict "keep" ─▶ journal: done
 *                                                             └─ not proved, in time ─▶ verdict "undo" ─▶ put back ─▶ journal
 *
 * Invariants: nothing changes before the switch (system/dead-man.ts) runs; the verdict is made once, by the agent or the switch; an
 * agent that starts and finds a change under way settles it first, as "undo" unless "keep" was said. Putting back may be done by
 * both and repeated.
 */

/** The switch waits longer than the agent by this much of the limit: the agent undoes with more to say. */
const SWITCH_GRACE = 0.25;

export interface Change {
  /** Its phase while the change is under way. */
  readonly record: LanBridgeRecord;
  /** Put back, it is what it was before, and no failure of the request. */
  readonly again: boolean;
  readonly plan: MovePlan;
  readonly from: string;
  readonly to: string;
  readonly before: InterfaceState;
  readonly baseline: Baseline;
  readonly prepared: () => Promise<void>;
}

export class CarefulChange {
  readonly #journal: LanBridgeJournal;
  readonly #ports: ProofPorts;
  readonly #log: NetworkLog;
  readonly #limitMs: number;

  constructor(options: { journal: LanBridgeJournal; ports: ProofPorts; log: NetworkLog; limitMs: number }) {
    this.#journal = options.journal;
    this.#ports = options.ports;
    this.#log = options.log;
    this.#limitMs = options.limitMs;
  }

  /**
   * @returns null when the change holds, else what failed, in words; then all is as it was. A bridge that was made is `standing` in
   * the journal; one that is being removed keeps its verdict until the caller has removed it.
   */
  async carryOut(change: Change): Promise<string | null> {
    const { record, plan, to } = change;
    const { shell, now } = this.#ports;
    const attempt = randomBytes(8).toString("hex");
    const verdictPath = this.#journal.verdictPath(attempt);
    await this.#journal.writeUndo(attempt, plan.undo);
    await this.#journal.put({ ...record, attempt: { id: attempt, bootId: await this.#bootId(), again: change.again } });
    const deadline = now() + this.#limitMs;
    await armDeadMan({ verdictPath, afterMs: this.#limitMs * (1 + SWITCH_GRACE), ...this.#undoCommand(attempt) });

    let failed: string | null;
    try {
      await shell.ipBatch(plan.prepare);
      await change.prepared();
      // What its neighbours were known by before proves nothing now.
      await shell.ipMaybe("neigh", "flush", "dev", to);
      await shell.ipBatch(plan.forward);
      await shell.ipBatchForced(plan.tidy);
      const since = now();
      failed = await prove(this.#ports, change.baseline, to, since, deadline);
    } catch (thrown) {
      const error = toAppError(thrown, "The change could not be made.");
      failed = `the change could not be made: ${error.message}${error.detail === undefined ? "" : ` ${error.detail}`}`;
    }
    if (failed === null && (await decide(verdictPath, "keep")) === "undo") failed = "the proof came too late";
    if (failed === null) {
      if (record.phase === "making") {
        await this.#journal.put({ ...record, phase: "standing", attempt: null, error: null, retryAt: 0 });
        await this.#journal.forgetAttempt(attempt);
      }
      return null;
    }
    await decide(verdictPath, "undo");
    const left = await this.#putBack(attempt, change);
    await this.#journal.forgetAttempt(attempt);
    return `While the addresses of ${change.from} were moved to ${to}, ${failed} (limit: ${this.#limitMs / 1_000} s). ${left}`;
  }

  /** For an agent that starts. The attempt's folder is still there afterwards. */
  async settleLeftOver(attempt: { id: string; bootId: string }): Promise<"kept" | "undone"> {
    const verdict = await decide(this.#journal.verdictPath(attempt.id), "undo").catch(() => "undo" as const);
    if (verdict === "keep") return "kept";
    // A reboot has undone everything already, and the host's own configuration speaks.
    if (attempt.bootId === (await this.#bootId())) await this.#undo(attempt.id);
    return "undone";
  }

  async #putBack(attempt: string, change: Change): Promise<string> {
    for (let round = 0; round < 3; round += 1) {
      await this.#undo(attempt);
      const now = await readInterface(this.#ports.shell, change.from).catch(() => null);
      if (now !== null && fingerprint(now.state) === fingerprint(change.before)) return "Everything was put back as it was.";
      await this.#ports.sleep(500);
    }
    this.#log("error", `${change.from} is not as it was: compare with ${this.#journal.undoPath(attempt)}.`);
    return `It was put back, but ${change.from} is not exactly as it was before: look at its addresses and routes on the host.`;
  }

  async #undo(attempt: string): Promise<void> {
    const { file, args } = this.#undoCommand(attempt);
    await run(file, args, { allowFailure: true });
  }

  /** -force: lines that have nothing left to do fail, and the next ones count. */
  #undoCommand(attempt: string): { file: string; args: string[] } {
    return this.#ports.shell.within("ip", ["-force", "-batch", this.#journal.undoPath(attempt)]);
  }

  async #bootId(): Promise<string> {
    return (await this.#ports.shell.readProc("sys/kernel/random/boot_id")) ?? "";
  }
}
