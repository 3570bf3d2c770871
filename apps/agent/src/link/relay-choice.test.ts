import { expect, it } from "vitest";
import { RelayChoice } from "./relay-choice";

const ORIGIN = "https://indium.example";
const relays = ["a", "b", "c"].map((name) => ({ name, url: ORIGIN }));
const line = (choice: RelayChoice): (string | null)[] => {
  const names: (string | null)[] = [];
  for (let at = 0; at < choice.size; at += 1) {
    const next = choice.next(0);
    if (next === null) break;
    names.push(next.target.name);
    choice.failed(next.target, 0);
  }
  return names;
};

it("goes from one relay to the next, and begins anew after the last", () => {
  const choice = new RelayChoice([ORIGIN], relays, () => 0.5);
  expect([...line(choice), ...line(choice)]).toEqual(["a", "b", "c", "a", "b", "c"]);
});

it("each host has an order of its own", () => {
  const randoms = [0.9, 0.1, 0.5];
  expect(line(new RelayChoice([ORIGIN], relays, () => randoms.shift() ?? 0))).toEqual(["b", "c", "a"]);
});

it("knows the address of the enrolment alone, and keeps it as the last resort when that is another", () => {
  expect(new RelayChoice([ORIGIN], []).next(0)?.target).toEqual({ name: null, url: ORIGIN });
  const moved = new RelayChoice(["https://old.example"], relays, () => 0.5);
  expect(line(moved)).toEqual(["a", "b", "c", null]);
});

it("stays with the relay that holds it, and goes to another once that is lost", () => {
  const choice = new RelayChoice([ORIGIN], relays, () => 0.5);
  const b = { name: "b", url: ORIGIN };
  choice.held(b);
  expect(choice.next(0)?.target).toEqual(b);
  choice.failed(b, 0);
  expect(line(choice)).toEqual(["a", "c", "b"]);
});

it("passes over one that asked to be left alone, until that time has come", () => {
  const choice = new RelayChoice([ORIGIN], relays, () => 0.5);
  for (const [name, ms] of [
    ["a", 5_000],
    ["b", 1_000],
  ] as const)
    choice.failed({ name, url: ORIGIN }, 0, ms);
  expect(choice.next(0)).toMatchObject({ target: { name: "c" }, waitMs: 0 });
  choice.failed({ name: "c", url: ORIGIN }, 0, 9_000);
  expect(choice.next(0)).toMatchObject({ target: { name: "b" }, waitMs: 1_000 });
  expect(choice.next(5_000)).toMatchObject({ target: { name: "a" }, waitMs: 0 });
});

it("takes a link over the overlay for the relay's own", () => {
  const choice = new RelayChoice([ORIGIN], relays, () => 0.5);
  choice.failed({ name: "a", url: "http://[fd00::1]:7786" }, 0, 5_000);
  expect(choice.size).toBe(3);
  expect(choice.next(0)?.target.name).toBe("b");
  expect(choice.next(0, ["b"])?.target.name).toBe("c");
});

it("learns of relays that come and go", () => {
  const choice = new RelayChoice([ORIGIN], relays, () => 0.5);
  choice.learn([
    { name: "b", url: ORIGIN },
    { name: "d", url: "https://d.example" },
  ]);
  expect(line(choice)).toEqual(["b", "d"]);
  choice.learn([{ name: "b", url: ORIGIN }]);
  expect(choice.next(0, ["b"])).toBeNull();
});
