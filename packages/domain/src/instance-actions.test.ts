import { DisplayedState, InstanceAction } from "@indium/contract/states";
import { describe, expect, it } from "vitest";
import { desiredStateFor, mayAct } from "./instance-actions";

describe("mayAct", () => {
  it("gives every denial a sentence", () => {
    for (const state of DisplayedState.options)
      for (const action of InstanceAction.options) {
        const verdict = mayAct(state, action);
        if (!verdict.allowed) expect(verdict.reason).toMatch(/^[A-Z].+\.$/);
      }
  });
  it("lets every instance that is not being deleted be deleted", () => {
    for (const state of DisplayedState.options) expect(mayAct(state, "delete").allowed).toBe(state !== "deleting" && state !== "deleted");
  });
  it("never offers what is already so", () => {
    expect(mayAct("running", "start").allowed).toBe(false);
    expect(mayAct("stopped", "stop").allowed).toBe(false);
    expect(mayAct("paused", "pause").allowed).toBe(false);
    expect(mayAct("running", "resume").allowed).toBe(false);
  });
  it("resizes only what is stopped, and lets nothing but a deletion interrupt work on the disk", () => {
    for (const state of DisplayedState.options) expect(mayAct(state, "resize").allowed).toBe(state === "stopped");
    for (const action of InstanceAction.options)
      if (action !== "delete" && action !== "openConsole")
        expect(mayAct("stopped", action, "rebuild")).toEqual({ allowed: false, reason: expect.stringContaining("being rebuilt") });
    expect(mayAct("running", "delete", "rebuild").allowed).toBe(true);
  });
  it("asks for stable states only", () => {
    expect(InstanceAction.options.map(desiredStateFor)).toEqual([
      "running",
      "stopped",
      "stopped",
      null,
      null,
      "paused",
      "running",
      null,
      null,
      null,
      "gone",
      null,
    ]);
  });
});
