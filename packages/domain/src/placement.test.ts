import { describe, expect, it } from "vitest";
import { freeMemoryBytes, inWords, type PlacementHost, place } from "./placement";

const GIB = 1024 ** 3;
const host = (over: Partial<PlacementHost>): PlacementHost => ({
  id: "h-00000000000000001",
  name: "lab-1",
  siteId: "site-00000000000000001",
  online: true,
  simulated: false,
  memoryBytes: 8 * GIB,
  threads: 4,
  allocatedMemoryBytes: 0,
  allocatedVcpus: 0,
  ...over,
});
const request = { memoryBytes: GIB, hostId: null, siteId: null };

describe("place", () => {
  it("takes a simulated host only where no real one has room", () => {
    const simulated = host({ id: "h-00000000000000009", name: "simulated-1", memoryBytes: 512 * GIB, simulated: true });
    expect(place([simulated, host({})], request)).toMatchObject({ placed: true, hostId: host({}).id });
    expect(place([simulated, host({ online: false })], request)).toMatchObject({ placed: true, hostId: simulated.id });
  });
  it("spreads by free memory, and says why", () => {
    const placed = place([host({}), host({ id: "h-00000000000000002", name: "lab-2", memoryBytes: 16 * GIB })], request);
    expect(placed).toMatchObject({ placed: true, hostId: "h-00000000000000002" });
    expect(placed.placed && placed.reason).toMatch(/^lab-2: most free memory of 2 online hosts/);
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
  it("says that there is no host", () => expect(place([], request)).toMatchObject({ placed: false, code: "no_capacity" }));
});

it("gives sizes in words", () =>
  expect([inWords(512 * 1024 ** 2), inWords(GIB), inWords(1.55 * GIB)]).toEqual(["512 MiB", "1 GiB", "1.5 GiB"]));
