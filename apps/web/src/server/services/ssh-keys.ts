import type { SshKeyView } from "@indium/contract/api/catalogue-views";
import { AppError } from "@indium/contract/errors";
import { SshKeyId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import type { Prisma } from "../../generated/prisma/client";
import type { Db } from "../db";
import { publishChange } from "../live/publish";
import { type Acting, auditBy } from "./audit";
import { parseSshPublicKey } from "./ssh-public-key";

type Row = Prisma.SshKeyGetPayload<Record<string, never>>;

const viewOf = ({ id, name, publicKey, fingerprint, createdAt }: Row): SshKeyView => ({
  id: SshKeyId.parse(id),
  name,
  publicKey,
  fingerprint,
  createdAt,
});

export async function listSshKeys(db: Db, organizationId: string): Promise<SshKeyView[]> {
  const rows = await db.sshKey.findMany({ where: { organizationId }, orderBy: { name: "asc" } });
  return rows.map(viewOf);
}

/**
 * Without a name the key's comment is its name.
 * @throws AppError `bad_request` (field `publicKey`), `already_exists` (field `name` or `publicKey`).
 */
export async function createSshKey(
  acting: Acting,
  organizationId: string,
  input: { name: string; publicKey: string },
): Promise<SshKeyView> {
  const key = parseSshPublicKey(input.publicKey);
  const name = input.name === "" ? key.comment.slice(0, 100) : input.name;
  if (name === "") throw new AppError("bad_request", "Give the key a name.", { field: "name" });
  const row = await acting.db.$transaction(async (tx) => {
    // Two of the same at once: the second waits and gets the sentence instead of an index's error.
    await tx.$executeRaw`SELECT id FROM "Organization" WHERE id = ${organizationId} FOR UPDATE`;
    const same = await tx.sshKey.findFirst({ where: { organizationId, OR: [{ name }, { fingerprint: key.fingerprint }] } });
    if (same !== null && same.fingerprint === key.fingerprint)
      throw new AppError("already_exists", `This key is here already, as ${same.name}.`, { field: "publicKey" });
    if (same !== null)
      throw new AppError("already_exists", `There is a key named ${name} already. Choose another name.`, { field: "name" });
    const created = await tx.sshKey.create({
      data: {
        id: newId("sshKey"),
        organizationId,
        name,
        publicKey: key.line,
        fingerprint: key.fingerprint,
        createdById: acting.actor.userId,
      },
    });
    await auditBy(tx, acting, {
      organizationId,
      action: "sshKey.create",
      target: { kind: "sshKey", id: created.id },
      detail: { name, fingerprint: key.fingerprint },
    });
    await publishChange(tx, { organizationId, resource: "sshKey", id: created.id });
    return created;
  });
  return viewOf(row);
}

/** Instances keep the keys they were made with; the key is only not offered any more. */
export async function deleteSshKey(acting: Acting, organizationId: string, sshKeyId: string): Promise<void> {
  await acting.db.$transaction(async (tx) => {
    await tx.sshKey.deleteMany({ where: { id: sshKeyId, organizationId } });
    await auditBy(tx, acting, { organizationId, action: "sshKey.delete", target: { kind: "sshKey", id: sshKeyId } });
    await publishChange(tx, { organizationId, resource: "sshKey", id: sshKeyId });
  });
}
