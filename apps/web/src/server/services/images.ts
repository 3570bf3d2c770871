import { type ImageCreateInput, ImageView } from "@indium/contract/api/catalogue-views";
import { AppError, WireError } from "@indium/contract/errors";
import { newId } from "@indium/contract/plain/ids";
import type { z } from "zod";
import type { Prisma } from "../../generated/prisma/client";
import type { Db } from "../db";
import { publishChange } from "../live/publish";
import { type Acting, auditBy } from "./audit";
import { touchHost } from "./host-documents";
import { refuseLocalUrl } from "./image-url";

const includeFor = (organizationId: string) =>
  ({
    copies: {
      where: { host: { organizationId, revokedAt: null } },
      include: { host: { select: { name: true } } },
      orderBy: { hostId: "asc" },
    },
  }) as const;
type Row = Prisma.ImageGetPayload<{ include: ReturnType<typeof includeFor> }>;

/** What the organization may use: what the installation offers everybody, and its own. Copies only on its own hosts. */
export async function listImages(db: Db, organizationId: string): Promise<ImageView[]> {
  const rows = await db.image.findMany({
    where: { deletedAt: null, OR: [{ organizationId: null }, { organizationId }] },
    include: includeFor(organizationId),
    orderBy: [{ position: "asc" }, { name: "asc" }],
  });
  const users = await usersPerCopy(db, organizationId);
  return rows.map((row) => viewOf(row, users));
}

export async function createImage(
  acting: Acting,
  input: z.output<typeof ImageCreateInput>,
  allowedHosts: readonly string[],
): Promise<ImageView> {
  refuseLocalUrl(input.url, allowedHosts);
  const { organizationId } = input;
  const row = await acting.db.$transaction(async (tx) => {
    const created = await tx.image.create({
      data: {
        id: newId("image"),
        organizationId,
        name: input.name,
        origin: "url",
        url: input.url,
        sha256: input.sha256,
        firmware: input.firmware,
        defaultUser: input.defaultUser,
        cloudInit: input.cloudInit,
        dialect: input.dialect,
        dialectReason: "Chosen when the image was added.",
        position: 200,
      },
      include: includeFor(organizationId),
    });
    await auditBy(tx, acting, {
      organizationId,
      action: "image.create",
      target: { kind: "image", id: created.id },
      detail: { name: input.name, url: input.url },
    });
    await publishChange(tx, { organizationId, resource: "image", id: created.id });
    return created;
  });
  return viewOf(row, new Map());
}

/** By image and host: how many instances there are made of it. */
async function usersPerCopy(db: Db, organizationId: string): Promise<Map<string, number>> {
  const rows = await db.instance.groupBy({
    by: ["imageId", "hostId"],
    where: { organizationId, deletedAt: null, hostId: { not: null } },
    _count: true,
  });
  return new Map(rows.map((row) => [`${row.imageId} ${row.hostId}`, row._count]));
}

/**
 * Removes a host's copy of an image that none of its instances is made of; it is fetched again when one is to be. The host itself has the last
 * word, because it knows of disks that Indium does not.
 * @param removeThere asks the host. @throws AppError `not_found`, `precondition_failed`, and what the host answers.
 */
export async function evictCopy(
  acting: Acting,
  organizationId: string,
  where: { hostId: string; imageId: string },
  removeThere: (sha256: string) => Promise<{ freedBytes: number }>,
): Promise<{ freedBytes: number }> {
  const { hostId, imageId } = where;
  const copy = await acting.db.imageCopy.findUnique({
    where: { imageId_hostId: { imageId, hostId } },
    include: { image: { select: { name: true, sha256: true } }, host: { select: { name: true } } },
  });
  if (copy === null) throw new AppError("not_found", "This host has no copy of this image.");
  const users = await acting.db.instance.findMany({
    where: { imageId, hostId, deletedAt: null },
    select: { name: true },
    orderBy: { name: "asc" },
    take: 5,
  });
  if (users.length > 0)
    throw new AppError(
      "precondition_failed",
      `The copy of ${copy.image.name} on host ${copy.host.name} is the base of ${users.map((user) => user.name).join(", ")}. Delete or rebuild these first.`,
    );
  if (copy.image.sha256 === null)
    throw new AppError("precondition_failed", `The hash of ${copy.image.name} is not known yet, so the copy on the host cannot be named.`);
  const { freedBytes } = await removeThere(copy.image.sha256);
  await acting.db.$transaction(async (tx) => {
    await tx.imageCopy.deleteMany({ where: { imageId, hostId } });
    await auditBy(tx, acting, {
      organizationId,
      action: "image.evict",
      target: { kind: "image", id: imageId },
      detail: { hostId, host: copy.host.name, freedBytes },
    });
    await publishChange(tx, { organizationId, resource: "image", id: imageId });
  });
  return { freedBytes };
}

/** @throws AppError `precondition_failed` while instances are made of it: their disks are overlays of it. */
export async function deleteImage(acting: Acting, organizationId: string, imageId: string): Promise<void> {
  await acting.db.$transaction(async (tx) => {
    const copies = await tx.imageCopy.findMany({ where: { imageId }, select: { hostId: true }, orderBy: { hostId: "asc" } });
    for (const { hostId } of copies) await touchHost(tx, hostId);
    await tx.$executeRaw`SELECT id FROM "Image" WHERE id = ${imageId} FOR UPDATE`;
    const users = await tx.instance.findMany({
      where: { imageId, deletedAt: null },
      select: { name: true },
      orderBy: { name: "asc" },
      take: 3,
    });
    if (users.length > 0)
      throw new AppError(
        "precondition_failed",
        `Instances are made of this image (${users.map((user) => user.name).join(", ")}). Delete them first.`,
      );
    await tx.image.update({ where: { id: imageId }, data: { deletedAt: acting.now() } });
    await auditBy(tx, acting, { organizationId, action: "image.delete", target: { kind: "image", id: imageId } });
    await publishChange(tx, { organizationId, resource: "image", id: imageId });
  });
}

function viewOf(row: Row, users: ReadonlyMap<string, number>): ImageView {
  return ImageView.parse({
    id: row.id,
    organizationId: row.organizationId,
    name: row.name,
    description: row.description,
    operatingSystem: row.operatingSystem,
    origin: row.origin,
    url: row.url,
    sha256: row.sha256,
    sizeBytes: numberOrNull(row.sizeBytes),
    minimumDiskBytes: Number(row.minimumDiskBytes),
    minimumMemoryBytes: Number(row.minimumMemoryBytes),
    firmware: row.firmware,
    defaultUser: row.defaultUser,
    cloudInit: row.cloudInit,
    dialect: row.dialect,
    dialectReason: row.dialectReason,
    metadataTokens: row.metadataTokens,
    bootedHere: row.bootedHere,
    state: row.state,
    progress: progressOf(row.progressDone, row.progressTotal, row.progressUnit),
    statusMessage: row.statusMessage,
    error: errorOf(row.error),
    copies: row.copies.map((copy) => ({
      hostId: copy.hostId,
      hostName: copy.host.name,
      state: copy.state,
      progress: progressOf(copy.progressDone, copy.progressTotal, "bytes"),
      error: errorOf(copy.error),
      path: copy.path,
      sizeBytes: numberOrNull(copy.sizeBytes),
      instanceCount: users.get(`${copy.imageId} ${copy.hostId}`) ?? 0,
    })),
    createdAt: row.createdAt,
  });
}

const numberOrNull = (value: bigint | null): number | null => (value === null ? null : Number(value));

function progressOf(done: bigint | null, total: bigint | null, unit: string | null) {
  return done === null ? null : { done: Number(done), total: numberOrNull(total), unit: unit ?? "bytes" };
}

function errorOf(stored: unknown): WireError | null {
  return stored === null
    ? null
    : (WireError.safeParse(stored).data ?? { code: "internal", message: "It failed, and the reason was lost." });
}
