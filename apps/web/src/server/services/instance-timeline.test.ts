import { describe, expect, it } from "vitest";
import { type TimelineRow, timelineOf } from "./instance-timeline";

const BEGAN = Date.parse("2026-03-01T10:00:00Z");
const at = (seconds: number) => new Date(BEGAN + seconds * 1_000);

function step(
  name: string,
  from: number,
  to: number | null,
  more: Partial<TimelineRow["steps"][number]> = {},
): TimelineRow["steps"][number] {
  return {
    boot: 1,
    step: name,
    state: to === null ? "running" : "succeeded",
    startedAt: at(from),
    endedAt: to === null ? null : at(to),
    message: null,
    detail: null,
    progressDone: null,
    progressTotal: null,
    progressUnit: null,
    ...more,
  };
}
const row = (steps: TimelineRow["steps"]): TimelineRow => ({
  createdAt: at(0),
  desired: "running",
  host: { name: "lab-1", simulated: false },
  guestAgent: "cloud-init",
  steps,
});

/** As a Debian 12 reported them whose runcmd failed. */
const FAILED_BOOT = [
  step("start", 2, 2.5),
  step("kernel", 2.5, 6, { message: "6.1.0-18-amd64" }),
  step("metadata", 2.5, 14),
  // Before this stage's modules ran, cloud-init did not know where to report to.
  step("guest:init-network/config-write-files", 15, 15.2, { message: "config-write-files ran successfully" }),
  step("guest:init-network", 16, 16, { message: "searching for network datasources" }),
  step("guest:modules-final", 30, 48, { state: "failed", message: "running modules for final" }),
  step("guest:modules-final/config-scripts-user", 31, 47.5, {
    state: "failed",
    message: "Failed to run module scripts-user (scripts in /var/lib/cloud/instance/scripts)",
    detail: "/var/lib/cloud/instance/scripts/runcmd: 2: nosuchcommand: not found",
  }),
  step("guest:modules-final/config-package-update-upgrade-install", 30, 31),
  step("login", 6, 25),
];

describe("a timeline", () => {
  it("puts modules under their stages, in the order of the boot", () => {
    const views = timelineOf(row(FAILED_BOOT), "running");
    expect(views.map((view) => view.step)).toEqual(["start", "kernel", "metadata", "guest:init-network", "guest:modules-final", "login"]);
    const final = views.find((view) => view.step === "guest:modules-final");
    expect(final?.modules.map((module) => [module.name, module.state])).toEqual([
      ["package-update-upgrade-install", "succeeded"],
      ["scripts-user", "failed"],
    ]);
    expect(final?.modules[1]).toMatchObject({
      about: "runcmd and user scripts",
      message: expect.stringContaining("scripts-user"),
      detail: expect.stringContaining("nosuchcommand"),
      slowAfterSeconds: 120,
    });
  });

  it("begins a stage with its first module where its own beginning was not told", () => {
    const views = timelineOf(row(FAILED_BOOT), "running");
    const network = views.find((view) => view.step === "guest:init-network");
    expect(network).toMatchObject({ startedAt: at(15), endedAt: at(16), message: null, fromGuest: true });
    const orphan = timelineOf(
      row([step("guest:modules-config/config-ssh", 5, 7), step("guest:modules-config/config-ntp", 7, null)]),
      "running",
    );
    expect(orphan[0]).toMatchObject({ step: "guest:modules-config", state: "running", startedAt: at(5), endedAt: null });
  });

  it("shows no more than a page holds of what a guest makes up", () => {
    const noise = Array.from({ length: 300 }, (_, index) => step(`guest:made-up-${index}`, index, index + 1));
    const modules = Array.from({ length: 300 }, (_, index) => step(`guest:modules-final/m${index}`, index, index + 1));
    expect(timelineOf(row(noise), "running").filter((view) => view.state !== "pending")).toHaveLength(20);
    expect(timelineOf(row(modules), "running")[0]?.modules).toHaveLength(100);
  });
});
