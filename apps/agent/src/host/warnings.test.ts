import { describe, expect, it } from "vitest";
import { hostWarnings, type WarningSigns } from "./warnings";

const clean: WarningSigns = {
  dockerRuns: false,
  ufwActive: false,
  firewalldRuns: false,
  forwardDrops: false,
  bridgedTrafficFiltered: false,
  tunMissing: false,
  nftMissing: false,
  bridgeConntrackMissing: false,
};

describe("hostWarnings", () => {
  it("says nothing of a clean host", () => {
    expect(hostWarnings(clean)).toEqual([]);
  });

  it.each([
    [{ forwardDrops: true }, ["forward_drop"]],
    [{ forwardDrops: true, dockerRuns: true }, ["docker_forward_drop"]],
    [{ dockerRuns: true }, []],
    [{ ufwActive: true, firewalldRuns: true }, ["ufw", "firewalld"]],
    [{ nftMissing: true, tunMissing: true }, ["no_nft", "no_tun"]],
    [{ bridgedTrafficFiltered: true, bridgeConntrackMissing: true }, ["bridge_nf_call", "no_bridge_conntrack"]],
  ])("of %j it says %j, each with what to do", (signs, codes) => {
    const warnings = hostWarnings({ ...clean, ...signs });
    expect(warnings.map((warning) => warning.code)).toEqual(codes);
    expect(warnings.every((warning) => warning.fix !== null)).toBe(true);
  });
});
