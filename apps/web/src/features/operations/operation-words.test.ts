import type { OperationView } from "@indium/contract/api/instance-views";
import { describe, expect, test } from "vitest";
import { translatorFor } from "@/lib/i18n/testing";
import { hasEnded, operationSentence } from "./operation-words";

const operation = (part: Partial<OperationView>): OperationView => ({
  id: "op-0123456789abcdef0",
  organizationId: "org-0123456789abcdef0",
  kind: "instance.start",
  state: "running",
  instanceId: "i-0123456789abcdef0",
  instanceName: "web-1",
  hostId: null,
  startedBy: null,
  createdAt: new Date(0),
  endedAt: null,
  waiting: null,
  waitingUntil: null,
  progress: null,
  error: null,
  steps: [],
  ...part,
});

const english = translatorFor("operations");
const german = translatorFor("operations", "de");
const sentence = (one: OperationView) => operationSentence(one, english);

describe("what a toast says", () => {
  test("while it goes on", () => {
    expect(sentence(operation({}))).toBe("Starting web-1…");
    expect(sentence(operation({ kind: "image.build", instanceName: null }))).toBe("Building…");
  });
  test("in German, too", () => {
    expect(operationSentence(operation({}), german)).toBe("web-1 wird gestartet …");
    expect(operationSentence(operation({ kind: "image.build", instanceName: null }), german)).toBe("Image wird gebaut …");
    expect(operationSentence(operation({ state: "failed" }), german)).toBe("Starten fehlgeschlagen: web-1");
  });
  test("at its end", () => {
    expect(sentence(operation({ state: "succeeded" }))).toBe("Started web-1");
    expect(sentence(operation({ kind: "instance.forceStop", state: "succeeded" }))).toBe("Stopped by force: web-1");
    expect(sentence(operation({ state: "failed" }))).toBe("Start failed: web-1");
    expect(sentence(operation({ kind: "host.remove", state: "cancelled", instanceName: null }))).toBe("Remove host was cancelled");
  });
});

test("an operation that waits has not ended", () => {
  expect(hasEnded("waiting")).toBe(false);
  expect(hasEnded("cancelled")).toBe(true);
});
