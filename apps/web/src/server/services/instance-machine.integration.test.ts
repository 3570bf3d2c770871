import { InstanceCreateInput, InstanceRebuildInput, InstanceResizeInput } from "@indium/contract/api/instance-views";
import { OrganizationId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import type { InstanceObservation } from "@indium/contract/report";
import { UNREACHABLE_LIMIT_MS } from "@indium/domain/operation";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";
import { migrateJobs } from "../operations/job-runner";
import { pushDocument } from "../reconcile/push-document";
import { type FakeHost, GIB, seedOrganization, startTestCentre, type TestCentre } from "../test-centre";
import { startTestDatabase, type TestDatabase } from "../test-database";
import type { Acting } from "./audit";
import { rebuildInstance, resizeInstance } from "./instance-machine";
import { getInstance } from "./instance-views";
import { actOnInstance } from "./instances";
import { createInstance } from "./instances-create";
import { advanceOperation } from "./operation-advance";
import { getOperation } from "./operations";

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
const resize = async (instanceId: string, change: Omit<z.input<typeof InstanceResizeInput>, "instanceId">) =>
  (await resizeInstance(acting(), seed.organizationId, InstanceResizeInput.parse({ instanceId, ...change }))).operationId;
const rebuild = async (instanceId: string, change: Omit<z.input<typeof InstanceRebuildInput>, "instanceId"> = {}) =>
  (await rebuildInstance(acting(), seed.organizationId, InstanceRebuildInput.parse({ instanceId, ...change }))).operationId;
const operation = (id: string) => getOperation(database.db, seed.organizationId, id);
const row = (id: string) => database.db.instance.findUniqueOrThrow({ where: { id }, include: { runtime: true, nics: true } });
const push = () => pushDocument(centre.push, host.id);
const act = (instanceId: string, action: "start" | "delete") =>
  actOnInstance(database.db, {
    organizationId: seed.organizationId,
    instanceId,
    action,
    actorId: null,
    remoteAddress: null,
    nowMs: centre.clock.now,
  });
const view = (id: string) =>
  getInstance(
    database.db,
    { id: OrganizationId.parse(seed.organizationId), name: "Acme", providerId: null, role: "owner", viaProvider: false },
    id,
    centre.clock.now,
  );
const addSize = (vcpus: number, memoryBytes: number) =>
  database.db.size.create({
    data: {
      id: newId("size"),
      name: `test-${vcpus}-${memoryBytes}`,
      vcpus,
      memoryBytes: BigInt(memoryBytes),
      diskBytes: BigInt(GIB),
      position: 9,
    },
  });

/** As the host says it: with the disk that it was told of last. */
async function observe(id: string, state: InstanceObservation["state"], over: Partial<InstanceObservation> = {}): Promise<void> {
  const { rootVolume } = host.instance(id);
  const disk = { volumeId: rootVolume.id, sizeBytes: rootVolume.sizeBytes, imageSha256: null };
  await centre.report(host, host.observes(id, state, { disk, ...over }));
}
async function made(state: "running" | "stopped"): Promise<string> {
  const input = InstanceCreateInput.parse({
    organizationId: seed.organizationId,
    name: "web-1",
    imageId: seed.imageId,
    sizeId: seed.sizeId,
    start: state === "running",
    userData: "#!/bin/sh\necho first\n",
    requestKey: Math.random().toString(36).padEnd(12, "x"),
  });
  const { instanceId } = await createInstance(
    { db: database.db, keyring: centre.keyring, actorId: null, remoteAddress: null, nowMs: centre.clock.now },
    input,
  );
  await push();
  await observe(instanceId, state);
  return instanceId;
}
/** The host's lease falls away right after the press, and stays so until everybody gives up. */
async function loseHost(id: string): Promise<void> {
  await database.db.host.updateMany({ data: { leaseExpiresAt: new Date(centre.clock.now - 1) } });
  await advanceOperation(database.db, id, centre.clock.now);
  centre.clock.now += UNREACHABLE_LIMIT_MS;
  await advanceOperation(database.db, id, centre.clock.now);
}

describe("a resize", () => {
  it("tells the host of processors, memory and disk, and is done and audited when the host says so", async () => {
    const id = await made("stopped");
    const before = await row(id);
    const size = await addSize(4, 4 * GIB);
    const diskBytes = Number(before.diskBytes) + 5 * GIB;
    const resizing = await resize(id, { sizeId: size.id as `size-${string}`, diskBytes });
    await push();
    expect(host.instance(id)).toMatchObject({
      desired: "stopped",
      vcpus: 4,
      memoryBytes: 4 * GIB,
      rootVolume: { id: before.volumeId, sizeBytes: diskBytes },
      guestUuid: before.guestUuid,
    });
    await observe(id, "stopped");
    expect(await operation(resizing)).toMatchObject({ state: "succeeded", kind: "instance.resize" });
    expect(await view(id)).toMatchObject({ vcpus: 4, diskBytes, disk: { sizeBytes: diskBytes }, sizeName: size.name });
    const [event] = await database.db.auditEvent.findMany({ where: { action: "instance.resize" } });
    expect(event).toMatchObject({ targetId: id, remoteAddress: "192.0.2.7", detail: { vcpus: { to: 4 } } });
    expect((await database.db.operation.findUniqueOrThrow({ where: { id: resizing } })).revertMachine).toBeNull();
  });

  it("is refused while it runs, to shrink, to change nothing, and beyond what the host has, with the figures", async () => {
    const running = await made("running");
    await expect(resize(running, { diskBytes: 100 * GIB })).rejects.toMatchObject({ code: "action_denied", message: /Stop the instance/ });
    await database.db.instance.updateMany({ data: { desired: "stopped" } });
    await push();
    await observe(running, "stopped");
    await expect(resize(running, { diskBytes: GIB / 2 })).rejects.toMatchObject({
      code: "bad_request",
      field: "diskBytes",
      message: /never shrinks/,
    });
    await expect(resize(running, {})).rejects.toMatchObject({ code: "bad_request" });
    const huge = await addSize(2, 64 * GIB);
    await expect(resize(running, { sizeId: huge.id as `size-${string}` })).rejects.toMatchObject({
      code: "no_capacity",
      field: "sizeId",
      message: expect.stringMatching(/64 GiB of memory: of its 16 GiB.*15 GiB are free|64 GiB of memory: of its 16 GiB/),
    });
    await database.db.host.updateMany({ data: { facts: { ...(await facts()), changesDisks: false } } });
    await expect(resize(running, { diskBytes: 100 * GIB })).rejects.toMatchObject({ code: "precondition_failed", message: /too old/ });
  });

  it("that the host could not carry out is taken back, and so is one that it never heard of", async () => {
    const id = await made("stopped");
    const before = await row(id);
    const refused = await resize(id, { diskBytes: Number(before.diskBytes) + GIB });
    await push();
    const error = { code: "disk_full", message: "No room." } as const;
    await observe(id, "stopped", { error });
    expect(await operation(refused)).toMatchObject({ state: "failed", error });
    expect(await row(id)).toMatchObject({ diskBytes: before.diskBytes, desired: "stopped" });
    await push();
    await observe(id, "stopped");
    const unheard = await resize(id, { diskBytes: Number(before.diskBytes) + GIB });
    await loseHost(unheard);
    expect(await operation(unheard)).toMatchObject({ state: "failed", error: { code: "host_unreachable" } });
    expect(await row(id)).toMatchObject({ diskBytes: before.diskBytes });
  });

  it("lets nothing but a deletion come between", async () => {
    const id = await made("stopped");
    await resize(id, { diskBytes: Number((await row(id)).diskBytes) + GIB });
    await expect(act(id, "start")).rejects.toMatchObject({ code: "action_denied", message: /being resized/ });
    expect((await view(id)).actions.start).toMatchObject({ allowed: false, reason: expect.stringContaining("being resized") });
    await act(id, "delete");
    expect((await row(id)).desired).toBe("gone");
  });
});

describe("a rebuild", () => {
  it("is a new disk and a new guest under the same record, addresses and MACs", async () => {
    const id = await made("running");
    const before = await row(id);
    const rebuilding = await rebuild(id);
    await push();
    const told = host.instance(id);
    expect(told).toMatchObject({ desired: "running", rootVolume: { replaces: [before.volumeId], imageId: before.imageId } });
    expect(told.rootVolume.id).not.toBe(before.volumeId);
    expect(told.guestUuid).not.toBe(before.guestUuid);
    expect(host.secretsOf(id)).toMatchObject({ userData: expect.stringContaining("first") });
    const step = {
      kind: "instance.step",
      instanceId: id as `i-${string}`,
      boot: 2,
      startedAt: centre.clock.now,
      message: null,
      detail: null,
      progress: null,
    } as const;
    await centre.report(host, { ...step, step: "image", state: "running", endedAt: null });
    expect((await operation(rebuilding)).steps).toMatchObject([
      { state: "succeeded" },
      { name: "Fetch the image", state: "running" },
      { name: "Make the new disk", state: "pending" },
      { name: "Start as a new guest", state: "pending" },
    ]);
    await observe(id, "running");
    expect(await operation(rebuilding)).toMatchObject({ state: "succeeded" });
    const after = await row(id);
    expect(after.nics.map(({ macAddress, ipv4 }) => [macAddress, ipv4])).toEqual(
      before.nics.map(({ macAddress, ipv4 }) => [macAddress, ipv4]),
    );
    const again = await rebuild(id, { start: false });
    await push();
    expect(host.instance(id)).toMatchObject({ desired: "stopped", rootVolume: { replaces: [before.volumeId, after.volumeId] } });
    expect((await operation(again)).steps).toHaveLength(3);
  });

  it("from another image takes over its firmware, metadata and default", async () => {
    const id = await made("stopped");
    const image = await database.db.image.create({
      data: {
        id: newId("image"),
        name: "Other",
        origin: "url",
        url: "https://images.example/other.qcow2",
        firmware: "uefi",
        dialect: "digitalocean",
        cloudInit: false,
        minimumDiskBytes: BigInt(300 * GIB),
      },
    });
    await rebuild(id, { imageId: image.id as `img-${string}` });
    await push();
    expect(host.instance(id)).toMatchObject({
      firmware: "uefi",
      dialect: "digitalocean",
      guestAgent: "none",
      rootVolume: { imageId: image.id, sizeBytes: 300 * GIB },
    });
    expect(host.document.images.map((each) => each.id)).toEqual([image.id]);
  });

  it("that failed on the host is taken back whole, and one whose disk was made stands though its start failed", async () => {
    const id = await made("running");
    const before = await row(id);
    const failing = await rebuild(id);
    await push();
    const old = { volumeId: before.volumeId as `vol-${string}`, sizeBytes: Number(before.diskBytes), imageSha256: null };
    await observe(id, "failed", { error: { code: "image_unavailable", message: "No." }, disk: old });
    expect(await operation(failing)).toMatchObject({ state: "failed" });
    const { volumeId, guestUuid, replacesVolumeIds, desired, secretsCiphertext, desiredGeneration } = await row(id);
    expect({ volumeId, guestUuid, replacesVolumeIds, desired, secretsCiphertext }).toEqual({
      volumeId: before.volumeId,
      guestUuid: before.guestUuid,
      replacesVolumeIds: [],
      desired: "running",
      secretsCiphertext: before.secretsCiphertext,
    });
    expect(desiredGeneration).toBe(before.desiredGeneration + 2);
    await push();
    await observe(id, "running");
    const standing = await rebuild(id);
    await push();
    await observe(id, "failed", { error: { code: "hypervisor_failed", message: "No." } });
    expect(await operation(standing)).toMatchObject({ state: "failed" });
    expect((await row(id)).volumeId).not.toBe(before.volumeId);
  });

  it("that never reached the host is taken back; one that it has taken stands while it is away", async () => {
    const id = await made("running");
    const before = await row(id);
    await loseHost(await rebuild(id));
    expect(await row(id)).toMatchObject({ volumeId: before.volumeId, guestUuid: before.guestUuid });
    await centre.renew(host);
    await push();
    await observe(id, "running");
    const taken = await rebuild(id);
    await push();
    await loseHost(taken);
    expect(await operation(taken)).toMatchObject({
      state: "failed",
      error: { message: expect.stringContaining("Unless it has the request") },
    });
    expect((await row(id)).volumeId).not.toBe(before.volumeId);
  });
});

const facts = async () => (await database.db.host.findUniqueOrThrow({ where: { id: host.id } })).facts as object;
