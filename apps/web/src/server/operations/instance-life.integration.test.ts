import { InstanceCreateInput, OperationListInput } from "@indium/contract/api/instance-views";
import { OrganizationId } from "@indium/contract/ids";
import { UNREACHABLE_LIMIT_MS } from "@indium/domain/operation";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";
import { pushDocument } from "../reconcile/push-document";
import { pruneTimelines } from "../reconcile/tasks";
import { buildDocument } from "../services/host-documents";
import { getInstance } from "../services/instance-views";
import { type ActAction, actOnInstance } from "../services/instances";
import { createInstance } from "../services/instances-create";
import { advanceOperation } from "../services/operation-advance";
import { listOperations } from "../services/operation-list";
import { firstOperation, getOperation } from "../services/operations";
import { type FakeHost, GIB, seedOrganization, startTestCentre, type TestCentre } from "../test-centre";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { migrateJobs, startJobRunner } from "./job-runner";

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

const form = (over: Partial<z.input<typeof InstanceCreateInput>> = {}) =>
  InstanceCreateInput.parse({
    organizationId: seed.organizationId,
    name: "web-1",
    imageId: seed.imageId,
    sizeId: seed.sizeId,
    requestKey: Math.random().toString(36).padEnd(12, "x"),
    ...over,
  });
const context = () => ({ db: database.db, keyring: centre.keyring, actorId: null, remoteAddress: null, nowMs: centre.clock.now });
const create = async (over: Partial<z.input<typeof InstanceCreateInput>> = {}) => (await createInstance(context(), form(over))).instanceId;
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
const view = (id: string) =>
  getInstance(
    database.db,
    { id: OrganizationId.parse(seed.organizationId), name: "Acme", providerId: null, role: "owner", viaProvider: false },
    id,
    centre.clock.now,
  );
const row = (id: string) => database.db.instance.findUniqueOrThrow({ where: { id }, include: { runtime: true, nics: true } });
/** Created, sent, and reported running. */
const running = async () => {
  const id = await create();
  await pushDocument(centre.push, host.id);
  await centre.report(host, host.observes(id, "running"));
  return id;
};

describe("creating an instance", () => {
  it("tells the host of Secure Boot and the TPM where they are asked for, and refuses Secure Boot without UEFI", async () => {
    const plain = await create();
    const secure = await create({ name: "web-2", firmware: "uefi", secureBoot: true, tpm: true, desktop: true });
    const document = await buildDocument({ ...centre.push, nowMs: centre.clock.now }, host.id);
    const told = (id: string) => document?.instances.find((each) => each.id === id);
    expect(told(secure)).toMatchObject({ firmware: "uefi", secureBoot: true, tpm: true, desktop: true });
    expect(told(plain)).not.toHaveProperty("secureBoot");
    expect(told(plain)).not.toHaveProperty("desktop");
    expect(await view(secure)).toMatchObject({ firmware: "uefi", secureBoot: true, tpm: true });
    await expect(create({ name: "web-3", firmware: "bios", secureBoot: true })).rejects.toMatchObject({
      code: "bad_request",
      field: "firmware",
    });
  });

  it("goes from the form to running, with every step told", async () => {
    const id = await create({ password: "correct horse", userData: "#cloud-config\npackages: []\n" });
    const first = await firstOperation(database.db, id);
    expect(first).toMatchObject({
      state: "pending",
      kind: "instance.create",
      steps: [{ name: "Send to the host", state: "running" }, {}, {}, {}, {}],
    });
    expect(await pushDocument(centre.push, host.id)).toBe("accepted");
    const told = host.instance(id);
    expect(told).toMatchObject({ name: "web-1", desired: "running", generation: 1, memoryBytes: GIB, guestAgent: "cloud-init" });
    expect(told.nics[0]?.ipv4).toMatchObject({ prefixLength: 24 });
    expect(host.document.networks).toMatchObject([{ name: "nat", kind: "nat" }]);
    expect(host.document.images).toMatchObject([{ id: seed.imageId, source: { kind: "url" } }]);
    expect(host.secretsOf(id)).toMatchObject({ passwordHash: expect.stringMatching(/^\$6\$/), userData: "#cloud-config\npackages: []\n" });
    expect((await row(id)).secretsCiphertext).not.toContain("cloud-config");

    const step = {
      kind: "instance.step",
      instanceId: id,
      boot: 1,
      startedAt: centre.clock.now,
      endedAt: centre.clock.now,
      message: null,
      detail: null,
    } as const;
    await centre.report(
      host,
      { ...step, step: "image", state: "running", endedAt: null, progress: { done: 5, total: 10, unit: "bytes" } },
      host.observes(id, "preparing", { appliedGeneration: 0 }),
    );
    expect((await firstOperation(database.db, id))?.steps).toMatchObject([
      { state: "succeeded" },
      { name: "Fetch the image", state: "running" },
      {},
      {},
      {},
    ]);
    await centre.report(host, { ...step, step: "image", state: "succeeded", progress: null }, host.observes(id, "running"));
    expect(await firstOperation(database.db, id)).toMatchObject({ state: "succeeded", progress: { done: 5, total: 5 } });
  });

  it("gives the first instance for the same request key, and one of two equal names", async () => {
    const same = form();
    const [left, right] = await Promise.all([createInstance(context(), same), createInstance(context(), same)]);
    expect(left.instanceId).toBe(right.instanceId);
    const race = await Promise.allSettled([create({ name: "db" }), create({ name: "db" }), create({ name: "db" })]);
    expect(race.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    for (const result of race)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "already_exists", field: "name" });
  });

  it("hands out distinct addresses to many at once", async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, (_, index) => create({ name: `n-${index}` })));
    const nics = await database.db.nic.findMany({ where: { instanceId: { in: ids } } });
    expect(new Set(nics.map((nic) => nic.ipv4)).size).toBe(8);
    expect(new Set(nics.map((nic) => nic.networkId)).size).toBe(1);
  });

  it("refuses with the field and the way out", async () => {
    const huge = await database.db.size.create({
      data: { id: "size-00000000000000099", name: "huge", vcpus: 64, memoryBytes: BigInt(512 * GIB), diskBytes: BigInt(GIB), position: 9 },
    });
    await expect(create({ sizeId: huge.id as `size-${string}` })).rejects.toMatchObject({
      code: "no_capacity",
      field: "sizeId",
      message: expect.stringContaining("the largest, lab-1, can give an instance 14.9 GiB"),
    });
    await expect(create({ userData: "#cloud-config\na: [\n" })).rejects.toMatchObject({
      code: "bad_request",
      field: "userData",
      message: expect.stringMatching(/^User data, line \d+, column \d+: /),
    });
    await database.db.image.update({ where: { id: seed.imageId }, data: { minimumDiskBytes: BigInt(50 * GIB) } });
    await expect(create({ diskBytes: 10 * GIB })).rejects.toMatchObject({ field: "diskBytes" });
    centre.clock.now += 60_000;
    await expect(create()).rejects.toMatchObject({ code: "host_unreachable" });
    expect(await database.db.instance.count()).toBe(0);
  });
});

describe("what the host reports", () => {
  it("is written only where it is newer, and once", async () => {
    const id = await running();
    const stopped = host.observes(id, "stopped");
    const stale = { ...host.observes(id, "crashed"), observedGeneration: stopped.observedGeneration - 1 };
    await centre.report(host, stopped, stale);
    expect((await row(id)).runtime?.observedState).toBe("stopped");
    const repeated = host.batch(centre.clock.now, [host.observes(id, "running")]);
    await centre.send(repeated);
    await database.db.instanceRuntime.update({ where: { instanceId: id }, data: { observedGeneration: 0, observedState: "stopped" } });
    expect(await centre.send(repeated)).toMatchObject({ ackedSeq: host.seq });
    expect((await row(id)).runtime?.observedState).toBe("stopped");
  });

  it("is refused from a link that lost the host, and from a relay that is not the caller", async () => {
    const id = await running();
    const old = host.batch(centre.clock.now, [host.observes(id, "stopped")]);
    await centre.connect(host);
    await expect(centre.send(old)).rejects.toMatchObject({ code: "conflict" });
    await expect(centre.ask("renewLeases", { relayName: "other", hosts: [] })).rejects.toMatchObject({ code: "forbidden" });
    expect(await centre.ask("renewLeases", { relayName: "test", hosts: [{ hostId: host.id, linkEpoch: 1 }] })).toMatchObject({
      lost: [host.id],
    });
    expect(await centre.renew(host)).toMatchObject({ lost: [] });
  });

  it("changes nothing of another host's instances", async () => {
    const id = await running();
    const other = await centre.addHost(seed.organizationId, seed.siteId, { hostname: "lab-2" });
    await centre.report(other, { ...other.observes(id, "gone"), observedGeneration: 1_000 });
    expect((await row(id)).runtime?.observedState).toBe("running");
  });

  it("keeps a guest's own power-off as the wish, unless a newer one was written", async () => {
    const id = await running();
    await centre.report(host, host.observes(id, "stopped", { guestPoweredOff: true }));
    expect(await row(id)).toMatchObject({ desired: "stopped", desiredGeneration: 2 });
    await pushDocument(centre.push, host.id);
    await act(id, "start");
    await centre.report(host, host.observes(id, "stopped", { guestPoweredOff: true }));
    expect(await row(id)).toMatchObject({ desired: "running", desiredGeneration: 3 });
  });

  it("keeps the first boot's timeline and the newest ones, however often a guest reboots", async () => {
    const id = await running();
    await database.db.instanceStep.deleteMany({ where: { instanceId: id, boot: { gt: 0 } } });
    await database.db.instanceStep.createMany({
      data: Array.from({ length: 50 }, (_, index) => ({
        instanceId: id,
        boot: index + 1,
        step: "start",
        state: "succeeded",
        startedAt: new Date(1),
        endedAt: new Date(2),
      })),
    });
    await pruneTimelines.run({ db: database.db, now: () => centre.clock.now });
    const boots = (await database.db.instanceStep.findMany({ where: { instanceId: id }, orderBy: { boot: "asc" } })).map(
      (step) => step.boot,
    );
    expect(boots).toEqual([0, 1, ...Array.from({ length: 20 }, (_, index) => index + 31)]);
  });

  it("begins again with a host that lost its ledger", async () => {
    const id = await running();
    host.ledgerId = "led-0123456789abcdef0";
    host.seq = 0;
    host.observedGeneration = 0;
    const { desiredGeneration } = await database.db.host.findUniqueOrThrow({ where: { id: host.id } });
    await centre.report(host, host.observes(id, "stopped", { appliedGeneration: 0 }));
    expect((await row(id)).runtime?.observedState).toBe("stopped");
    expect((await database.db.host.findUniqueOrThrow({ where: { id: host.id } })).desiredGeneration).toBe(desiredGeneration + 1);
  });

  it("pins an image's first hash, and says when another host has another", async () => {
    const copy = {
      kind: "image.observed",
      imageId: seed.imageId,
      state: "ready",
      format: "qcow2",
      virtualSizeBytes: GIB,
      sizeBytes: 10,
      progress: null,
      error: null,
    } as const;
    // One that is offered to all organizations is not pinned by one organization's host, nor any by a simulated one.
    const pinned = async () => (await database.db.image.findUniqueOrThrow({ where: { id: seed.imageId } })).sha256;
    await centre.report(host, { ...copy, sha256: "c".repeat(64) });
    expect(await pinned()).toBeNull();
    await database.db.host.update({ where: { id: host.id }, data: { local: true, simulated: true } });
    await centre.report(host, { ...copy, sha256: "c".repeat(64) });
    expect(await pinned()).toBeNull();
    await database.db.host.update({ where: { id: host.id }, data: { simulated: false } });
    await centre.report(host, { ...copy, sha256: "d".repeat(64) });
    expect(await pinned()).toBe("d".repeat(64));

    await database.db.host.update({ where: { id: host.id }, data: { local: false } });
    await database.db.image.update({ where: { id: seed.imageId }, data: { organizationId: seed.organizationId, sha256: null } });
    await centre.report(host, { ...copy, sha256: "a".repeat(64) });
    expect(await database.db.image.findUniqueOrThrow({ where: { id: seed.imageId } })).toMatchObject({
      sha256: "a".repeat(64),
      minimumDiskBytes: BigInt(GIB),
    });
    const other = await centre.addHost(seed.organizationId, seed.siteId, { hostname: "lab-2" });
    await centre.report(other, { ...copy, sha256: "b".repeat(64) });
    expect(await database.db.imageCopy.findFirst({ where: { hostId: other.id } })).toMatchObject({
      state: "failed",
      error: { code: "image_checksum_mismatch" },
    });
    expect(await database.db.hostEvent.count({ where: { hostId: other.id, code: "image_checksum_mismatch" } })).toBe(1);
  });
});

describe("acting", () => {
  it("lets the newer of two opposite requests win, and ends the older", async () => {
    const id = await running();
    const results = await Promise.allSettled([act(id, "stop"), act(id, "delete")]);
    const ids = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const states = await Promise.all(ids.map(async (each) => (await operation(each)).state));
    expect(states.filter((state) => state === "pending")).toHaveLength(1);
    expect((await row(id)).desired).toBe("gone");
    const open = (
      await listOperations(database.db, OperationListInput.parse({ organizationId: seed.organizationId, instanceId: id, state: "open" }))
    ).items.filter((each) => each.endedAt === null);
    expect(open).toHaveLength(1);
  });

  it("denies with the button's own sentence", async () => {
    const id = await running();
    await expect(act(id, "start")).rejects.toMatchObject({ code: "action_denied", message: "The instance is already running." });
    await expect(
      actOnInstance(database.db, {
        organizationId: "org-0123456789abcdef0",
        instanceId: id,
        action: "stop",
        actorId: null,
        remoteAddress: null,
        nowMs: centre.clock.now,
      }),
    ).rejects.toMatchObject({ code: "not_found" });
  });

  it("reboots by a request that is told once and known by its id", async () => {
    const id = await running();
    const reboot = await act(id, "reboot");
    await pushDocument(centre.push, host.id);
    const { power } = host.instance(id);
    expect(power).toMatchObject({ kind: "reboot" });
    await centre.report(host, host.observes(id, "rebooting", { lastRequestId: power?.requestId ?? null, appliedGeneration: 1 }));
    expect((await operation(reboot)).state).toBe("running");
    await centre.report(host, host.observes(id, "running", { lastRequestId: power?.requestId ?? null }));
    expect((await operation(reboot)).state).toBe("succeeded");
  });

  it("fails with the host's own words", async () => {
    const id = await create();
    await pushDocument(centre.push, host.id);
    const error = { code: "hypervisor_failed", message: "QEMU ended at once on lab-1.", detail: "qemu: no such cpu" } as const;
    await centre.report(host, host.observes(id, "failed", { error }));
    expect(await firstOperation(database.db, id)).toMatchObject({ state: "failed", error });
    expect(await view(id)).toMatchObject({ state: "failed", error });

    const full = await create({ name: "web-2" });
    await pushDocument(centre.push, host.id);
    const noRoom = {
      code: "disk_full",
      message: "Not enough disk space on this host for the disk vol-1: 256 MiB needed, 3 MiB free.",
    } as const;
    await centre.report(host, host.observes(full, "failed", { error: noRoom }));
    expect(await view(full)).toMatchObject({ state: "failed", error: noRoom });
    expect(await firstOperation(database.db, full)).toMatchObject({ state: "failed", error: noRoom });
  });

  it("waits for a host that is away, then fails and takes the wish back", async () => {
    const id = await running();
    centre.clock.now += 60_000;
    const stop = await act(id, "stop");
    await advanceOperation(database.db, stop, centre.clock.now);
    expect(await operation(stop)).toMatchObject({ state: "waiting", waiting: "Waiting for host lab-1, which cannot be reached." });
    centre.clock.now += UNREACHABLE_LIMIT_MS - 1;
    expect(await advanceOperation(database.db, stop, centre.clock.now)).toBe("open");
    expect((await row(id)).desired).toBe("stopped");
    centre.clock.now += 1;
    expect(await advanceOperation(database.db, stop, centre.clock.now)).toBe("ended");
    expect(await operation(stop)).toMatchObject({ state: "failed", error: { code: "host_unreachable" } });
    expect(await row(id)).toMatchObject({ desired: "running", desiredGeneration: 3 });
  });

  it("returns to the wish before the first of several that never arrived", async () => {
    const id = await running();
    centre.clock.now += 60_000;
    await act(id, "stop");
    const start = await act(id, "start");
    await advanceOperation(database.db, start, centre.clock.now);
    centre.clock.now += UNREACHABLE_LIMIT_MS;
    await advanceOperation(database.db, start, centre.clock.now);
    expect((await row(id)).desired).toBe("running");
  });

  it("leaves a delete as a tombstone until the host confirms, however late", async () => {
    const id = await running();
    centre.clock.now += 60_000;
    const deletion = await act(id, "delete");
    await advanceOperation(database.db, deletion, centre.clock.now);
    centre.clock.now += UNREACHABLE_LIMIT_MS;
    await advanceOperation(database.db, deletion, centre.clock.now);
    expect((await operation(deletion)).state).toBe("failed");
    await centre.connect(host);
    await pushDocument(centre.push, host.id);
    expect(host.instance(id)).toMatchObject({ desired: "gone", sealedSecrets: null });
    await centre.report(host, host.observes(id, "gone"));
    expect(await row(id)).toMatchObject({ deletedAt: expect.any(Date), nics: [] });
    await pushDocument(centre.push, host.id);
    expect(host.document.instances).toEqual([]);
    await create();
  });

  it("is seen through by whatever worker is there", async () => {
    const id = await create();
    await pushDocument(centre.push, host.id);
    // Reported while no worker ran: only the durable job is left to notice.
    await database.db.instanceRuntime.create({
      data: {
        instanceId: id,
        observedState: "running",
        observedGeneration: 1,
        appliedGeneration: 1,
        observedAt: new Date(centre.clock.now),
      },
    });
    const jobs = await startJobRunner(database.url, database.db, () => centre.clock.now);
    try {
      await database.db.$executeRaw`SELECT graphile_worker.add_job('operation.advance', json_build_object('operationId', o.id),
        job_key := o.id, run_at := now()) FROM "Operation" o WHERE o."instanceId" = ${id}`;
      await expect.poll(async () => (await firstOperation(database.db, id))?.state, { timeout: 10_000 }).toBe("succeeded");
    } finally {
      await jobs.stop();
    }
  });
});
