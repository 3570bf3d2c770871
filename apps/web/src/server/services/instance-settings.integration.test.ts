import { type InstanceCreateInput, InstanceUpdateInput } from "@indium/contract/api/instance-views";
import { OrganizationId } from "@indium/contract/ids";
import type { GuestSecrets } from "@indium/contract/instance";
import type { InstanceObservation } from "@indium/contract/report";
import { UNREACHABLE_LIMIT_MS } from "@indium/domain/operation";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";
import { migrateJobs } from "../operations/job-runner";
import { pushDocument } from "../reconcile/push-document";
import { type FakeHost, seedOrganization, startTestCentre, type TestCentre } from "../test-centre";
import { startTestDatabase, type TestDatabase } from "../test-database";
import type { Acting } from "./audit";
import { discardSecrets, replaceSecrets, updateInstance } from "./instance-settings";
import { getInstance } from "./instance-views";
import { type ActAction, actOnInstance } from "./instances";
import { createInstance } from "./instances-create";
import { advanceOperation } from "./operation-advance";
import { getOperation } from "./operations";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9sxMSDTnRHAg7XHoWmQ4kLl7ZQaZc8Fp9u6Ybxj5Qf me@laptop";
const FINGERPRINT = /^SHA256:/;
const KEEP = { password: { kind: "keep" }, userData: { kind: "keep" } } as const;

let database: TestDatabase;
let centre: TestCentre;
let seed: Awaited<ReturnType<typeof seedOrganization>>;
let host: FakeHost;

beforeAll(async () => {
  database = await startTestDatabase();
  await migrateJobs(database.url);
  centre = await startTestCentre(database);
});
afterAll(async () => {
  await centre?.stop();
  await database?.stop();
});
beforeEach(async () => {
  await database.reset();
  await centre.registerRelay();
  seed = await seedOrganization(database);
  host = await centre.addHost(seed.organizationId, seed.siteId);
});

const acting = (): Acting => ({
  db: database.db,
  actor: { userId: null, grants: [], installationAdmin: false } as never,
  remoteAddress: "192.0.2.7",
  now: () => new Date(centre.clock.now),
});
const update = (instanceId: string, change: Omit<z.input<typeof InstanceUpdateInput>, "instanceId">) =>
  updateInstance(acting(), seed.organizationId, InstanceUpdateInput.parse({ instanceId, ...change }));
const replace = (instanceId: string, change: object) =>
  replaceSecrets(acting(), centre.keyring, seed.organizationId, { instanceId: instanceId as `i-${string}`, ...KEEP, ...change });
const act = async (instanceId: string, action: ActAction) =>
  (
    await actOnInstance(database.db, {
      organizationId: seed.organizationId,
      instanceId,
      action,
      actorId: null,
      remoteAddress: null,
      nowMs: centre.clock.now,
    })
  ).operationId;
const operation = (id: string) => getOperation(database.db, seed.organizationId, id);
const row = (id: string) => database.db.instance.findUniqueOrThrow({ where: { id } });
const push = () => pushDocument(centre.push, host.id);
const scope = () =>
  ({ id: OrganizationId.parse(seed.organizationId), name: "Acme", providerId: null, role: "owner", viaProvider: false }) as const;
const view = (id: string) => getInstance(database.db, scope(), id, centre.clock.now);
const secretsOf = (id: string) => host.secretsOf(id) as GuestSecrets;
const auditOf = (action: string) => database.db.auditEvent.findMany({ where: { action } });

async function create(over: Partial<z.input<typeof InstanceCreateInput>> = {}): Promise<string> {
  const input = {
    organizationId: scope().id,
    name: "web-1",
    imageId: seed.imageId,
    sizeId: seed.sizeId,
    hostId: null,
    siteId: null,
    networkId: null,
    diskBytes: null,
    sshKeyIds: [],
    password: "first password",
    userData: "#!/bin/sh\necho first\n",
    tags: {},
    start: true,
    dialect: null,
    metadataTokens: null,
    metadataHopLimit: 1,
    requestKey: Math.random().toString(36).padEnd(12, "x"),
    ...over,
  };
  const { instanceId } = await createInstance(
    { db: database.db, keyring: centre.keyring, actorId: null, remoteAddress: null, nowMs: centre.clock.now },
    input as never,
  );
  return instanceId;
}

/** What the host says of the guest it runs: the one it was told last, sealed or not. */
async function observe(id: string, over: Partial<InstanceObservation> = {}, isSealed = true): Promise<void> {
  const { guestUuid } = host.instance(id);
  const sealed = isSealed ? { at: centre.clock.now, reason: "cloud-init" as const } : null;
  const provisioning = { guestUuid, servedUntil: isSealed ? null : centre.clock.now + 60_000, sealed };
  await centre.report(host, host.observes(id, "running", { provisioning, ...over }));
}

async function running(over: Parameters<typeof create>[0] = {}, isSealed = true): Promise<string> {
  const id = await create(over);
  await push();
  await observe(id, {}, isSealed);
  return id;
}

describe("a live change", () => {
  it("reaches the host as a new generation that asks for nothing, and is audited", async () => {
    const id = await running();
    await database.db.sshKey.create({
      data: { id: "key-00000000000000001", organizationId: seed.organizationId, name: "laptop", publicKey: KEY, fingerprint: "SHA256:x" },
    });
    await update(id, { name: "web-2", tags: { tier: "web" }, sshKeyFingerprints: ["SHA256:x"] });
    await push();
    expect(host.instance(id)).toMatchObject({
      name: "web-2",
      generation: 2,
      wishGeneration: 1,
      desired: "running",
      metadata: { hostname: "web-2", tags: { tier: "web" }, sshKeys: [{ name: "laptop", key: KEY }] },
    });
    expect((await view(id)).sshKeys).toEqual([{ name: "laptop", fingerprint: expect.stringMatching(FINGERPRINT) }]);
    expect(await auditOf("instance.update")).toMatchObject([
      { targetId: id, remoteAddress: "192.0.2.7", detail: { name: { from: "web-1", to: "web-2" }, tags: { tier: "web" } } },
    ]);
    // The organization forgets the key; the instance keeps it until it is taken away here.
    await database.db.sshKey.deleteMany();
    const [key] = (await view(id)).sshKeys;
    await update(id, { sshKeyFingerprints: [key?.fingerprint ?? ""] });
    expect((await view(id)).sshKeys).toHaveLength(1);
    await update(id, { sshKeyFingerprints: [] });
    expect((await view(id)).sshKeys).toEqual([]);
    await expect(update(id, { sshKeyFingerprints: ["SHA256:y"] })).rejects.toMatchObject({
      code: "not_found",
      field: "sshKeyFingerprints",
    });
  });

  it("refuses a name that is taken, and what is being deleted", async () => {
    const id = await running();
    await create({ name: "web-2" });
    await expect(update(id, { name: "web-2" })).rejects.toMatchObject({ code: "already_exists", field: "name" });
    await act(id, "delete");
    await expect(update(id, { name: "web-3" })).rejects.toMatchObject({ code: "action_denied" });
    await expect(replace(id, { password: { kind: "remove" } })).rejects.toMatchObject({ code: "action_denied" });
  });

  it("leaves what is under way on the instance under way", async () => {
    const id = await running();
    const stop = await act(id, "stop");
    await update(id, { name: "web-2" });
    await push();
    await observe(id, { state: "running", appliedGeneration: 2 });
    expect((await operation(stop)).state).not.toBe("succeeded");
    await observe(id, { state: "stopped", appliedGeneration: 3 });
    expect((await operation(stop)).state).toBe("succeeded");
  });
});

describe("secrets", () => {
  it("are not given again to a host that has sealed them, not even one that lost its ledger", async () => {
    const id = await running({}, false);
    expect(await view(id)).toMatchObject({ secrets: { state: "served", until: expect.any(Date) } });
    await push();
    expect(secretsOf(id).userData).toContain("first");
    await observe(id);
    expect(await view(id)).toMatchObject({ secrets: { state: "sealed", since: new Date(centre.clock.now), reason: "cloud-init" } });
    await update(id, { tags: { any: "thing" } });
    await push();
    expect(host.instance(id).sealedSecrets).toBeNull();
  });

  it("that are replaced wait, encrypted, and are given to no guest before it is re-provisioned", async () => {
    const id = await running({}, false);
    await replace(id, { userData: { kind: "set", userData: "#!/bin/sh\necho second\n" } });
    await update(id, { tags: { any: "thing" } });
    await push();
    expect(secretsOf(id).userData).toContain("first");
    expect(await view(id)).toMatchObject({ pendingSecrets: { hasPassword: true, hasUserData: true } });
    const { pendingSecretsCiphertext } = await row(id);
    expect(pendingSecretsCiphertext).toMatch(/^v1\./);
    expect(Buffer.from(pendingSecretsCiphertext ?? "", "base64url").toString("latin1")).not.toContain("second");
    const { passwordHash } = secretsOf(id);
    await act(id, "reprovision");
    await push();
    expect(secretsOf(id)).toEqual({ passwordHash, userData: "#!/bin/sh\necho second\n" });
    expect(await view(id)).toMatchObject({ pendingSecrets: null, secrets: { state: "waiting" } });
    expect(JSON.stringify(await database.db.auditEvent.findMany(), (_key, value) => (typeof value === "bigint" ? 0 : value))).not.toContain(
      "second",
    );
  });

  it("can be taken away, kept apart, and a replacement be forgotten", async () => {
    const id = await running();
    await replace(id, { password: { kind: "remove" } });
    await replace(id, { userData: { kind: "remove" } });
    expect(await view(id)).toMatchObject({ pendingSecrets: { hasPassword: false, hasUserData: false }, hasPassword: true });
    await discardSecrets(acting(), seed.organizationId, id);
    expect((await view(id)).pendingSecrets).toBeNull();
    await replace(id, { password: { kind: "set", password: "second password" }, userData: { kind: "remove" } });
    await act(id, "reprovision");
    await push();
    expect(secretsOf(id)).toEqual({ passwordHash: expect.stringMatching(/^\$6\$/) });
    await expect(replace(id, { userData: { kind: "set", userData: "#cloud-config\n: [" } })).rejects.toMatchObject({ field: "userData" });
  });
});

describe("a re-provision", () => {
  it("is a new guest and a reboot, told step by step, audited, and done when the host says so", async () => {
    const id = await running();
    const before = await row(id);
    const reprovision = await act(id, "reprovision");
    await push();
    const { guestUuid, power, wishGeneration, generation } = host.instance(id);
    expect(guestUuid).not.toBe(before.guestUuid);
    expect([power?.kind, wishGeneration, generation]).toEqual(["reboot", 2, 2]);
    expect(secretsOf(id).userData).toContain("first");
    expect(await operation(reprovision)).toMatchObject({
      state: "running",
      steps: [{ state: "succeeded" }, { name: "Reboot as a new guest", state: "running" }],
    });
    await observe(id, { lastRequestId: power?.requestId ?? null }, false);
    expect(await operation(reprovision)).toMatchObject({ state: "succeeded" });
    expect(await view(id)).toMatchObject({ secrets: { state: "served" } });
    expect(await auditOf("instance.reprovision")).toHaveLength(1);
    expect((await database.db.operation.findUniqueOrThrow({ where: { id: reprovision } })).revertGuest).toBeNull();
  });

  it("of a stopped instance takes effect at its next start", async () => {
    const id = await create({ start: false });
    await push();
    await centre.report(host, host.observes(id, "stopped"));
    const { guestUuid } = await row(id);
    const reprovision = await act(id, "reprovision");
    await push();
    expect(host.instance(id)).toMatchObject({ desired: "stopped", power: null });
    expect(host.instance(id).guestUuid).not.toBe(guestUuid);
    await centre.report(host, host.observes(id, "stopped"));
    expect(await operation(reprovision)).toMatchObject({ state: "succeeded" });
  });

  it("that never reached the host is taken back whole", async () => {
    const id = await running();
    const before = await row(id);
    await replace(id, { userData: { kind: "set", userData: "#!/bin/sh\necho second\n" } });
    const waiting = await row(id);
    centre.clock.now += 60_000;
    // No lease: the button is closed. It fell away right after the press.
    await database.db.host.updateMany({ data: { leaseExpiresAt: new Date(centre.clock.now + 1_000) } });
    const reprovision = await act(id, "reprovision");
    centre.clock.now += 2_000;
    await advanceOperation(database.db, reprovision, centre.clock.now);
    centre.clock.now += UNREACHABLE_LIMIT_MS;
    await advanceOperation(database.db, reprovision, centre.clock.now);
    expect(await operation(reprovision)).toMatchObject({ state: "failed", error: { code: "host_unreachable" } });
    const after = await row(id);
    expect(after).toMatchObject({
      guestUuid: before.guestUuid,
      secretsCiphertext: before.secretsCiphertext,
      pendingSecretsCiphertext: waiting.pendingSecretsCiphertext,
      powerRequestId: null,
      desired: "running",
    });
    expect(after.desiredGeneration).toBeGreaterThan(2);
  });

  it("that the host refused is taken back, and one that it carried out stands though its start failed", async () => {
    const id = await running();
    const before = await row(id);
    const denied = await act(id, "reprovision");
    await push();
    const error = { code: "action_denied", message: "Too late." } as const;
    const old = { guestUuid: before.guestUuid, servedUntil: null, sealed: null };
    await observe(id, { lastRequestId: host.instance(id).power?.requestId ?? null, error, provisioning: old });
    expect(await operation(denied)).toMatchObject({ state: "failed", error });
    expect((await row(id)).guestUuid).toBe(before.guestUuid);
    await push();
    await observe(id);
    const again = await act(id, "reprovision");
    await push();
    const { guestUuid } = host.instance(id);
    await observe(id, { state: "failed", error: { code: "hypervisor_failed", message: "No." } }, false);
    expect(await operation(again)).toMatchObject({ state: "failed" });
    expect((await row(id)).guestUuid).toBe(guestUuid);
  });
});

it("an image's later edit changes nothing that a generation has vouched for", async () => {
  const id = await running();
  await database.db.image.updateMany({ data: { cloudInit: false } });
  await update(id, { tags: {} });
  await push();
  expect(host.instance(id).guestAgent).toBe("cloud-init");
});
