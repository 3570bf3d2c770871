import { describe, expect, it } from "vitest";
import { fingerprint, planCampaign } from "./plan";

describe("a campaign's plan", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(fingerprint(planCampaign(7, 200, "real"))).toBe(fingerprint(planCampaign(7, 200, "real")));
    expect(fingerprint(planCampaign(7, 200, "real"))).not.toBe(fingerprint(planCampaign(8, 200, "real")));
  });

  it("has as many kills as asked for, of every kind of process", () => {
    const kills = planCampaign(1, 203, "real").rounds.flatMap((round) => round.kills);
    expect(kills).toHaveLength(203);
    expect([...new Set(kills.map((kill) => kill.target))].sort()).toEqual([
      "agent",
      "backend",
      "front",
      "postgres",
      "qemu",
      "relay",
      "web",
      "worker",
    ]);
  });

  it("touches no steady slot, by wish or by kill", () => {
    for (const round of planCampaign(3, 500, "real").rounds) {
      const touched = [...round.wishes, ...round.kills.filter((kill) => kill.target === "qemu")].map(({ slot }) => slot);
      expect(touched.filter((slot) => round.steady.includes(slot))).toEqual([]);
    }
  });

  it("kills no QEMU on a simulated host, which has none", () => {
    expect(planCampaign(3, 500, "simulated").rounds.flatMap((round) => round.kills.filter((kill) => kill.target === "qemu"))).toEqual([]);
  });
});
