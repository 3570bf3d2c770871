import type { InstanceStepReport } from "@indium/contract/report";
import { describe, expect, it } from "vitest";
import { newInstanceRecord } from "../ledger/format";
import { parseGuestReport } from "../metadata/guest-report";
import { desiredInstance } from "../reconciler/testing/test-host";
import { FakeClock } from "../system/fake-clock";
import { GuestStages } from "./guest-stages";
import type { InstancePorts } from "./ports";
import { Timeline } from "./timeline";

function reporting(printedLater: readonly string[] = []) {
  const clock = new FakeClock();
  const told: InstanceStepReport[] = [];
  const record = newInstanceRecord(desiredInstance(), 1, "hash");
  const timeline = new Timeline(record.desired.id, (body) => body.kind === "instance.step" && told.push(body), clock);
  const stages: GuestStages = new GuestStages({ clock } as unknown as InstancePorts, record, timeline, async () => {
    for (const line of printedLater) stages.onOutput(line);
  });
  stages.begin();
  /** As cloud-init posts it (ReportingEvent.as_dict). */
  const post = (name: string, eventType: "start" | "finish", timestamp: number, more: object = {}) => {
    const body = { name, description: `running ${name}`, event_type: eventType, origin: "cloudinit", timestamp, ...more };
    const event = parseGuestReport(JSON.stringify(body));
    if (event === null) throw new Error("cloud-init's own report was not taken");
    stages.onEvent(event);
  };
  return { clock, told, record, stages, post };
}
const MODULE = "modules-final/config-scripts-user";

describe("cloud-init's stages", () => {
  it("take as long as the guest says, where that makes sense", async () => {
    const { clock, told, post } = reporting();
    post("modules-config/config-ssh", "start", 1_000);
    await clock.advance(5_000);
    post("modules-config/config-ssh", "finish", 1_003.25, { result: "SUCCESS" });
    expect(told.at(-1)).toMatchObject({ state: "succeeded", startedAt: clock.now() - 3_250, endedAt: clock.now() });
    post("modules-config/config-ntp", "start", 1_004);
    await clock.advance(1_000);
    post("modules-config/config-ntp", "finish", 999_999_999, { result: "SUCCESS" });
    expect(told.at(-1)).toMatchObject({ startedAt: clock.now() - 1_000 });
    post("modules-config/config-odd", "start", 2_000);
    post("modules-config/config-odd", "finish", 1_000, { result: "SUCCESS" });
    expect(told.at(-1)).toMatchObject({ startedAt: clock.now(), endedAt: clock.now() });
  });

  it("show a failed module with what was printed while it ran, and cloud-init's word for why", async () => {
    const late = [
      "/var/lib/cloud/instance/scripts/runcmd: 2: nosuchcommand: not found",
      "2026-03-01 10:00:31,120 - cc_scripts_user.py[WARNING]: Failed to run module scripts-user (scripts in /var/lib/cloud/instance/scripts)",
    ];
    const { clock, told, stages, post } = reporting(late);
    stages.onOutput("of a module before");
    post("modules-final", "start", 1);
    post(MODULE, "start", 1);
    await clock.advance(4_000);
    post(MODULE, "finish", 5, { result: "FAIL" });
    const failedAt = clock.now();
    post("modules-final", "finish", 5, { result: "FAIL" });
    expect(told.at(-1)).toMatchObject({ step: "guest:modules-final", state: "failed", detail: null });
    await clock.advance(10_000);
    expect(told.at(-1)).toMatchObject({
      step: `guest:${MODULE}`,
      state: "failed",
      endedAt: failedAt,
      message: "Failed to run module scripts-user (scripts in /var/lib/cloud/instance/scripts)",
      detail: late.join("\n"),
    });
    expect(told.filter((body) => body.detail !== null)).toHaveLength(1);
  });

  it("add nothing when the guest has booted again meanwhile, or printed nothing", async () => {
    const silent = reporting();
    silent.post(MODULE, "finish", 1, { result: "FAIL" });
    await silent.clock.advance(10_000);
    expect(silent.told).toHaveLength(1);
    const rebooted = reporting(["x"]);
    rebooted.post(MODULE, "finish", 1, { result: "FAIL" });
    rebooted.record.boot += 1;
    rebooted.stages.begin();
    await rebooted.clock.advance(10_000);
    expect(rebooted.told).toHaveLength(1);
  });

  it("stay within bounds whatever the guest prints and reports", async () => {
    const { clock, told, stages, post } = reporting(["y".repeat(100_000)]);
    for (let index = 0; index < 5_000; index++) stages.onOutput("x".repeat(10_000));
    for (let index = 0; index < 40; index++) {
      post(`a/b${index}`, "start", 1);
      post(`a/b${index}`, "finish", 2, { result: "FAIL", description: "d".repeat(5_000) });
    }
    await clock.advance(10_000);
    expect(told.filter((body) => body.detail !== null)).toHaveLength(10);
    expect(Math.max(...told.map((body) => (body.detail ?? "").length))).toBeLessThanOrEqual(8_000);
    expect(Math.max(...told.map((body) => (body.message ?? "").length))).toBeLessThanOrEqual(500);
  });
});
