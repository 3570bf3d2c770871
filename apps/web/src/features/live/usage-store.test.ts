import { expect, test } from "vitest";
import { HISTORY_LENGTH, UsageStore } from "./usage-store";

const sample = (at: number) => ({
  at,
  cpuFraction: 0.5,
  memoryUsedBytes: 1,
  storageUsedBytes: 1,
  networkReceivedBytesPerSecond: 0,
  networkSentBytesPerSecond: 0,
  instances: [],
});

test("keeps a bounded history, oldest first", () => {
  const store = new UsageStore();
  for (let at = 1; at <= HISTORY_LENGTH + 5; at += 1) store.push("h-1", sample(at));
  const history = store.history("h-1");
  expect(history).toHaveLength(HISTORY_LENGTH);
  expect(history.at(0)?.at).toBe(6);
  expect(history.at(-1)?.at).toBe(HISTORY_LENGTH + 5);
});

test("drops a repeated or late sample", () => {
  const store = new UsageStore();
  store.push("h-1", sample(2));
  store.push("h-1", sample(2));
  store.push("h-1", sample(1));
  expect(store.history("h-1")).toHaveLength(1);
});

test("wakes only those who watch that host, and nobody after they left", () => {
  const store = new UsageStore();
  let woken = 0;
  const stop = store.subscribe("h-1", () => {
    woken += 1;
  });
  store.push("h-2", sample(1));
  expect(woken).toBe(0);
  store.push("h-1", sample(1));
  expect(woken).toBe(1);
  stop();
  store.push("h-1", sample(2));
  expect(woken).toBe(1);
});

test("an unknown host's history is the same empty array each time", () => {
  const store = new UsageStore();
  expect(store.history("h-9")).toBe(store.history("h-8"));
});
