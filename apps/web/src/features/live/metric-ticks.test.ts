import { expect, test } from "vitest";
import { MetricTicks } from "./metric-ticks";

test("tells those who watch that host, and nobody after they left", () => {
  const ticks = new MetricTicks();
  const heard: number[] = [];
  const stop = ticks.subscribe("h-1", (at) => heard.push(at));
  ticks.push("h-1", 15_000);
  ticks.push("h-2", 15_000);
  stop();
  ticks.push("h-1", 30_000);
  expect(heard).toEqual([15_000]);
});
