import { describe, expect, it } from "vitest";
import { LinkObserver } from "./link-witness";

describe("LinkObserver", () => {
  it("takes the second ping for the proof that our answer to the first arrived", () => {
    let now = 1_000;
    const link = new LinkObserver(() => now);
    link.dialling();
    now = 1_100;
    link.ready();
    now = 5_000;
    link.pinged();
    const change = 6_000;
    now = 10_000;
    // Proves that what was sent at 5,000 arrived: before the change.
    link.pinged();
    expect(link.provenSince(change)).toBe(false);
    expect(link.provenSince(4_900)).toBe(true);
    now = 15_000;
    link.pinged();
    expect(link.provenSince(change)).toBe(true);
    link.lost();
    expect(link.provenSince(change)).toBe(false);
  });

  it("takes a handshake for proof only when it was begun after the change", () => {
    let now = 1_000;
    const link = new LinkObserver(() => now);
    link.dialling();
    const change = 1_500;
    now = 2_000;
    link.ready();
    expect(link.state).toBe("linked");
    expect(link.provenSince(change)).toBe(false);
    link.lost();
    now = 3_000;
    link.dialling();
    now = 3_100;
    link.ready();
    expect(link.provenSince(change)).toBe(true);
  });

  it("does not count an answer of an earlier connection", () => {
    let now = 1_000;
    const link = new LinkObserver(() => now);
    link.dialling();
    link.ready();
    now = 5_000;
    link.pinged();
    link.lost();
    link.dialling();
    now = 6_000;
    link.ready();
    now = 7_000;
    link.pinged();
    expect(link.provenSince(5_000)).toBe(false);
  });
});
