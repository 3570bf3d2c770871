import type { Candidate } from "@indium/contract/direct";
import { expect, it } from "vitest";
import { DirectPath, type DirectStep } from "./direct-path";

const LAN: Candidate = { kind: "lan", endpoint: "10.0.0.2:4000" };
const OBSERVED: Candidate = { kind: "observed", endpoint: "192.0.2.7:4000" };
const NOTHING = { handshakeAt: null, endpoint: null };
const SHAKEN = { handshakeAt: 1_700_000_000_000, endpoint: LAN.endpoint };
const NO_NAT = { here: null, there: null };

/** Time goes by in quarter seconds; what was to be done meanwhile. */
function run(path: DirectPath, fromMs: number, forMs: number, seen = NOTHING as typeof NOTHING | typeof SHAKEN): [number, DirectStep][] {
  const steps: [number, DirectStep][] = [];
  for (let now = fromMs; now < fromMs + forMs; now += 250) {
    const step = path.next(now, seen);
    if (step !== null) steps.push([now - fromMs, step]);
  }
  return steps;
}
function told(...candidates: Candidate[]): DirectPath {
  const path = new DirectPath();
  path.candidates(candidates);
  return path;
}
/** Heartbeats that nobody answers, as often as they are due, until a step is to be done. */
function silence(path: DirectPath, fromMs: number): [number, DirectStep] {
  for (let now = fromMs, beatAt = 0; now < fromMs + 60_000; now += 250) {
    if (now - beatAt >= path.beatMs) {
      beatAt = now;
      path.asked(now);
    }
    const step = path.next(now, SHAKEN);
    if (step !== null) return [now - fromMs, step];
  }
  throw new Error("never given up");
}

it("tries one candidate after the other, and rests longer after each round in vain", () => {
  const path = told(LAN, OBSERVED);
  expect(path.view(NO_NAT)).toMatchObject({ state: "probing", reason: "probing" });
  expect(run(path, 0, 80_000)).toEqual([
    [0, { kind: "probe", endpoint: LAN.endpoint }],
    [2_500, { kind: "probe", endpoint: OBSERVED.endpoint }],
    [5_000, { kind: "rest" }],
    [15_000, { kind: "probe", endpoint: LAN.endpoint }],
    [17_500, { kind: "probe", endpoint: OBSERVED.endpoint }],
    [20_000, { kind: "rest" }],
    [40_000, { kind: "probe", endpoint: LAN.endpoint }],
    [42_500, { kind: "probe", endpoint: OBSERVED.endpoint }],
    [45_000, { kind: "rest" }],
  ]);
  expect(path.view(NO_NAT)).toEqual({ state: "relayed", reason: "unanswered", via: null, lastHandshakeAt: null });
});

it("says whose NAT is in the way, once nothing has answered", () => {
  const path = told(LAN);
  run(path, 0, 3_000);
  const why = (here: "keepsPorts" | "changesPorts" | null, there: "keepsPorts" | "changesPorts" | null) =>
    path.view({ here, there }).reason;
  expect([why("changesPorts", "keepsPorts"), why("none" as never, "changesPorts"), why("changesPorts", "changesPorts")]).toEqual([
    "natHere",
    "natThere",
    "natBoth",
  ]);
  expect([why("keepsPorts", "keepsPorts"), why(null, null)]).toEqual(["unanswered", "unanswered"]);
});

it("goes directly after a handshake and not before, and says by which candidate", () => {
  const path = told(LAN, OBSERVED);
  run(path, 0, 1_000);
  expect(path.isDirect).toBe(false);
  expect(path.next(1_000, SHAKEN)).toEqual({ kind: "use" });
  expect(path.view(NO_NAT)).toEqual({
    ...{ state: "direct", reason: "direct", lastHandshakeAt: SHAKEN.handshakeAt },
    via: { kind: "lan", endpoint: LAN.endpoint },
  });
  // It came from elsewhere than it had told.
  path.next(1_250, { ...SHAKEN, endpoint: "10.0.0.9:1" });
  expect(path.view(NO_NAT).via).toEqual({ kind: null, endpoint: "10.0.0.9:1" });
});

it("is knocked at while it rests", () => {
  const path = told(LAN);
  run(path, 0, 4_000);
  expect(path.next(4_250, SHAKEN)).toEqual({ kind: "use" });
});

it("goes back to the relay when nobody answers, in seconds, and waits longer for a way that comes and goes", () => {
  const path = told(LAN);
  const waits: number[] = [];
  for (let round = 0, now = 0; round < 3; round += 1) {
    const [[at] = [0]] = run(path, now, 40_500);
    waits.push(at);
    expect(path.next(now + 40_500, SHAKEN)).toEqual({ kind: "use" });
    const [after, step] = silence(path, now + 40_500);
    expect(step).toEqual({ kind: "rest" });
    expect(after).toBeLessThan(6_000);
    expect(path.view({ here: "changesPorts", there: null }).reason).toBe("quiet");
    now += 40_500 + after + 250;
  }
  const [first = 0, second = 0, third = 0] = waits;
  expect(first).toBe(0);
  expect(second).toBeGreaterThan(9_000);
  expect(third).toBeGreaterThan(19_000);
});

it("stays while it is answered now and then", () => {
  const path = told(LAN);
  run(path, 0, 250);
  path.next(250, SHAKEN);
  for (let now = 500; now < 60_000; now += 700) {
    path.asked(now);
    if (Math.round(now / 700) % 3 === 0) path.answered();
    expect(path.next(now, SHAKEN)).toBeNull();
  }
});

it("tries at once what is told anew, and leaves a direct way alone for it", () => {
  const path = told();
  expect(run(path, 0, 1_000)).toEqual([[0, { kind: "rest" }]]);
  expect(path.view(NO_NAT).reason).toBe("noCandidates");
  path.candidates([OBSERVED]);
  expect(run(path, 1_000, 500)).toEqual([[0, { kind: "probe", endpoint: OBSERVED.endpoint }]]);
  // The same once more is nothing new.
  path.candidates([OBSERVED]);
  expect(run(path, 1_500, 500)).toEqual([]);
  path.next(2_000, SHAKEN);
  path.candidates([LAN, OBSERVED]);
  expect(run(path, 2_250, 1_000, SHAKEN)).toEqual([]);
  // An interface that was made anew has no such peer.
  path.begin();
  expect(run(path, 4_000, 500)).toEqual([[0, { kind: "probe", endpoint: LAN.endpoint }]]);
});
