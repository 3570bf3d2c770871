import { expect, test } from "vitest";
import { translatorFor } from "@/lib/i18n/testing";
import { awaited, type MetricsCircumstances } from "./awaited";

const t = translatorFor("metrics");
const NOW = Date.UTC(2026, 10, 21, 12);
const about: MetricsCircumstances = {
  kind: "instance",
  name: "web-1",
  hostName: "rome-1",
  hostOnline: true,
  running: true,
  startedAt: NOW - 10_000,
  agentVersion: "0.1.0",
  nowMs: NOW,
};
const nothing = { newestAt: null, hostNewestAt: null };
const hostMeasures = { newestAt: null, hostNewestAt: NOW };

test("an empty chart says what is awaited, and when", () => {
  expect(awaited(t, hostMeasures, about).description).toContain("in about 35 s");
  expect(awaited(t, hostMeasures, { ...about, startedAt: NOW - 600_000 }).description).toContain("next sample");
  expect(awaited(t, nothing, { ...about, kind: "host" }).description).toMatch(/within a minute.*0\.1\.0.*install command/);
});

test("an empty chart says why nothing comes", () => {
  expect(awaited(t, hostMeasures, { ...about, running: false }).title).toBe("web-1 does not run");
  expect(awaited(t, hostMeasures, { ...about, hostOnline: false }).title).toBe("rome-1 cannot be reached");
  expect(awaited(t, nothing, { ...about, hostName: null }).title).toBe("Not placed yet");
  expect(awaited(t, { newestAt: NOW, hostNewestAt: NOW }, about).title).toBe("Nothing was measured in this time");
});
