import { describe, expect, it } from "vitest";
import { judgeOperation, OPERATION_LIMIT_MS, type OperationFacts, UNREACHABLE_LIMIT_MS } from "./operation";

const facts = (over: Partial<OperationFacts>): OperationFacts => ({
  kind: "instance.start",
  createdAt: 1_000,
  targetGeneration: 3,
  waitingUntil: null,
  wish: "running",
  powerRequestId: null,
  host: { name: "lab-1", reachable: true },
  runtime: null,
  deleted: false,
  ...over,
});
const runtime = (over: Partial<NonNullable<OperationFacts["runtime"]>>): OperationFacts["runtime"] => ({
  state: "running",
  appliedGeneration: 3,
  guestPoweredOff: false,
  lastRequestId: null,
  observedAt: 2_000,
  error: null,
  ...over,
});
const away = { name: "lab-1", reachable: false };

describe("judgeOperation", () => {
  it("succeeds when the host has carried out the generation and is in the state", () => {
    expect(judgeOperation(facts({ runtime: runtime({}) }), 3_000).state).toBe("succeeded");
    expect(judgeOperation(facts({ runtime: runtime({ appliedGeneration: 2 }) }), 3_000).state).toBe("running");
    expect(judgeOperation(facts({ runtime: runtime({ state: "starting" }) }), 3_000).state).toBe("running");
  });
  it("fails with the host's own words", () => {
    const error = { code: "hypervisor_failed", message: "QEMU ended", detail: "no such cpu" } as const;
    expect(judgeOperation(facts({ runtime: runtime({ state: "failed", error }) }), 3_000)).toEqual({
      state: "failed",
      error,
      revert: false,
    });
  });
  it("takes no older failure for its own", () => {
    const old = facts({ runtime: runtime({ state: "failed", appliedGeneration: 2 }) });
    expect(judgeOperation(old, 3_000).state).toBe("running");
    expect(judgeOperation(old, 100_000).state).toBe("failed");
  });
  it("waits for a host that cannot be reached, says so, and reverts at the deadline", () => {
    const waiting = judgeOperation(facts({ host: away }), 5_000);
    expect(waiting).toMatchObject({ state: "waiting", untilMs: 5_000 + UNREACHABLE_LIMIT_MS, message: expect.stringContaining("lab-1") });
    const until = 5_000 + UNREACHABLE_LIMIT_MS;
    expect(judgeOperation(facts({ host: away, waitingUntil: until }), until - 1).state).toBe("waiting");
    expect(judgeOperation(facts({ host: away, waitingUntil: until }), until)).toMatchObject({ state: "failed", revert: true });
  });
  it("lets a delete stand as a tombstone", () => {
    const gone = facts({ kind: "instance.delete", wish: "gone", host: away, waitingUntil: 10 });
    expect(judgeOperation(gone, 10)).toMatchObject({ state: "failed", revert: false });
    expect(judgeOperation(facts({ kind: "instance.delete", wish: "gone", deleted: true }), 10).state).toBe("succeeded");
    expect(judgeOperation(facts({ deleted: true }), 10).state).toBe("cancelled");
  });
  it("knows a reboot by its request", () => {
    const reboot = { kind: "instance.reboot", powerRequestId: "req-1" } as const;
    expect(judgeOperation(facts({ ...reboot, runtime: runtime({ lastRequestId: "req-1" }) }), 9).state).toBe("succeeded");
    expect(judgeOperation(facts({ ...reboot, runtime: runtime({ lastRequestId: "req-1", state: "rebooting" }) }), 9).state).toBe("running");
    expect(judgeOperation(facts({ ...reboot, runtime: runtime({ lastRequestId: "req-0" }) }), 9).state).toBe("failed");
  });
  it("takes what the host says at rest as its last word", () => {
    const error = { code: "action_denied", message: "A paused guest cannot reboot by itself." } as const;
    const reboot = facts({ kind: "instance.reboot", powerRequestId: "req-1", runtime: runtime({ lastRequestId: "req-1", error }) });
    expect(judgeOperation(reboot, 9)).toEqual({ state: "failed", error, revert: false });
    const paused = facts({ kind: "instance.pause", wish: "paused", runtime: runtime({ state: "stopped" }) });
    expect(judgeOperation(paused, 9)).toMatchObject({ state: "failed", error: { code: "conflict" } });
    expect(judgeOperation({ ...paused, runtime: runtime({ state: "stopping" }) }, 9).state).toBe("running");
  });
  it("counts a guest that shut itself down at once as started", () => {
    expect(judgeOperation(facts({ runtime: runtime({ state: "stopped", guestPoweredOff: true }) }), 9).state).toBe("succeeded");
  });
  it("always ends", () => {
    expect(judgeOperation(facts({ runtime: runtime({ state: "stopping" }) }), 1_000 + OPERATION_LIMIT_MS).state).toBe("failed");
    expect(judgeOperation(facts({ host: null }), 1_000 + OPERATION_LIMIT_MS).state).toBe("failed");
  });
});
