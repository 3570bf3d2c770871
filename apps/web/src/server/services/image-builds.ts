import { AppError } from "@indium/contract/errors";
import { Prisma } from "../../generated/prisma/client";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { touchHost } from "./host-documents";
import { storeBlob } from "./image-blobs";

export interface BuildReport {
  readonly slug: string;
  readonly state: "building" | "failed";
  readonly message: string;
  readonly done?: number | undefined;
  readonly total?: number | undefined;
}

/** How the build of an image of ours goes, for its page. An image that is held already stays usable while it is built anew. */
export async function reportBuild(db: Db, report: BuildReport): Promise<void> {
  await db.$transaction(async (tx) => {
    const image = await builtImage(tx, report.slug);
    const failed = report.state === "failed";
    await tx.image.update({
      where: { id: image.id },
      data: {
        ...(image.sha256 === null ? { state: report.state } : {}),
        statusMessage: report.message,
        progressDone: failed ? null : (report.done ?? null),
        progressTotal: failed ? null : (report.total ?? null),
        progressUnit: failed || report.done === undefined ? null : "steps",
        ...(failed ? { error: { code: "image_unavailable", message: report.message } } : {}),
      },
    });
    await publishToAll(tx, image.id);
  });
}

/** Takes the finished file into the store and makes the image usable. Hosts that hold instances of an older build keep theirs. */
export async function registerBuiltImage(
  db: Db,
  blobsDir: string,
  slug: string,
  file: string,
): Promise<{ sha256: string; sizeBytes: number }> {
  await builtImage(db, slug);
  const stored = await storeBlob(blobsDir, file);
  await db.$transaction(async (tx) => {
    const image = await builtImage(tx, slug);
    const hosts = await tx.instance.findMany({
      where: { imageId: image.id, deletedAt: null, hostId: { not: null } },
      select: { hostId: true },
      distinct: ["hostId"],
      orderBy: { hostId: "asc" },
    });
    for (const { hostId } of hosts) if (hostId !== null) await touchHost(tx, hostId);
    await tx.image.update({
      where: { id: image.id },
      data: {
        sha256: stored.sha256,
        sizeBytes: BigInt(stored.sizeBytes),
        state: "ready",
        statusMessage: null,
        progressDone: null,
        progressTotal: null,
        progressUnit: null,
        error: Prisma.DbNull,
      },
    });
    await publishToAll(tx, image.id);
  });
  return stored;
}

async function builtImage(tx: Db | Tx, slug: string) {
  const image = await tx.image.findUnique({ where: { slug } });
  if (image === null || image.origin !== "built") throw new AppError("not_found", `No image built here is called "${slug}".`);
  return image;
}

/** It is offered to every organization. */
async function publishToAll(tx: Tx, imageId: string): Promise<void> {
  const organizations = await tx.organization.findMany({ select: { id: true } });
  for (const { id } of organizations) await publishChange(tx, { organizationId: id, resource: "image", id: imageId });
}
