import { describe, expect, it } from "vitest";
import { parseAgentArguments } from "./arguments";

describe("the command line", () => {
  it("reads enrol with everything", () => {
    const pin = `sha256//${"A".repeat(43)}=`;
    expect(parseAgentArguments(["enrol", "--url", "https://indium.example:7780", "--token", "t", "--pin", pin], "help")).toMatchObject({
      command: "enrol",
      url: "https://indium.example:7780",
      tokens: ["t"],
      pin,
    });
  });

  it("takes a pin without its prefix too", () => {
    const pin = `${"A".repeat(43)}=`;
    expect(parseAgentArguments(["run", "--pin", pin], "run").pin).toBe(`sha256//${pin}`);
  });

  it.each([
    [["fly"], /no command "fly"/],
    [["run", "twice"], /one word too many/],
    [["enrol", "--url", "ftp://x"], /--url/],
    [["enrol", "--pin", "md5"], /--pin/],
    [["run", "--count", "0"], /--count/],
    [["--unknown"], /unknown/i],
  ])("refuses %j in words", (argv, words) => {
    expect(() => parseAgentArguments(argv, "run")).toThrow(words);
  });
});
