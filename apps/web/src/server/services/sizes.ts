import type { NewSize, SizeView } from "@indium/contract/api/catalogue-views";
import { AppError } from "@indium/contract/errors";
import { SizeId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import type { Size } from "../../generated/prisma/client";
import type { Db } from "../db";
import { type Acting, auditBy } from "./audit";

const sizeView = (row: Size): SizeView => ({
  id: SizeId.parse(row.id),
  name: row.name,
  vcpus: row.vcpus,
  memoryBytes: Number(row.memoryBytes),
  diskBytes: Number(row.diskBytes),
});

/** From the smallest. */
export async function listSizes(db: Db): Promise<SizeView[]> {
  return (await db.size.findMany({ orderBy: [{ position: "asc" }, { memoryBytes: "asc" }, { name: "asc" }] })).map(sizeView);
}

/** For every organization of the installation. @throws AppError `already_exists` (field `name`). */
export async function createSize(acting: Acting, input: NewSize): Promise<SizeView> {
  return acting.db.$transaction(async (tx) => {
    // Two of the same name at once: one after the other.
    await tx.$executeRaw`LOCK TABLE "Size" IN SHARE ROW EXCLUSIVE MODE`;
    const sizes = await tx.size.findMany();
    if (sizes.some((size) => size.name.toLowerCase() === input.name.toLowerCase()))
      throw new AppError("already_exists", `There is a size ${input.name} already. Choose another name.`, { field: "name" });
    const smaller = sizes.filter((size) => size.memoryBytes <= input.memoryBytes);
    const position = Math.max(0, ...smaller.map((size) => size.position));
    const row = await tx.size.create({ data: { id: newId("size"), position, ...input } });
    await auditBy(tx, acting, { organizationId: null, action: "size.create", target: { kind: "size", id: row.id }, detail: { ...input } });
    return sizeView(row);
  });
}

/** Instances made with it keep what they have. @throws AppError `not_found`, `precondition_failed` for the last one. */
export async function deleteSize(acting: Acting, sizeId: SizeId): Promise<void> {
  await acting.db.$transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE "Size" IN SHARE ROW EXCLUSIVE MODE`;
    const row = await tx.size.findUnique({ where: { id: sizeId } });
    if (row === null) throw new AppError("not_found", "This size does not exist any more.");
    if ((await tx.size.count()) === 1)
      throw new AppError("precondition_failed", "This is the last size, and instances are made with one. Add another first.");
    await tx.size.delete({ where: { id: sizeId } });
    await auditBy(tx, acting, {
      organizationId: null,
      action: "size.delete",
      target: { kind: "size", id: sizeId },
      detail: { name: row.name },
    });
  });
}
