import { expect, test } from "vitest";
import { translatorFor } from "@/lib/i18n/testing";
import { moduleAbout, stepName } from "./step-name";

const german = translatorFor("instancesTimeline", "de");
const place = { hostId: "h-0123456789abcdef0", hostName: "node-1", simulated: false } as const;

test("a step is called in the reader's language, with its host's name", () => {
  expect(stepName({ step: "placed", label: "Placed on node-1" }, place, german)).toBe("Auf node-1 platziert");
  expect(stepName({ step: "placed", label: "Placed" }, { ...place, hostId: null, hostName: null }, german)).toBe("Platziert");
  expect(stepName({ step: "start", label: "" }, { ...place, simulated: true }, german)).toBe("Gestartet (simuliert)");
  expect(stepName({ step: "guest:modules-final", label: "" }, place, german)).toBe("cloud-init: letzte Stufe");
});

test("a step that is not known by the label that came with it", () => {
  expect(stepName({ step: "guest:of-a-newer-cloud-init", label: "cloud-init: of-a-newer-cloud-init" }, place, german)).toBe(
    "cloud-init: of-a-newer-cloud-init",
  );
});

test("what a module does is said where it is known", () => {
  expect(moduleAbout({ name: "growpart", about: "grows the partition" }, german)).toBe("vergrößert die Partition");
  expect(moduleAbout({ name: "of-a-newer-centre", about: "does something" }, german)).toBe("does something");
  expect(moduleAbout({ name: "a-guests-own.module", about: null }, german)).toBeNull();
});
