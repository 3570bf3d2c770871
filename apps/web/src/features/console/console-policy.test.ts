import { CONSOLE_CLOSE } from "@indium/contract/plain/console-close";
import { describe, expect, test } from "vitest";
import { afterClose, afterRefusal, backoffMs } from "./console-policy";

test("the back-off doubles and then holds", () => {
  expect([0, 1, 2, 3, 4, 5, 20].map(backoffMs)).toEqual([300, 600, 1_200, 2_400, 4_800, 5_000, 5_000]);
});

describe("after the stream closed", () => {
  test("a VM that ended or does not run yet is waited for", () => {
    expect(afterClose(CONSOLE_CLOSE.vmEnded, 0)).toMatchObject({ kind: "retry", delayMs: 300 });
    expect(afterClose(CONSOLE_CLOSE.vmNotRunning, 30).kind).toBe("retry");
  });
  test("a lost connection (1006) is tried again", () => {
    expect(afterClose(1006, 2)).toMatchObject({ kind: "retry", delayMs: 1_200 });
  });
  test("refused tickets are tried again, but not for ever", () => {
    expect(afterClose(CONSOLE_CLOSE.ticketRefused, 0).kind).toBe("retry");
    expect(afterClose(CONSOLE_CLOSE.ticketRefused, 2).kind).toBe("end");
  });
  test("who lost control watches at once; whose link has ended sees no more", () => {
    expect(afterClose(CONSOLE_CLOSE.controlPassed, 4)).toMatchObject({ kind: "retry", delayMs: 0 });
    expect(afterClose(CONSOLE_CLOSE.shareEnded, 0, "The link has expired.")).toMatchObject({
      kind: "end",
      sentence: { say: "shareEndedBecause", words: "The link has expired." },
    });
    expect(afterRefusal("token_invalid", "It was taken back.", 0).kind).toBe("end");
  });
  test("what an administrator ended stays ended", () => {
    expect(afterClose(CONSOLE_CLOSE.endedByAdministrator, 0).kind).toBe("end");
  });
});

describe("when no ticket is given", () => {
  test("a role that does not include consoles ends it, in the API's words", () => {
    expect(afterRefusal("forbidden", "You are a viewer.", 0)).toEqual({ kind: "end", sentence: { given: "You are a viewer." } });
  });
  test("a state that does not allow it yet is waited out", () => {
    expect(afterRefusal("action_denied", "The instance is stopped.", 0).kind).toBe("retry");
  });
});
