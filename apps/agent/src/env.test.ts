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

  it("takes a forwarded port for the overlay, and any without one", () => {
    expect(readEnv({})).toMatchObject({ overlayPort: 0, overlayEndpoint: null });
    const forwarded = { INDIUM_AGENT_OVERLAY_PORT: "7790", INDIUM_AGENT_OVERLAY_ENDPOINT: "site.example:40000" };
    expect(readEnv(forwarded)).toMatchObject({ overlayPort: 7_790, overlayEndpoint: "site.example:40000" });
    expect(() => readEnv({ INDIUM_AGENT_OVERLAY_PORT: "70000" })).toThrow(/INDIUM_AGENT_OVERLAY_PORT/);
    expect(() => readEnv({ INDIUM_AGENT_OVERLAY_ENDPOINT: "site.example" })).toThrow(/INDIUM_AGENT_OVERLAY_ENDPOINT/);
  });

  it("names the variable that is wrong", () => {
    expect(() => readEnv({ INDIUM_ACCEL: "fast" })).toThrow(/INDIUM_ACCEL/);
  });
});
