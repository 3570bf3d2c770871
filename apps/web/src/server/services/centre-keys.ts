import { AppError } from "@indium/contract/errors";
import { keyId } from "@indium/tunnel/keys";
import type { Db } from "../db";
import type { Centre } from "./centre";

/**
 * Every process of an installation works with the same keys: hosts obey one centre key only, stored secrets open with one ring, and a session
 * made by one web is known to the others. The database knows which by their ids, from the first process that had any. Without
 * this a second machine with an empty keys folder would make keys of its own, and everything it signs would be refused far away.
 */
export interface KeyIds {
  readonly centreKeyId: string;
  readonly secretKeyId: string;
  /** Only web's processes have it. */
  readonly sessionKeyId?: string | undefined;
}

const idsOf = ({ signer, keyring }: Centre, sessionKeyId?: string): KeyIds => ({
  centreKeyId: keyId(signer.publicKey),
  secretKeyId: keyring.current.id,
  sessionKeyId,
});

/** @throws AppError `precondition_failed` naming the file and what to do, when this process holds other keys than the installation. */
export async function checkKeys(db: Db, centre: Centre, sessionKeyId?: string): Promise<void> {
  const own = idsOf(centre, sessionKeyId);
  // In one statement each, so that of two processes that start at once the second finds what the first has said.
  await db.$executeRaw`UPDATE "Installation" SET "centreKeyId" = coalesce("centreKeyId", ${own.centreKeyId}),
      "secretKeyId" = coalesce("secretKeyId", ${own.secretKeyId}), "sessionKeyId" = coalesce("sessionKeyId", ${own.sessionKeyId ?? null}::text)
    WHERE id = 1 AND ("centreKeyId" IS NULL OR "secretKeyId" IS NULL OR ("sessionKeyId" IS NULL AND ${own.sessionKeyId ?? null}::text IS NOT NULL))`;
  const known = await db.installation.findUniqueOrThrow({
    where: { id: 1 },
    select: { centreKeyId: true, secretKeyId: true, sessionKeyId: true },
  });
  if (known.centreKeyId !== own.centreKeyId) throw otherKey("centre.key", own.centreKeyId, known.centreKeyId);
  const { secretKeyId } = known;
  if (secretKeyId === null || !centre.keyring.byId.has(secretKeyId)) throw otherKey("secret.key", own.secretKeyId, secretKeyId);
  if (own.sessionKeyId !== undefined && known.sessionKeyId !== own.sessionKeyId)
    throw otherKey("session.key", own.sessionKeyId, known.sessionKeyId);
  // A ring with a newer key before the known one: from now on everybody needs it.
  if (secretKeyId !== own.secretKeyId)
    await db.installation.updateMany({ where: { id: 1, secretKeyId }, data: { secretKeyId: own.secretKeyId } });
}

function otherKey(file: string, own: string, known: string | null): AppError {
  return new AppError(
    "precondition_failed",
    `This process holds another ${file} (${own}) than the installation in this database (${known ?? "none"}). Copy the keys folder (INDIUM_KEYS_DIR) of a machine that works to this one and start again; if this is the right key, run the admin command adopt-keys.`,
  );
}

/** What this process holds is the installation's from now on; processes with other keys refuse to work. */
export async function adoptKeys(db: Db, centre: Centre, sessionKeyId: string): Promise<KeyIds> {
  const own = idsOf(centre, sessionKeyId);
  await db.installation.update({ where: { id: 1 }, data: own });
  return own;
}
