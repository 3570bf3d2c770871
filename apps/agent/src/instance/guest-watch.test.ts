import { expect, it } from "vitest";
import { newInstanceRecord } from "../ledger/format";
import type { GuestEvent } from "../metadata/types";
import { desiredInstance } from "../reconciler/testing/test-host";
import { FakeClock } from "../system/fake-clock";
import { GuestWatch } from "./guest-watch";
import type { InstancePorts } from "./ports";
import { SecretSeal } from "./secret-seal";
import { Timeline } from "./timeline";

function watching() {
  const clock = new FakeClock();
  const told: string[] = [];
  const sealed: number[] = [];
  const record = newInstanceRecord(desiredInstance(), 1, "hash");
  record.runningGuestUuid = record.desired.guestUuid;
  const ports = { clock, ledger: { saveRecord: async () => {} } } as unknown as InstancePorts;
  const timeline = new Timeline(record.desired.id, (body) => body.kind === "instance.step" && told.push(body.step), clock);
  const watch = new GuestWatch(ports, record, timeline, new SecretSeal(ports, record, () => sealed.push(1)), {
    healthy: () => {},
    readSerial: async () => {},
  });
  const say = (name: string, phase: "start" | "finish" = "start") => {
    const event: GuestEvent = {
      kind: "stage",
      name,
      phase,
      result: phase === "finish" ? "SUCCESS" : null,
      description: "",
      timestamp: null,
      detail: null,
    };
    watch.onEvent(event);
  };
  return { clock, told, sealed, record, say, watch };
}

it("tells no more stages of one boot than a guest could honestly have", () => {
  const { told, record, say } = watching();
  for (let index = 0; index < 5_000; index++) say(`stage-${index}`);
  expect(new Set(told).size).toBe(300);
  record.boot += 1;
  say("stage-after-a-start");
  expect(told.at(-1)).toBe("guest:stage-after-a-start");
});

it("tells a guest that repeats itself only so often, and seals its secrets all the same", async () => {
  const { clock, told, sealed, say } = watching();
  for (let index = 0; index < 5_000; index++) say("init-local", index % 2 === 0 ? "start" : "finish");
  expect(told.length).toBe(600);
  say("modules-final", "finish");
  expect([told.length, sealed.length]).toEqual([600, 1]);
  await clock.advance(1_000);
  for (let index = 0; index < 100; index++) say("init-local");
  expect(told.length).toBe(605);
});

it("tells the kernel and the login prompt once a boot, in this order, and not again after a restart", async () => {
  const { clock, told, record, watch } = watching();
  watch.onSerial({ kind: "kernel", version: "6.1" });
  record.awaiting.kernelSince = clock.now();
  watch.onSerial({ kind: "login" });
  await clock.advance(3_000);
  watch.onSerial({ kind: "kernel", version: "6.1" });
  watch.onSerial({ kind: "kernel", version: "made up" });
  await clock.advance(9_000);
  watch.onSerial({ kind: "login" });
  watch.onSerial({ kind: "login" });
  expect(told).toEqual(["kernel", "login"]);
  expect(record.awaiting).toMatchObject({ kernelSince: null, loginSince: null });
});
