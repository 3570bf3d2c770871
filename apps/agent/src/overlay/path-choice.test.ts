import { expect, it } from "vitest";
import { PathChoice } from "./path-choice";

/** Heartbeats by the choice's own cadence, on a clock that is moved by hand. */
function play() {
  const choice = new PathChoice();
  const clock = { now: 1_000_000 };
  choice.begin(clock.now);
  return {
    choice,
    clock,
    view: () => choice.view(clock.now),
    /** For so long; `answers` says of each heartbeat whether it is answered. */
    run(ms: number, answers: boolean) {
      const until = clock.now + ms;
      let beats = 0;
      while (clock.now < until) {
        clock.now += choice.beatMs;
        choice.asked(clock.now);
        beats += 1;
        if (answers) choice.answered(clock.now);
      }
      return beats;
    },
  };
}

it("is used after three answers in a row, and not before", () => {
  const { choice, clock, view } = play();
  for (const used of [false, false, true]) {
    clock.now += choice.beatMs;
    choice.asked(clock.now);
    choice.answered(clock.now);
    expect(view().useOverlay).toBe(used);
  }
  expect(view()).toEqual({ useOverlay: true, reason: "healthy", detail: null });
  expect(choice.beatMs).toBe(5_000);
});

it("is left within eight seconds of the last answer, by asking faster once one is missing", () => {
  const { run, clock, view, choice } = play();
  run(20_000, true);
  const lastAnswer = clock.now;
  while (view().useOverlay) {
    clock.now += choice.beatMs;
    choice.asked(clock.now);
  }
  expect(clock.now - lastAnswer).toBeLessThan(8_000);
  expect(view()).toMatchObject({ useOverlay: false, reason: "silent" });
});

it("stays in use when single heartbeats are lost, or answers are slow", () => {
  const { run, clock, view, choice } = play();
  run(20_000, true);
  for (let round = 0; round < 20; round += 1) {
    clock.now += choice.beatMs;
    choice.asked(clock.now);
    clock.now += choice.beatMs;
    choice.asked(clock.now);
    choice.answered(clock.now + 400);
    expect(view().useOverlay).toBe(true);
  }
});

it("is waited for longer each time it fails, at most five minutes, and forgiven after ten good ones", () => {
  const { run, clock, view } = play();
  run(20_000, true);
  const waits: number[] = [];
  for (let loss = 0; loss < 9; loss += 1) {
    run(10_000, false);
    expect(view().reason).toBe("silent");
    const back = clock.now;
    while (!view().useOverlay) {
      run(1, true);
      if (!view().useOverlay) expect(view().reason).toBe("unsteady");
    }
    waits.push(clock.now - back);
  }
  for (const [at, wait] of waits.entries()) if (at > 0) expect(wait).toBeGreaterThanOrEqual(waits[at - 1] ?? 0);
  expect(waits[0]).toBeLessThan(12_000);
  expect(waits.at(-1)).toBeGreaterThan(200_000);
  expect(waits.at(-1)).toBeLessThanOrEqual(310_000);
  run(700_000, true);
  run(10_000, false);
  const back = clock.now;
  while (!view().useOverlay) run(1, true);
  expect(clock.now - back).toBeLessThan(12_000);
});

it("says that it is tried at first, and silent when nothing came for a while", () => {
  const { run, view } = play();
  expect(view().reason).toBe("trying");
  run(10_000, false);
  expect(view().reason).toBe("trying");
  run(10_000, false);
  expect(view()).toEqual({ useOverlay: false, reason: "silent", detail: null });
});

it("tells a link that does not come up from a tunnel that does not answer", () => {
  const { run, clock, view, choice } = play();
  run(20_000, true);
  choice.linkFailed(clock.now, "connection refused");
  run(4_000, true);
  expect(view()).toEqual({ useOverlay: false, reason: "unlinked", detail: "connection refused" });
  run(10_000, true);
  expect(view().useOverlay).toBe(true);
});

it("says why it is off, and begins anew", () => {
  const { run, clock, view, choice } = play();
  run(20_000, true);
  choice.off("relayOff", "no wireguard-go");
  expect(view()).toEqual({ useOverlay: false, reason: "relayOff", detail: "no wireguard-go" });
  choice.answered(clock.now);
  expect(view().useOverlay).toBe(false);
  choice.begin(clock.now);
  expect(view().reason).toBe("trying");
  run(3_000, true);
  expect(view().useOverlay).toBe(true);
});
