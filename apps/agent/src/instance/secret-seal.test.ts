import type { InstanceId } from "@indium/contract/ids";
import type { GuestSecrets } from "@indium/contract/instance";
import { beforeEach, describe, expect, it } from "vitest";
import { InstanceRecord, newInstanceRecord } from "../ledger/format";
import { withinGate } from "../metadata/secret-gate";
import type { GuestDocument, GuestEvent } from "../metadata/types";
import { desiredInstance, TestHost } from "../reconciler/testing/test-host";
import { FIRST_BOOT_LIMIT_MS } from "./secret-seal";

const SECRETS: GuestSecrets = { passwordHash: "$6$salt$hash", userData: "#!/bin/sh" };
const NEXT = "11111111-7425-40de-944b-e07fc1f90ae7";
const MINUTE = 60_000;

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  host.secrets = SECRETS;
  await host.startAgent();
});

const document = (id: InstanceId): GuestDocument => {
  const found = host.metadata.documents.get(id);
  if (found === undefined) throw new Error("nothing is served");
  return found;
};
/** What a dialect would see now. */
const served = (id: InstanceId) => withinGate(document(id), host.clock.now()).secrets;
const sealed = (id: InstanceId) => host.observed(id).provisioning?.sealed ?? null;
const lastStage = (id: InstanceId, result: "SUCCESS" | "FAIL") => {
  const event: GuestEvent = {
    kind: "stage",
    name: "modules-final",
    phase: "finish",
    result,
    description: "",
    timestamp: null,
    detail: null,
  };
  host.reconciler.drivers.get(id)?.onGuestEvent(event);
};
/** Running, and its cloud-init has not got far: a simulated one is done in a few seconds. */
const early = async (changes = {}) => {
  const { id } = await host.wish(desiredInstance(changes));
  await host.clock.advance(3_000);
  expect(host.observed(id).state).toBe("running");
  return id;
};
/** A guest that never says that it is done. */
const silent = () => host.running({ guestAgent: "none" });

describe("secrets are served", () => {
  it("until cloud-init's last stage has ended", async () => {
    const id = await early();
    expect(served(id)).toEqual(SECRETS);
    expect(sealed(id)).toBeNull();
    await host.clock.advance(20_000);
    expect(served(id)).toBeNull();
    expect(sealed(id)).toMatchObject({ reason: "cloud-init" });
    expect(sealed(id)?.at).toBeLessThanOrEqual(host.clock.now());
  });

  it("until the guest phones home, cloud-init or not", async () => {
    const { id } = await silent();
    expect(served(id)).toEqual(SECRETS);
    host.reconciler.drivers.get(id)?.onGuestEvent({ kind: "phoneHome" });
    expect(served(id)).toBeNull();
    await host.clock.settle();
    expect(sealed(id)).toMatchObject({ reason: "phone-home" });
  });

  it("until the time limit, which is told and which no reboot makes longer", async () => {
    const { id } = await silent();
    const until = host.observed(id).provisioning?.servedUntil ?? 0;
    expect(until - host.clock.now()).toBeGreaterThan(FIRST_BOOT_LIMIT_MS - 2 * MINUTE);
    await host.clock.advance(FIRST_BOOT_LIMIT_MS - 2 * MINUTE);
    await host.change(id, { power: host.power("reset") });
    await host.clock.advance(MINUTE);
    expect(served(id)).toEqual(SECRETS);
    expect(host.observed(id).provisioning?.servedUntil).toBe(until);
    await host.clock.advance(2 * MINUTE);
    expect(served(id)).toBeNull();
    expect(sealed(id)).toEqual({ at: until, reason: "time-limit" });
  });

  it("not a moment longer when no timer comes in time", async () => {
    const { id } = await silent();
    const late = document(id);
    await host.killAgent();
    expect(withinGate(late, (late.secretsUntil ?? 0) - 1).secrets).toEqual(SECRETS);
    expect(withinGate(late, late.secretsUntil ?? 0).secrets).toBeNull();
  });

  it("through a reboot in the middle of the first boot, which cloud-init reports as a failed last stage", async () => {
    const id = await early();
    lastStage(id, "FAIL");
    await host.clock.advance(1_000);
    host.machine.reset(id, true);
    await host.clock.advance(1_000);
    expect(served(id)).toEqual(SECRETS);
    expect(sealed(id)).toBeNull();
    await host.clock.advance(20_000);
    expect(sealed(id)).toMatchObject({ reason: "cloud-init" });
  });

  it("for three minutes more when a script of the user's has failed", async () => {
    const { id } = await silent();
    lastStage(id, "FAIL");
    await host.clock.advance(2 * MINUTE);
    expect(served(id)).toEqual(SECRETS);
    await host.clock.advance(2 * MINUTE);
    expect(served(id)).toBeNull();
    expect(sealed(id)).toMatchObject({ reason: "cloud-init" });
  });
});

describe("sealed secrets stay so", () => {
  it("over reboots, stops, kills of the agent and reboots of the host", async () => {
    const { id } = await host.running();
    await host.change(id, { power: host.power("reboot") });
    await host.clock.advance(5_000);
    expect(served(id)).toBeNull();
    await host.killAgent();
    host.metadata.documents.clear();
    await host.startAgent();
    await host.clock.advance(1_000);
    expect(served(id)).toBeNull();
    host.metadata.documents.clear();
    await host.rebootHost();
    await host.clock.advance(5_000);
    expect(host.observed(id).state).toBe("running");
    expect(served(id)).toBeNull();
    await host.change(id, { desired: "stopped", power: null });
    await host.clock.advance(20_000);
    await host.change(id, { desired: "running" });
    await host.clock.advance(5_000);
    expect(served(id)).toBeNull();
  });

  it("when the secrets or anything else change, and when a restored centre wishes an older guest", async () => {
    const first = await host.running();
    const { id } = first;
    host.secrets = { userData: "changed" };
    await host.change(id, { name: "renamed" });
    await host.clock.advance(1_000);
    expect(served(id)).toBeNull();
    await host.change(id, { guestUuid: NEXT, power: host.power("reboot") });
    await host.clock.advance(60_000);
    expect(sealed(id)).not.toBeNull();
    host.centreEpoch += 1;
    await host.change(id, { guestUuid: first.guestUuid, power: host.power("reset") });
    await host.clock.advance(5_000);
    expect(document(id).instance.guestUuid).toBe(first.guestUuid);
    expect(served(id)).toBeNull();
  });

  it("over the host's clock running backwards and a limit that passed while the agent was away", async () => {
    const { id } = await silent();
    await host.killAgent();
    await host.clock.advance(FIRST_BOOT_LIMIT_MS + MINUTE);
    await host.startAgent();
    await host.clock.advance(1_000);
    expect(served(id)).toBeNull();
    expect(sealed(id)).toMatchObject({ reason: "time-limit" });
  });

  it("in a ledger that an older agent wrote", () => {
    const { sealed: _, firstBoot: __, runningGuestUuid: ___, ...old } = newInstanceRecord(desiredInstance(), 1, "hash");
    const read = InstanceRecord.parse({ ...old, secretsSealedFor: old.desired.guestUuid });
    expect(read).toMatchObject({ sealed: [], firstBoot: null, runningGuestUuid: null, secretsSealedFor: old.desired.guestUuid });
  });
});

describe("a re-provision", () => {
  it("arms the new guest once, and only when it runs", async () => {
    const { id } = await host.running();
    const before = document(id).instance.guestUuid;
    await host.change(id, { guestUuid: NEXT });
    await host.clock.advance(10_000);
    // Wished, but the guest that runs is the old one: it is told nothing new.
    expect(document(id).instance.guestUuid).toBe(before);
    expect(served(id)).toBeNull();
    await host.change(id, { power: host.power("reboot") });
    await host.clock.advance(4_000);
    expect(document(id).instance.guestUuid).toBe(NEXT);
    expect(served(id)).toEqual(SECRETS);
    await host.clock.advance(20_000);
    expect(served(id)).toBeNull();
    expect(host.observed(id).provisioning).toMatchObject({ guestUuid: NEXT, sealed: { reason: "cloud-init" } });
    await host.change(id, { power: host.power("reboot") });
    await host.clock.advance(4_000);
    expect(served(id)).toBeNull();
  });

  it("makes a new process even for a guest that does not answer the power button, and for a reset", async () => {
    for (const kind of ["reboot", "reset"] as const) {
      const { id } = await host.running();
      host.machine.faults.deafGuests = true;
      await host.change(id, { guestUuid: kind === "reset" ? NEXT : "22222222-7425-40de-944b-e07fc1f90ae7", power: host.power(kind) });
      await host.clock.advance(63_000);
      expect(host.observed(id).state).toBe("running");
      expect(host.observed(id).provisioning?.guestUuid).not.toBe("7c9e6679-7425-40de-944b-e07fc1f90ae7");
      host.machine.faults.deafGuests = false;
    }
  });

  it("is not spent by the old guest's last words", async () => {
    const { id } = await host.running();
    await host.change(id, { guestUuid: NEXT });
    lastStage(id, "SUCCESS");
    host.reconciler.drivers.get(id)?.onGuestEvent({ kind: "phoneHome" });
    await host.change(id, { power: host.power("reset") });
    await host.clock.advance(3_000);
    expect(served(id)).toEqual(SECRETS);
  });

  it("is kept over a kill of the agent in its midst", async () => {
    const { id } = await host.running();
    await host.change(id, { guestUuid: NEXT, power: host.power("reboot") });
    await host.clock.advance(500);
    await host.killAgent();
    await host.startAgent();
    await host.clock.advance(4_000);
    expect(document(id).instance.guestUuid).toBe(NEXT);
    expect(served(id)).toEqual(SECRETS);
    await host.clock.advance(20_000);
    expect(sealed(id)).toMatchObject({ reason: "cloud-init" });
  });
});

describe("a live change", () => {
  it("is served at once, also while a step is under way, and starts nothing", async () => {
    const wished = await host.running({ wishGeneration: 1 });
    const { id } = wished;
    host.machine.guestShutsDown(id);
    await host.clock.advance(2_000);
    expect(host.observed(id)).toMatchObject({ state: "stopped", guestPoweredOff: true });
    const metadata = {
      ...wished.metadata,
      hostname: "renamed",
      tags: { tier: "web" },
      sshKeys: [{ name: "me", key: "ssh-ed25519 AAAA me" }],
    };
    await host.change(id, { metadata });
    await host.clock.advance(60_000);
    expect(document(id).instance.metadata).toEqual(metadata);
    expect(host.observed(id)).toMatchObject({ state: "stopped", guestPoweredOff: true, appliedGeneration: 2 });
    await host.change(id, { wishGeneration: 3 });
    await host.clock.advance(20_000);
    expect(host.observed(id).state).toBe("running");
    await host.change(id, { desired: "stopped", wishGeneration: 4 });
    host.machine.faults.deafGuests = true;
    await host.clock.advance(100);
    await host.change(id, { desired: "stopped", metadata: { ...metadata, hostname: "again" } });
    expect(document(id).instance.metadata.hostname).toBe("again");
  });
});
