import { DesiredState, ObservedState } from "@indium/contract/states";
import { describe, expect, it } from "vitest";
import { displayedState } from "./displayed-state";

const base = { desired: "running", desiredGeneration: 2, observed: "running", appliedGeneration: 2, hostLeaseAlive: true } as const;

describe("displayedState", () => {
  it("shows unknown, never stopped, when the host's lease is lost", () => {
    for (const desired of DesiredState.options.filter((state) => state !== "gone"))
      for (const observed of ObservedState.options)
        expect(displayedState({ ...base, desired, observed, hostLeaseAlive: false })).toBe("unknown");
  });
  it("says running or stopped only when the host said so", () => {
    for (const desired of DesiredState.options)
      for (const observed of ObservedState.options)
        for (const appliedGeneration of [1, 2]) {
          const shown = displayedState({ ...base, desired, observed, appliedGeneration });
          if (shown === "running" || shown === "stopped") expect(observed).toBe(shown);
        }
  });
  it("shows the way to a newer wish", () => {
    expect(displayedState({ ...base, desired: "stopped", appliedGeneration: 1 })).toBe("stopping");
    expect(displayedState({ ...base, desired: "paused", appliedGeneration: 1 })).toBe("pausing");
    expect(displayedState({ ...base, observed: "stopped", appliedGeneration: 1 })).toBe("starting");
    expect(displayedState({ ...base, observed: "paused", appliedGeneration: 1 })).toBe("resuming");
    expect(displayedState({ ...base, observed: "failed", appliedGeneration: 1 })).toBe("starting");
  });
  it("keeps a tombstone deleting until the host confirms", () => {
    expect(displayedState({ ...base, desired: "gone" })).toBe("deleting");
    expect(displayedState({ ...base, desired: "gone", hostLeaseAlive: false })).toBe("deleting");
    expect(displayedState({ ...base, desired: "gone", observed: "gone" })).toBe("deleted");
  });
});
