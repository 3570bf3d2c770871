import { expect, it } from "vitest";
import { moduleAbout, moduleOf, slowAfterSeconds, stageOf } from "./provisioning";

it("tells a module from its stage, by cloud-init's names", () => {
  expect(moduleOf("guest:modules-final/config-scripts-user")).toBe("scripts-user");
  expect(moduleOf("guest:modules-final/config-scripts_user")).toBe("scripts-user");
  expect(moduleOf("guest:init-network/consume-user-data")).toBe("consume-user-data");
  expect(moduleOf("guest:modules-final")).toBeNull();
  expect(stageOf("guest:modules-final/config-scripts-user")).toBe("guest:modules-final");
  expect(moduleAbout("scripts-user")).toContain("runcmd");
  expect(moduleAbout("of-the-guests-own")).toBeNull();
});

it("allows what installs packages more time than what writes a file", () => {
  expect(slowAfterSeconds("guest:modules-final/config-package-update-upgrade-install")).toBe(120);
  expect(slowAfterSeconds("guest:init-network/config-write-files")).toBe(10);
  expect(slowAfterSeconds("guest:anything")).toBe(30);
  expect(slowAfterSeconds("image")).toBeNull();
});
