import { describe, expect, it } from "vitest";
import { freeMemoryBytes, inWords, type PlacementHost, type PlacementRequest, place, placementWords, resizeProblem } from "./placement";

const GIB = 1024 ** 3;
const host = (over: Partial<PlacementHost>): PlacementHost => ({
  id: "h-00000000000000001",
  name: "lab-1",
  siteId: "site-00000000000000001",
  online: true,
  cordon: null,
  simulated: false,
  memoryBytes: 8 * GIB,
  threads: 4,
  allocatedMemoryBytes: 0,
  allocatedVcpus: 0,
  ...over,
});
const request: PlacementRequest = { memoryBytes: GIB, hostId: null, siteId: null, strategy: "spread" };

describe("place", () => {
  it("takes a simulated host only where no real one has room", () => {
    const simulated = host({ id: "h-00000000000000009", name: "simulated-1", memoryBytes: 512 * GIB, simulated: true });
    expect(place([simulated, host({})], request)).toMatchObject({ placed: true, hostId: host({}).id });
    expect(place([simulated, host({ online: false })], request)).toMatchObject({ placed: true, hostId: simulated.id });
  });
  it("spreads by free memory, and says why", () => {
    const placed = place([host({}), host({ id: "h-00000000000000002", name: "lab-2", memoryBytes: 16 * GIB })], request);
    expect(placed).toMatchObject({ placed: true, hostId: "h-00000000000000002" });
    expect(placed.placed && placed.reason).toMatch(/^lab-2: most free memory of 2 hosts \(14.9 GiB free\)$/);
  });
  it("never chooses a host that cannot be reached", () => {
    const large = host({ id: "h-00000000000000002", name: "lab-2", memoryBytes: 64 * GIB, online: false });
    expect(place([large, host({})], request)).toMatchObject({ placed: true, hostId: "h-00000000000000001" });
    expect(place([large], request)).toMatchObject({ placed: false, code: "host_unreachable" });
    expect(place([large], { ...request, hostId: large.id })).toMatchObject({ placed: false, code: "host_unreachable", field: "hostId" });
  });
  it("names the largest host when the size fits nowhere", () => {
    const refused = place([host({}), host({ id: "h-00000000000000002", name: "big", memoryBytes: 32 * GIB })], {
      ...request,
      memoryBytes: 100 * GIB,
    });
    expect(refused).toMatchObject({ placed: false, code: "no_capacity", field: "sizeId" });
    expect(!refused.placed && refused.message).toContain("the largest, big, can give an instance 30.1 GiB");
  });
  it("promises no memory twice", () => {
    const full = host({ allocatedMemoryBytes: 7 * GIB });
    expect(freeMemoryBytes(full)).toBeLessThan(GIB);
    const refused = place([full], request);
    expect(!refused.placed && refused.message).toMatch(/^No host has 1 GiB of memory free now/);
  });
  it("keeps to the site", () => {
    expect(place([host({})], { ...request, siteId: "site-00000000000000002" })).toMatchObject({ placed: false, field: "siteId" });
    expect(place([host({})], { ...request, hostId: "h-00000000000000001", siteId: "site-00000000000000002" })).toMatchObject({
      placed: false,
      code: "bad_request",
    });
  });
  it("packs onto the fullest host that still has room", () => {
    const hosts = [host({}), host({ id: "h-00000000000000002", name: "lab-2", allocatedMemoryBytes: 4 * GIB })];
    const placed = place(hosts, { ...request, strategy: "pack" });
    expect(placed).toMatchObject({ placed: true, hostId: "h-00000000000000002" });
    expect(placed.placed && placed.reason).toMatch(/^lab-2: fullest of 2 hosts with room/);
  });
  it("leaves out whom nobody wants anything placed on, and says who and why", () => {
    const cordoned = host({
      id: "h-00000000000000002",
      name: "lab-2",
      memoryBytes: 64 * GIB,
      cordon: { by: "Ada", reason: "its disk fails" },
    });
    const small = host({ id: "h-00000000000000003", name: "lab-3", memoryBytes: GIB });
    const away = host({ id: "h-00000000000000004", name: "lab-4", online: false });
    const placed = place([cordoned, small, away, host({})], request);
    expect(placed.placed && placementWords(placed)).toBe(
      "lab-1: the only host with room for it (7.3 GiB free); left out: lab-2 (cordoned by Ada: its disk fails), lab-3 (too small: it can give 716 MiB), lab-4 (cannot be reached)",
    );
    expect(place([cordoned], request)).toMatchObject({
      placed: false,
      message: expect.stringContaining("cordoned by Ada: its disk fails"),
    });
    expect(place([cordoned], { ...request, hostId: cordoned.id })).toMatchObject({ placed: false, code: "action_denied", field: "hostId" });
  });
  it("says that there is no host", () => expect(place([], request)).toMatchObject({ placed: false, code: "no_capacity" }));
});

it("gives sizes in words", () =>
  expect([inWords(512 * 1024 ** 2), inWords(GIB), inWords(1.55 * GIB)]).toEqual(["512 MiB", "1 GiB", "1.5 GiB"]));

describe("place, on any fleet", () => {
  const fleets = Array.from({ length: 500 }, (_, seed) => {
    const next = seeded(seed + 1);
    const hosts = Array.from({ length: Math.floor(next() * 7) }, (_, number) =>
      host({
        id: `h-0000000000000000${number}`,
        name: `host-${number}`,
        siteId: next() < 0.7 ? "site-00000000000000001" : "site-00000000000000002",
        online: next() < 0.8,
        cordon: next() < 0.2 ? { by: null, reason: "because" } : null,
        simulated: next() < 0.2,
        memoryBytes: Math.ceil(next() * 16) * GIB,
        allocatedMemoryBytes: Math.floor(next() * 12) * GIB,
        allocatedVcpus: Math.floor(next() * 16),
      }),
    );
    const strategy = next() < 0.5 ? ("spread" as const) : ("pack" as const);
    return {
      hosts,
      asked: {
        memoryBytes: Math.ceil(next() * 8) * GIB,
        hostId: null,
        siteId: next() < 0.3 ? ("site-00000000000000001" as const) : null,
        strategy,
      },
    };
  });
  const may = (each: PlacementHost, asked: PlacementRequest) =>
    each.online &&
    each.cordon === null &&
    freeMemoryBytes(each) >= asked.memoryBytes &&
    (asked.siteId === null || each.siteId === asked.siteId);

  it("places exactly where something has room, never elsewhere", () => {
    for (const { hosts, asked } of fleets) {
      const placed = place(hosts, asked);
      expect(placed.placed).toBe(hosts.some((each) => may(each, asked)));
      const chosen = hosts.find((each) => placed.placed && each.id === placed.hostId);
      if (chosen !== undefined) expect(may(chosen, asked)).toBe(true);
    }
  });
  it("takes the emptiest or the fullest of those it may take, whatever their order", () => {
    for (const { hosts, asked } of fleets) {
      const placed = place(hosts, asked);
      expect(place([...hosts].reverse(), asked)).toEqual(placed);
      if (!placed.placed) continue;
      const candidates = hosts.filter((each) => may(each, asked));
      const real = candidates.filter((each) => !each.simulated);
      const free = (real.length > 0 ? real : candidates).map(freeMemoryBytes);
      const chosen = hosts.find((each) => each.id === placed.hostId);
      expect(chosen === undefined ? 0 : freeMemoryBytes(chosen)).toBe(asked.strategy === "spread" ? Math.max(...free) : Math.min(...free));
    }
  });
  it("accounts for every host of the site: chosen, compared, or left out with a reason", () => {
    for (const { hosts, asked } of fleets) {
      const placed = place(hosts, asked);
      if (!placed.placed) continue;
      const inSite = hosts.filter((each) => asked.siteId === null || each.siteId === asked.siteId);
      const compared = Number(/of (\d+) hosts/.exec(placed.reason)?.[1] ?? 1);
      expect(compared + placed.leftOut.length).toBe(inSite.length);
      expect(placed.leftOut.every(({ why }) => why !== "")).toBe(true);
    }
  });
});

describe("resizeProblem", () => {
  const same = { name: "web-1", memory: { from: GIB, to: GIB }, disk: { from: GIB, to: GIB }, storage: null };
  it("gives the figures", () => {
    const busy = host({ allocatedMemoryBytes: 4 * GIB });
    expect(resizeProblem(busy, { ...same, memory: { from: GIB, to: 8 * GIB } })).toEqual({
      field: "sizeId",
      message:
        "Host lab-1 cannot give web-1 8 GiB of memory: of its 8 GiB, 665 MiB are kept for the host and 4 GiB are given to other instances, so 3.3 GiB are free. Choose a smaller size, or stop another instance there.",
    });
    const storage = { sizeBytes: 100 * GIB, usedBytes: 90 * GIB };
    expect(resizeProblem(busy, { ...same, disk: { from: GIB, to: 21 * GIB }, storage })?.message).toMatch(
      /by 20 GiB: 10 GiB of its 100 GiB are free/,
    );
  });
  it("lets everything through that does not grow", () => {
    const full = host({ allocatedMemoryBytes: 8 * GIB });
    expect(resizeProblem(full, { ...same, memory: { from: 4 * GIB, to: GIB } })).toBeNull();
    expect(resizeProblem(full, { ...same, storage: { sizeBytes: GIB, usedBytes: GIB } })).toBeNull();
  });
});

/** Mulberry32: the same fleets every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
