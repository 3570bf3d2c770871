import type { WireError } from "@indium/contract/errors";
import type { DesiredState, InstanceAction, ObservedState } from "@indium/contract/states";

/**
 * How an operation on an instance stands: one pure judgement of what the host last reported, so that it comes out the same after
 * a report, on a timer, or in a worker that took over from a dead one.
 *
 *   pending ──▶ running ──▶ succeeded
 *      │          │  ▲ ───▶ failed      (the host's own words, or the deadline)
 *      ▼          ▼  │
 *    waiting ────────┘                  (the host cannot be reached; 15 minutes, then failed and the intent reverted)
 *
 * Invariants: every judgement but `running` and `waiting` is final; `waiting` ends by its deadline, `running` by OPERATION_LIMIT_MS.
 * A newer request cancels the older: that is done by whoever writes the newer, not here.
 */
export type InstanceOperationKind = `instance.${"create" | Exclude<InstanceAction, "openConsole">}`;

/** An operation on a host that cannot be reached waits this long, saying so. */
export const UNREACHABLE_LIMIT_MS = 15 * 60_000;
/** Nothing runs longer, whatever a host says; a large image over a thin line takes hours. */
export const OPERATION_LIMIT_MS = 6 * 3_600_000;
/** A failure reported before the host has seen the new wish is the old wish's: it counts only when it stays this long. */
const STALE_FAILURE_MS = 60_000;

export interface OperationFacts {
  readonly kind: InstanceOperationKind;
  readonly createdAt: number;
  readonly targetGeneration: number;
  readonly waitingUntil: number | null;
  /** What the instance is asked to be when this operation is done; null when a newer wish replaced it. */
  readonly wish: DesiredState | null;
  /** The reboot or reset asked for. */
  readonly powerRequestId: string | null;
  readonly host: { readonly name: string; readonly reachable: boolean } | null;
  readonly runtime: {
    readonly state: ObservedState;
    readonly appliedGeneration: number;
    readonly guestPoweredOff: boolean;
    readonly lastRequestId: string | null;
    readonly observedAt: number;
    readonly error: WireError | null;
  } | null;
  /** The host confirmed that nothing is left. */
  readonly deleted: boolean;
}

/** Those that are a request to the host, answered once. */
const POWER_KINDS: ReadonlySet<InstanceOperationKind> = new Set(["instance.reboot", "instance.reset", "instance.reprovision"]);

export type OperationJudgement =
  | { readonly state: "running" }
  | { readonly state: "waiting"; readonly message: string; readonly untilMs: number }
  | { readonly state: "succeeded" }
  | { readonly state: "failed"; readonly error: WireError; readonly revert: boolean }
  | { readonly state: "cancelled" };

export function judgeOperation(facts: OperationFacts, nowMs: number): OperationJudgement {
  const { runtime, host } = facts;
  if (facts.deleted) return facts.kind === "instance.delete" ? { state: "succeeded" } : { state: "cancelled" };
  const ended = runtime === null ? null : judgeReport(facts, runtime, nowMs);
  if (ended !== null) return ended;
  if (host !== null && !host.reachable) return judgeUnreachable(facts, host.name, nowMs);
  if (nowMs - facts.createdAt >= OPERATION_LIMIT_MS)
    return failed(
      "host_timeout",
      `Host ${host?.name ?? "(none)"} did not finish within 6 hours. Look at its events, then try again.`,
      false,
    );
  return { state: "running" };
}

function judgeReport(facts: OperationFacts, runtime: NonNullable<OperationFacts["runtime"]>, nowMs: number): OperationJudgement | null {
  const applied = runtime.appliedGeneration >= facts.targetGeneration;
  if (runtime.state === "failed" && facts.kind !== "instance.delete") {
    const counts =
      applied || (facts.host?.reachable === true && runtime.observedAt > facts.createdAt && nowMs - runtime.observedAt >= STALE_FAILURE_MS);
    if (counts)
      return {
        state: "failed",
        revert: false,
        error: runtime.error ?? { code: "internal", message: "The host gave up and did not say why." },
      };
  }
  if (!applied || facts.kind === "instance.delete") return null;
  // The host counts a wish as carried out only at rest: what it says then is its last word on it.
  const atRest = runtime.state === "running" || runtime.state === "paused" || runtime.state === "stopped";
  if (atRest && runtime.error !== null) return { state: "failed", revert: false, error: runtime.error };
  if (facts.powerRequestId !== null && POWER_KINDS.has(facts.kind)) {
    if (runtime.lastRequestId !== facts.powerRequestId)
      return failed("host_timeout", "The request reached the host after it had expired, so it was not carried out. Try again.", false);
    return atRest ? { state: "succeeded" } : null;
  }
  // A guest that shut itself down right after its start was started all the same.
  if (facts.wish === null || matches(facts.wish, runtime.state) || runtime.guestPoweredOff) return { state: "succeeded" };
  return atRest ? failed("conflict", `The host left the instance ${runtime.state}. Look at its timeline, then try again.`, false) : null;
}

function matches(wish: DesiredState, observed: ObservedState): boolean {
  switch (wish) {
    case "running":
      return observed === "running" || observed === "rebooting";
    case "stopped":
      return observed === "stopped";
    case "paused":
      return observed === "paused";
    case "gone":
      return observed === "gone";
  }
}

function judgeUnreachable(facts: OperationFacts, hostName: string, nowMs: number): OperationJudgement {
  // A tombstone stands however long the host is away: only the watching ends.
  const untilMs = facts.waitingUntil ?? nowMs + UNREACHABLE_LIMIT_MS;
  if (nowMs < untilMs) return { state: "waiting", untilMs, message: `Waiting for host ${hostName}, which cannot be reached.` };
  if (facts.kind === "instance.reprovision")
    return failed(
      "host_unreachable",
      `Host ${hostName} could not be reached for 15 minutes. Unless it has the request already, nothing was changed; the instance's page says so when it is back.`,
      true,
    );
  if (facts.kind === "instance.rebuild")
    return failed(
      "host_unreachable",
      `Host ${hostName} could not be reached for 15 minutes. Unless it has the request already, the instance stays as it was; its page says so when the host is back.`,
      true,
    );
  return facts.kind === "instance.delete"
    ? failed(
        "host_unreachable",
        `Host ${hostName} could not be reached for 15 minutes. The instance is deleted there as soon as the host is back.`,
        false,
      )
    : failed(
        "host_unreachable",
        `Host ${hostName} could not be reached for 15 minutes, so nothing was changed. Try again when it is back.`,
        true,
      );
}

function failed(code: WireError["code"], message: string, revert: boolean): OperationJudgement {
  return { state: "failed", error: { code, message }, revert };
}

/** What an action does, step by step, for the people who watch it. The first step ends when the host has accepted the change. */
export function operationSteps(kind: InstanceOperationKind, start = true): readonly string[] {
  switch (kind) {
    case "instance.create":
      return ["Send to the host", "Fetch the image", "Make the disk", "Connect the network", ...(start ? ["Start"] : [])];
    case "instance.start":
      return ["Send to the host", "Start"];
    case "instance.stop":
      return ["Send to the host", "Shut the guest down"];
    case "instance.forceStop":
      return ["Send to the host", "Stop"];
    case "instance.reboot":
      return ["Send to the host", "Reboot the guest"];
    case "instance.reset":
      return ["Send to the host", "Reset"];
    case "instance.pause":
      return ["Send to the host", "Pause"];
    case "instance.resume":
      return ["Send to the host", "Resume"];
    case "instance.reprovision":
      return ["Send to the host", ...(start ? ["Reboot as a new guest"] : [])];
    case "instance.resize":
      return ["Send to the host", "Resize"];
    case "instance.rebuild":
      return ["Send to the host", "Fetch the image", "Make the new disk", ...(start ? ["Start as a new guest"] : [])];
    case "instance.delete":
      return ["Send to the host", "Stop and remove"];
  }
}

/** Which of the host's provisioning steps carries which step of these operations. */
export const HOST_STEP_POSITION: Readonly<Record<"instance.create" | "instance.rebuild", Readonly<Record<string, number>>>> = {
  "instance.create": { image: 1, disk: 2, network: 3, start: 4 },
  "instance.rebuild": { image: 1, disk: 2, start: 3 },
};
