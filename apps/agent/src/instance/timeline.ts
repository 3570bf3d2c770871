import { toAppError } from "@indium/contract/errors";
import type { InstanceId } from "@indium/contract/ids";
import type { InstanceStepReport, Progress, ProvisionStep, ReportBody } from "@indium/contract/report";
import type { Clock } from "../system/clock";

/** Progress is for eyes: twice a second is enough, and the outbox is on disk. */
const PROGRESS_INTERVAL_MS = 500;

/** `endedAt`: for what ended before this is said; else it ends now. */
export type StepOutcome = Partial<Pick<InstanceStepReport, "message" | "detail" | "progress" | "endedAt">>;

/** The lines of an instance's timeline. */
export class Timeline {
  readonly #instanceId: InstanceId;
  readonly #report: (body: ReportBody) => void;
  readonly #clock: Clock;

  constructor(instanceId: InstanceId, report: (body: ReportBody) => void, clock: Clock) {
    this.#instanceId = instanceId;
    this.#report = report;
    this.#clock = clock;
  }

  /** @returns when it ended, ms since the epoch; null while it goes on. */
  say(boot: number, step: ProvisionStep, state: InstanceStepReport["state"], startedAt: number, outcome: StepOutcome = {}): number | null {
    const endedAt = state === "running" || state === "pending" ? null : Math.max(startedAt, outcome.endedAt ?? this.#clock.now());
    this.#report({
      kind: "instance.step",
      instanceId: this.#instanceId,
      boot,
      step,
      state,
      startedAt,
      endedAt,
      message: outcome.message?.slice(0, 2_000) ?? null,
      detail: outcome.detail?.slice(-16_000) ?? null,
      progress: outcome.progress ?? null,
    });
    return endedAt;
  }

  /** One step around its work: running, then succeeded, failed with its reason, or skipped with the signal's reason when it was cancelled. */
  async step<T>(
    boot: number,
    step: ProvisionStep,
    signal: AbortSignal,
    work: (progress: (value: Progress, message?: string) => void) => Promise<T>,
  ): Promise<T> {
    const startedAt = this.#clock.now();
    let last: Progress | null = null;
    let toldAt = Number.NEGATIVE_INFINITY;
    this.say(boot, step, "running", startedAt);
    try {
      const result = await work((progress, message) => {
        last = progress;
        if (this.#clock.now() - toldAt < PROGRESS_INTERVAL_MS) return;
        toldAt = this.#clock.now();
        this.say(boot, step, "running", startedAt, { progress, message: message ?? null });
      });
      this.say(boot, step, "succeeded", startedAt, { progress: last });
      return result;
    } catch (thrown) {
      if (signal.aborted)
        this.say(boot, step, "skipped", startedAt, { message: toAppError(signal.reason, "Cancelled.").message, progress: last });
      else {
        const error = toAppError(thrown, `The step ${step} failed. The agent's log on the host says more.`);
        this.say(boot, step, "failed", startedAt, { message: error.message, detail: error.detail ?? null, progress: last });
      }
      throw thrown;
    }
  }
}
