import { describe, expect, it } from "vitest";
import { readEnv } from "./env";

describe("the agent's environment", () => {
  it("has its own short run directory per state directory, because sockets' paths must be short and apart", () => {
    const one = readEnv({ INDIUM_AGENT_STATE_DIR: "/srv/a" }).runDir;
    expect(readEnv({ INDIUM_AGENT_STATE_DIR: "/srv/b" }).runDir).not.toBe(one);
    expect(readEnv({ INDIUM_AGENT_STATE_DIR: "/srv/a" }).runDir).toBe(one);
  });

  it("reads lists and takes an empty value for none", () => {
    expect(readEnv({ INDIUM_ALLOW_PRIVATE_IMAGE_HOSTS: "127.0.0.1, 10.0.0.0/8,", INDIUM_ACCEL: "" })).toMatchObject({
      allowPrivateImageHosts: ["127.0.0.1", "10.0.0.0/8"],
      acceleration: undefined,
    });
  });

  it("names the variable that is wrong", () => {
    expect(() => readEnv({ INDIUM_ACCEL: "fast" })).toThrow(/INDIUM_ACCEL/);
  });
});
