import type { InstanceRebuildInput, InstanceResizeInput } from "@indium/contract/api/instance-views";
import { AppError } from "@indium/contract/errors";
import { HostFacts, HostUsage } from "@indium/contract/host";
import { MAX_REPLACED } from "@indium/contract/instance";
import { MetadataDialect, MetadataTokens } from "@indium/contract/metadata-dialect";
import { NicAddressMode } from "@indium/contract/network";
import { newId } from "@indium/contract/plain/ids";
import { ObservedDisk } from "@indium/contract/report";
import { displayedState } from "@indium/domain/displayed-state";
import { mayAct } from "@indium/domain/instance-actions";
import { dialectProblem } from "@indium/domain/metadata-dialect";
import { inWords, resizeProblem } from "@indium/domain/placement";
import { z } from "zod";
import type { Prisma } from "../../generated/prisma/client";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { type Acting, auditBy } from "./audit";
import { touchHost } from "./host-documents";
import { factsOf, hostIsOnline, nextGuest, notFound, openDiskWork } from "./instances";
import { usableImage } from "./instances-create";
import { cancelOpenOperations, createOperation } from "./operations";
import { lockPlacement, placementHosts } from "./placement";

/**
 * Changes of the machine that a guest runs on. A resize gives it more or fewer processors, other memory, and a larger disk, while it is
 * stopped; a rebuild gives it a new disk from an image, and keeps its record, addresses and MACs. Either is taken back whole when its host
 * never carries it out.
 */
type Resize = z.output<typeof InstanceResizeInput>;
type Rebuild = z.output<typeof InstanceRebuildInput>;
const LOCKED = { runtime: true, host: true, image: true, nics: { select: { addressMode: true } } } as const;
type Row = Prisma.InstanceGetPayload<{ include: typeof LOCKED }>;

const MAX_DISK_BYTES = 64 * 1024 ** 4;

/** What a resize or rebuild replaces; the secrets as they lie in the instance's row. */
const MachineBefore = z.object({
  desired: z.string(),
  sizeId: z.string().nullable(),
  vcpus: z.number(),
  memoryBytes: z.coerce.bigint(),
  diskBytes: z.coerce.bigint(),
  volumeId: z.string(),
  replacesVolumeIds: z.array(z.string()),
  imageId: z.string(),
  firmware: z.string(),
  secureBoot: z.boolean(),
  guestAgent: z.string(),
  dialect: z.string(),
  metadataTokens: z.string(),
  guestUuid: z.string(),
  secretsCiphertext: z.string().nullable(),
  hasPassword: z.boolean(),
  hasUserData: z.boolean(),
  pendingSecretsCiphertext: z.string().nullable(),
  pendingHasPassword: z.boolean().nullable(),
  pendingHasUserData: z.boolean().nullable(),
});

const storedBefore = (row: Row): Prisma.InputJsonObject => ({
  ...MachineBefore.omit({ memoryBytes: true, diskBytes: true }).parse(row),
  memoryBytes: String(row.memoryBytes),
  diskBytes: String(row.diskBytes),
});

/**
 * @throws AppError `action_denied`, `bad_request` (field `diskBytes` or `sizeId`), `no_capacity` with the host's figures, `precondition_failed` when
 * the host's agent cannot.
 */
export async function resizeInstance(acting: Acting, organizationId: string, input: Resize): Promise<{ operationId: string }> {
  return changeMachine(acting, organizationId, input.instanceId, "resize", async (tx, row, nowMs) => {
    const size = input.sizeId === null ? null : await tx.size.findUnique({ where: { id: input.sizeId } });
    if (input.sizeId !== null && size === null)
      throw new AppError("not_found", "This size does not exist. Choose another.", { field: "sizeId" });
    const vcpus = size?.vcpus ?? row.vcpus;
    const memoryBytes = Number(size?.memoryBytes ?? row.memoryBytes);
    const diskBytes = input.diskBytes ?? Number(row.diskBytes);
    const held = Math.max(Number(row.diskBytes), ObservedDisk.safeParse(row.runtime?.disk).data?.sizeBytes ?? 0);
    if (input.diskBytes !== null && diskBytes < held)
      throw new AppError("bad_request", `A disk never shrinks, and ${row.name} has ${inWords(held)}. Choose at least that.`, {
        field: "diskBytes",
      });
    if (diskBytes > MAX_DISK_BYTES) throw new AppError("bad_request", "A disk has at most 64 TiB.", { field: "diskBytes" });
    const grows = diskBytes > Number(row.diskBytes);
    if (!grows && vcpus === row.vcpus && memoryBytes === Number(row.memoryBytes))
      throw new AppError("bad_request", `${row.name} has this size already. Choose another, or a larger disk.`, { field: "sizeId" });
    if (memoryBytes < Number(row.image.minimumMemoryBytes))
      throw new AppError(
        "bad_request",
        `Image ${row.image.name} needs at least ${inWords(Number(row.image.minimumMemoryBytes))} of memory. Choose a larger size.`,
        { field: "sizeId" },
      );
    if (grows) requireDiskChanges(row);
    await refuseTooLarge(tx, organizationId, row, { memoryBytes, diskBytes }, nowMs);
    return {
      data: { sizeId: size?.id ?? row.sizeId, vcpus, memoryBytes: BigInt(memoryBytes), diskBytes: BigInt(diskBytes), desired: "stopped" },
      detail: {
        vcpus: { from: row.vcpus, to: vcpus },
        memoryBytes: { from: Number(row.memoryBytes), to: memoryBytes },
        diskBytes: { from: Number(row.diskBytes), to: diskBytes },
      },
    };
  });
}

/** @throws AppError `action_denied`, `not_found` (field `imageId`), `bad_request`, `precondition_failed` when the host's agent cannot. */
export async function rebuildInstance(acting: Acting, organizationId: string, input: Rebuild): Promise<{ operationId: string }> {
  return changeMachine(acting, organizationId, input.instanceId, "rebuild", async (tx, row) => {
    requireDiskChanges(row);
    const imageId = input.imageId ?? row.imageId;
    const image = await usableImage(tx, { imageId, organizationId });
    if (row.memoryBytes < image.minimumMemoryBytes)
      throw new AppError(
        "bad_request",
        `Image ${image.name} needs at least ${inWords(Number(image.minimumMemoryBytes))} of memory, and ${row.name} has ${inWords(Number(row.memoryBytes))}. Resize it first, or choose another image.`,
        { field: "imageId" },
      );
    const diskBytes = row.diskBytes > image.minimumDiskBytes ? row.diskBytes : image.minimumDiskBytes;
    // Another image brings its own firmware and metadata; the same one keeps what was chosen for it.
    const shown =
      image.id === row.imageId
        ? { dialect: row.dialect }
        : {
            dialect: image.dialect,
            metadataTokens: image.metadataTokens,
            firmware: image.firmware,
            secureBoot: row.secureBoot && image.firmware === "uefi",
            guestAgent: image.cloudInit ? "cloud-init" : "none",
          };
    const problem = dialectProblem({
      dialect: MetadataDialect.parse(shown.dialect),
      metadataTokens: MetadataTokens.parse(shown.metadataTokens ?? row.metadataTokens),
      addressModes: row.nics.map((nic) => NicAddressMode.parse(nic.addressMode)),
    });
    if (problem !== null) throw new AppError("bad_request", problem, { field: "imageId" });
    // Also the disk that the host says it has: a centre restored from a dump may know another.
    const held = ObservedDisk.safeParse(row.runtime?.disk).data?.volumeId ?? row.volumeId;
    return {
      data: {
        ...nextGuest({ ...row, dialect: shown.dialect }),
        ...shown,
        imageId: image.id,
        diskBytes,
        volumeId: newId("volume"),
        replacesVolumeIds: [...new Set([...row.replacesVolumeIds, row.volumeId, held])].slice(-MAX_REPLACED),
        desired: input.start ? "running" : "stopped",
      },
      detail: { imageId: { from: row.imageId, to: image.id }, start: input.start },
      start: input.start,
    };
  });
}

interface Changed {
  readonly data: Prisma.InstanceUncheckedUpdateInput;
  readonly detail: Prisma.InputJsonObject;
  readonly start?: boolean;
}

/** The wish, its generation, the operation and the audit event, on the locked row, host first. */
async function changeMachine(
  acting: Acting,
  organizationId: string,
  instanceId: string,
  action: "resize" | "rebuild",
  change: (tx: Tx, row: Row, nowMs: number) => Promise<Changed>,
): Promise<{ operationId: string }> {
  const db = acting.db as Db;
  const nowMs = acting.now().getTime();
  return db.$transaction(
    async (tx) => {
      const placed = await tx.instance.findFirst({ where: { id: instanceId, organizationId }, select: { hostId: true } });
      if (placed === null) throw notFound();
      await lockPlacement(tx, organizationId);
      if (placed.hostId !== null) await touchHost(tx, placed.hostId);
      await tx.$queryRaw`SELECT 1 FROM "Instance" WHERE id = ${instanceId} FOR UPDATE`;
      const row = await tx.instance.findUniqueOrThrow({ where: { id: instanceId }, include: LOCKED });
      const verdict = mayAct(displayedState(factsOf(row, nowMs)), action, await openDiskWork(tx, instanceId));
      if (!verdict.allowed) throw new AppError("action_denied", verdict.reason);
      const { data, detail, start } = await change(tx, row, nowMs);
      await cancelOpenOperations(tx, instanceId, "A newer request took its place.", nowMs);
      const generation = row.desiredGeneration + 1;
      await tx.instance.update({
        where: { id: instanceId },
        data: { ...data, desiredGeneration: generation, wishGeneration: generation, ...NO_POWER },
      });
      const operationId = await createOperation(
        tx,
        {
          organizationId,
          kind: `instance.${action}`,
          instanceId,
          hostId: row.hostId,
          targetGeneration: generation,
          revertDesired: null,
          revertMachine: storedBefore(row),
          startedById: acting.actor.userId,
          ...(start === undefined ? {} : { start }),
        },
        nowMs,
      );
      await auditBy(tx, acting, { organizationId, action: `instance.${action}`, target: { kind: "instance", id: instanceId }, detail });
      await publishChange(tx, { organizationId, resource: "instance", id: instanceId, parentId: null });
      return { operationId };
    },
    { timeout: 20_000, maxWait: 10_000 },
  );
}

const NO_POWER = { powerRequestId: null, powerKind: null, powerExpiresAt: null } as const;

/** An agent of before would keep the old disk and say that all is done. */
function requireDiskChanges(row: Row): void {
  const facts = HostFacts.safeParse(row.host?.facts);
  if (facts.success && facts.data.changesDisks === true) return;
  throw new AppError(
    "precondition_failed",
    `The agent of host ${row.host?.name ?? "(none)"} is too old to change disks. Update it there with the install command of the host's page, then try again.`,
  );
}

async function refuseTooLarge(
  tx: Tx,
  organizationId: string,
  row: Row,
  wanted: { memoryBytes: number; diskBytes: number },
  nowMs: number,
): Promise<void> {
  const host = (await placementHosts(tx, organizationId, nowMs)).find((candidate) => candidate.id === row.hostId);
  if (host === undefined) return;
  const facts = HostFacts.safeParse(row.host?.facts);
  const usage = HostUsage.safeParse(row.host?.usage);
  const storage =
    facts.success && usage.success ? { sizeBytes: facts.data.storage.sizeBytes, usedBytes: usage.data.storageUsedBytes } : null;
  const problem = resizeProblem(host, {
    name: row.name,
    memory: { from: Number(row.memoryBytes), to: wanted.memoryBytes },
    disk: { from: Number(row.diskBytes), to: wanted.diskBytes },
    storage,
  });
  if (problem !== null) throw new AppError("no_capacity", problem.message, { field: problem.field });
}

interface OperationRow {
  readonly id: string;
  readonly hostId: string | null;
  readonly revertMachine: Prisma.JsonValue;
  readonly targetGeneration: number | null;
  readonly instance:
    | (Prisma.InstanceGetPayload<{ include: { runtime: true; host: true } }> & { readonly host: Prisma.HostGetPayload<object> | null })
    | null;
}

/**
 * A resize or rebuild that its host did not carry out is taken back whole, so that the record says what is there. A rebuild stands when the host
 * has made its disk, or may have: it is away and has taken the request.
 * @returns whether anything was taken back.
 */
export async function revertMachine(tx: Tx, row: OperationRow, nowMs: number): Promise<boolean> {
  const before = MachineBefore.safeParse(row.revertMachine);
  const { instance } = row;
  if (!before.success || instance === null || instance.desired === "gone") return false;
  if (before.data.volumeId !== instance.volumeId) {
    const isCarriedOut = ObservedDisk.safeParse(instance.runtime?.disk).data?.volumeId === instance.volumeId;
    const isSent = (await tx.operationStep.count({ where: { operationId: row.id, position: 0, state: "succeeded" } })) > 0;
    const isAway = instance.host === null || !hostIsOnline(instance.host, nowMs);
    if (isCarriedOut || (isAway && isSent)) return false;
  }
  const generation = instance.desiredGeneration + 1;
  await tx.instance.update({
    where: { id: instance.id },
    data: { ...before.data, desiredGeneration: generation, wishGeneration: generation, ...NO_POWER },
  });
  if (row.hostId !== null) await touchHost(tx, row.hostId);
  return true;
}
