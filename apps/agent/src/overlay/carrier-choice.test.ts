import { expect, it } from "vitest";
import { CarrierChoice, type CarrierStep } from "./carrier-choice";

const BLOCKED = { silent: true, needed: true };

/** A quarter of a second at a time, as the agent asks. */
function run(
  choice: CarrierChoice,
  from: number,
  until: number,
  need = BLOCKED,
  onStep: (step: CarrierStep, at: number) => void = () => {},
) {
  const steps: [CarrierStep, number][] = [];
  for (let at = from; at <= until; at += 250) {
    const step = choice.next(at, need);
    if (step === null) continue;
    steps.push([step, at]);
    onStep(step, at);
  }
  return steps;
}

it("is opened only when UDP is silent and somebody is to be reached by the relay", () => {
  const choice = new CarrierChoice();
  expect(run(choice, 0, 60_000, { silent: false, needed: true })).toEqual([]);
  expect(run(choice, 60_000, 120_000, { silent: true, needed: false })).toEqual([]);
  expect(run(choice, 120_000, 180_000)).toEqual([["open", 120_000]]);
});

it("is tried again after a second, and after longer each time, a minute at most; UDP that answers meanwhile ends that", () => {
  const choice = new CarrierChoice();
  const steps = run(choice, 0, 240_000, BLOCKED, (_step, at) => choice.failed(at, "no"));
  expect(steps.map(([, at]) => at / 1_000)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
  expect(choice.detail).toBe("no");
  expect(run(choice, 240_000, 241_000, { silent: false, needed: true })).toEqual([]);
  expect([choice.state, choice.detail]).toEqual(["off", null]);
});

it("asks for UDP again and again, and leaves only when it answered three times in a row", () => {
  const choice = new CarrierChoice();
  run(choice, 0, 0);
  choice.opened(0);
  expect(run(choice, 250, 110_000).map(([step, at]) => [step, at / 1_000])).toEqual([
    ["probe", 10],
    ["probe", 42],
    ["probe", 74],
    ["probe", 106],
  ]);
  let answers = 2;
  const steps = run(choice, 110_250, 260_000, BLOCKED, (step, at) => {
    // Two answers and a miss are not enough.
    if (step === "probe" && answers-- > 0) choice.probeAnswered(at + 100);
    if (answers < 0) answers = 99;
  });
  expect(steps.map(([step]) => step)).toEqual(["probe", "probe", "probe", "probe", "probe", "probe", "leave", "open"]);
  // UDP has had ten seconds to answer.
  expect(Number(steps.at(-1)?.[1]) - Number(steps.at(-2)?.[1])).toBe(10_000);
});

it("waits longer before it asks again when UDP fell silent right after it was taken", () => {
  const choice = new CarrierChoice();
  let opened = 0;
  const gaps: number[] = [];
  run(choice, 0, 3_600_000, BLOCKED, (step, at) => {
    if (step === "open") {
      choice.opened(at);
      opened = at;
    }
    if (step === "probe") choice.probeAnswered(at);
    if (step === "leave") gaps.push(Math.round((at - opened) / 1_000));
  });
  expect(gaps.slice(0, 7)).toEqual([12, 62, 122, 242, 482, 602, 602]);
});

it("is closed once nobody has needed it for a minute", () => {
  const choice = new CarrierChoice();
  run(choice, 0, 0);
  choice.opened(0);
  const idle = { silent: true, needed: false };
  expect(run(choice, 250, 50_000, idle).filter(([step]) => step !== "probe")).toEqual([]);
  expect(choice.next(50_250, BLOCKED)).toBeNull();
  expect(run(choice, 50_500, 120_000, idle).filter(([step]) => step !== "probe")).toEqual([["close", 110_500]]);
});
