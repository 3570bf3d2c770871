import { describe, expect, it } from "vitest";
import { checkUserData as check } from "./user-data-check";

/** Without cloud-init's schema, as on a machine that could not have it. */
const checkUserData = (text: string) => check(text, null);

describe("checkUserData", () => {
  it("accepts a plain cloud-config and a script", () => {
    expect(checkUserData("#cloud-config\npackages:\n  - nginx\nruncmd:\n  - [systemctl, start, nginx]\n")).toEqual({
      kind: "cloud-config",
      problems: [],
      schemaVersion: null,
    });
    expect(checkUserData("#!/bin/sh\necho hello\n")).toMatchObject({ kind: "script", problems: [] });
    expect(checkUserData(" \n")).toMatchObject({ kind: "empty", problems: [] });
  });
  it("gives the line and the column of malformed YAML", () => {
    const check = checkUserData("#cloud-config\npackages:\n  - nginx\n bad: [1, 2\nruncmd: x\n");
    expect(check.problems.find((problem) => problem.severity === "error")).toMatchObject({ line: expect.any(Number) });
    expect(checkUserData("#cloud-config\nhostname: a\nhostname: b\n").problems).toMatchObject([{ line: 3, column: 1, severity: "error" }]);
    expect(checkUserData('#cloud-config\nhostname: "a\n').problems[0]).toMatchObject({ line: 3, severity: "error" });
    expect(checkUserData("#cloud-config\na:\n\t- b\n").problems[0]).toMatchObject({ line: 3, column: 1, severity: "error" });
  });
  it("suggests the key that was meant", () => {
    expect(checkUserData("#cloud-config\npackges: [nginx]\n").problems).toEqual([
      { line: 2, column: 1, severity: "warning", message: expect.stringContaining("Did you mean `packages`?") },
    ]);
  });
  it("refuses what the guest would read as something else", () => {
    expect(checkUserData("#cloud-config\nruncmd: echo hello\n").problems).toMatchObject([{ line: 2, severity: "error" }]);
    expect(checkUserData("#cloud-config\n- a\n").problems).toMatchObject([{ line: 2, column: 1, severity: "error" }]);
    expect(checkUserData("# cloud-config\npackages: []\n")).toMatchObject({ kind: "unknown", problems: [{ severity: "error" }] });
    expect(checkUserData("\n#cloud-config\n")).toMatchObject({ kind: "unknown", problems: [{ line: 2, severity: "error" }] });
    expect(checkUserData("#!/bin/sh\r\necho\r\n").problems).toMatchObject([{ severity: "error" }]);
    expect(checkUserData("#!sh\n").problems).toMatchObject([{ line: 1, column: 3, severity: "error" }]);
  });
  it("warns of what it does not know, and passes cloud-init's other formats", () => {
    expect(checkUserData("hello")).toMatchObject({ kind: "unknown", problems: [{ severity: "warning" }] });
    expect(checkUserData("Content-Type: multipart/mixed; boundary=x\n")).toMatchObject({ kind: "unknown", problems: [] });
  });

  it.each([
    ["thousands of keys", Array.from({ length: 12_000 }, (_, index) => `k${index.toString(36)}:`).join("\n")],
    ["thousands of faults", "\t:\n".repeat(20_000)],
    ["brackets without end", "[".repeat(65_000)],
    ["one alias many times", `a: &a [x]\nb: [${"*a,".repeat(20_000)}]`],
  ])("stays short and quick with %s", (_name, text) => {
    const began = performance.now();
    const { problems } = checkUserData(`#cloud-config\n${text}`.slice(0, 65_536));
    expect(problems.length).toBeLessThanOrEqual(200);
    // Ten times what it takes; it took this long when every key was compared with every other.
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});
