import { describe, expect, it } from "vitest";
import { type InstanceRecord, newInstanceRecord } from "../ledger/format";
import { desiredInstance } from "../reconciler/testing/test-host";
import { type Decision, decide, type VmObservation } from "./decide";

const NOW = 1_000_000;

function record(changes: Partial<InstanceRecord> & { desired?: InstanceRecord["desired"] } = {}): InstanceRecord {
  return { ...newInstanceRecord(desiredInstance({ generation: 5 }), 1, "hash"), ...changes };
}
const wish = (desired: "running" | "stopped" | "paused" | "gone") => desiredInstance({ generation: 5, desired });
const seen = (state: VmObservation["state"], shutdownAt: number | null = null): VmObservation => ({ state, shutdownAt });

describe("decide", () => {
  const table: [wish: "running" | "stopped" | "paused" | "gone", vm: VmObservation["state"], decision: Decision][] = [
    ["running", "none", { do: "start" }],
    ["running", "running", { do: "rest", state: "running" }],
    ["running", "paused", { do: "resume" }],
    ["running", "shutdown", { do: "discard", why: "guestPoweredOff" }],
    ["running", "crashed", { do: "discard", why: "crashed" }],
    ["stopped", "none", { do: "rest", state: "stopped" }],
    ["stopped", "running", { do: "stop" }],
    ["stopped", "paused", { do: "stop" }],
    ["stopped", "shutdown", { do: "discard", why: "stopped" }],
    ["stopped", "crashed", { do: "discard", why: "stopped" }],
    ["paused", "none", { do: "start" }],
    ["paused", "running", { do: "pause" }],
    ["paused", "paused", { do: "rest", state: "paused" }],
    ["paused", "shutdown", { do: "discard", why: "guestPoweredOff" }],
    ["paused", "crashed", { do: "discard", why: "crashed" }],
    ["gone", "none", { do: "delete" }],
    ["gone", "running", { do: "delete" }],
    ["gone", "paused", { do: "delete" }],
    ["gone", "shutdown", { do: "delete" }],
    ["gone", "crashed", { do: "delete" }],
  ];
  it.each(table)("wished %s and seen %s", (desired, vm, decision) => {
    expect(decide(record({ desired: wish(desired) }), seen(vm), NOW)).toEqual(decision);
  });

  it("rests once a tombstone has been carried out", () => {
    expect(decide(record({ desired: wish("gone"), gone: true }), seen("none"), NOW)).toEqual({ do: "rest", state: "gone" });
  });

  it("keeps a power-off of this generation and not of an older one", () => {
    expect(decide(record({ poweredOffGeneration: 5 }), seen("none"), NOW)).toEqual({ do: "rest", state: "stopped" });
    expect(decide(record({ poweredOffGeneration: 4 }), seen("none"), NOW)).toEqual({ do: "start" });
  });

  it("takes a shutdown for the guest's own only when our press cannot have caused it", () => {
    const pressed = record({ powerPressedUntil: NOW });
    expect(decide(pressed, seen("shutdown", NOW - 1), NOW)).toEqual({ do: "discard", why: "restarting" });
    expect(decide(pressed, seen("shutdown", null), NOW)).toEqual({ do: "discard", why: "restarting" });
    expect(decide(pressed, seen("shutdown", NOW + 1), NOW + 2)).toEqual({ do: "discard", why: "guestPoweredOff" });
  });

  it("holds a failure of this generation and not of an older one", () => {
    const error = { code: "disk_full", message: "full" } as const;
    expect(decide(record({ failure: { generation: 5, error } }), seen("none"), NOW)).toEqual({ do: "rest", state: "failed" });
    expect(decide(record({ failure: { generation: 4, error } }), seen("none"), NOW)).toEqual({ do: "start" });
    expect(decide(record({ failure: { generation: 5, error }, desired: wish("stopped") }), seen("running"), NOW)).toEqual({ do: "stop" });
  });

  it("waits after a crash, then starts, then gives up", () => {
    expect(decide(record({ crashes: [NOW - 400] }), seen("none"), NOW)).toEqual({ do: "wait", untilMs: NOW + 600, tries: 1 });
    expect(decide(record({ crashes: [NOW - 1_000] }), seen("none"), NOW)).toEqual({ do: "start" });
    const many = [1, 2, 3, 4, 5, 6].map((minute) => NOW - minute * 10_000).reverse();
    expect(decide(record({ crashes: many }), seen("none"), NOW)).toEqual({ do: "giveUp" });
    // A clock that was set back does not keep it down.
    expect(decide(record({ crashes: [NOW + 999_999] }), seen("none"), NOW)).toEqual({ do: "start" });
  });

  it("answers a power request once", () => {
    const power = { requestId: "req-00000000000000001", kind: "reset", expiresAt: NOW + 1 } as const;
    const asked = { ...wish("running"), power };
    expect(decide(record({ desired: asked }), seen("running"), NOW)).toEqual({ do: "power", request: power });
    expect(decide(record({ desired: asked, lastRequestId: power.requestId }), seen("running"), NOW)).toEqual({
      do: "rest",
      state: "running",
    });
    expect(decide(record({ desired: asked }), seen("running"), NOW + 2)).toMatchObject({
      do: "denyPower",
      error: { code: "action_denied" },
    });
    expect(decide(record({ desired: asked }), seen("none"), NOW)).toMatchObject({ do: "denyPower" });
    expect(decide(record({ desired: { ...asked, desired: "stopped" } }), seen("running"), NOW)).toMatchObject({ do: "denyPower" });
    expect(decide(record({ desired: { ...asked, power: { ...power, kind: "reboot" } } }), seen("paused"), NOW)).toMatchObject({
      do: "denyPower",
    });
  });
});
