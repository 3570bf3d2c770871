import type { MetricsView } from "@indium/contract/api/metric-views";
import { expect, test } from "vitest";
import { testFormat, translatorFor } from "@/lib/i18n/testing";
import { chartPlans } from "./chart-plan";

const t = translatorFor("metrics");
const format = testFormat();
const GIB = 1024 ** 3;
const view = (series: MetricsView["series"]): MetricsView => ({
  ...{ range: "1h", from: 0, stepMs: 15_000, length: 3 },
  ...{ series, newestAt: null, hostNewestAt: null },
});
const capacity = { processors: 4, memoryBytes: 8 * GIB, storageBytes: null };

test("processors are told as a part of those there are, and gaps stay gaps", () => {
  const [cpu] = chartPlans(t, format, view({ cpu: [1, null, 4] }), "instance", capacity);
  expect(cpu?.lines).toEqual([{ label: "Used", values: [0.25, null, 1] }]);
  expect(cpu?.summary).toBe("CPU. Used: lowest 25 %, mean 63 %, highest 100 %, last 100 %.");
});

test("only what was measured has a chart", () => {
  expect(chartPlans(t, format, view({}), "host", capacity)).toEqual([]);
  const plans = chartPlans(t, format, view({ memory: [GIB, null, null], sent: [2_048, null, 0] }), "instance", capacity);
  expect(plans.map(({ title, lines }) => [title, lines.length])).toEqual([
    ["Memory", 1],
    ["Network", 1],
  ]);
  expect(plans[0]?.summary).toContain("last 1 of 8 GiB");
  expect(plans[1]?.summary).toContain("highest 2 KiB/s, last 0 B/s");
});

test("a host shows its disk space where its size is known", () => {
  const series = { storage: [GIB, 2 * GIB, 3 * GIB] };
  expect(chartPlans(t, format, view(series), "host", capacity)).toEqual([]);
  const [space] = chartPlans(t, format, view(series), "host", { ...capacity, storageBytes: 100 * GIB });
  expect(space).toMatchObject({ title: "Disk space", top: 100 * GIB, base: 2 });
});

test("memory beyond the guest's own is told as it is", () => {
  const [memory] = chartPlans(t, format, view({ memory: [9 * GIB, null, null] }), "instance", capacity);
  expect(memory?.summary).toContain("last 9 GiB");
});

test("charts are told in the reader's language, with its numbers", () => {
  const [cpu, memory] = chartPlans(
    translatorFor("metrics", "de"),
    testFormat("de"),
    view({ cpu: [1, null, 4], memory: [1.5 * GIB, null, null] }),
    "host",
    capacity,
  );
  expect(cpu?.summary).toBe("CPU. Genutzt: kleinster Wert 25 %, Mittel 63 %, größter Wert 100 %, letzter Wert 100 %.");
  expect(memory).toMatchObject({ title: "Arbeitsspeicher", summary: expect.stringContaining("1,5 von 8 GiB") });
});
