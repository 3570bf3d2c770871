import { createHash, randomBytes } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { access, chmod, copyFile, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { AppError } from "@indium/contract/errors";
import { Sha256 } from "@indium/contract/image";
import { type Signer, signImageFetch, verifyImageFetch } from "./signing";

/**
 * Images held by the centre: files named by the SHA-256 of their content, immutable. Hosts fetch them with a path that is
 * signed for one host and expires.
 */
const DAY_MS = 86_400_000;

export function blobPath(blobsDir: string, sha256: string): string {
  return join(blobsDir, Sha256.parse(sha256));
}

export async function hasBlob(blobsDir: string, sha256: string): Promise<boolean> {
  return access(blobPath(blobsDir, sha256)).then(
    () => true,
    () => false,
  );
}

/**
 * Good for one to two days. The expiry is a day's end, so that the path stays the same through the day and a document that says
 * nothing new is the same document.
 */
export function signedImagePath(signer: Signer, sha256: string, hostId: string, nowMs: number): string {
  const expiresAt = (Math.floor(nowMs / DAY_MS) + 2) * DAY_MS;
  const query = new URLSearchParams({
    host: hostId,
    expires: String(expiresAt),
    signature: signImageFetch(signer, sha256, hostId, expiresAt),
  });
  return `/api/images/${sha256}?${query}`;
}

/** @throws AppError `signature_invalid` or `token_expired`. */
export function checkImageQuery(signer: Signer, sha256: string, query: URLSearchParams, nowMs: number): void {
  const expiresAt = Number(query.get("expires"));
  const known =
    Number.isSafeInteger(expiresAt) && verifyImageFetch(signer, sha256, query.get("host") ?? "", expiresAt, query.get("signature") ?? "");
  if (!known) throw new AppError("signature_invalid", "This image address is not signed by this Indium.");
  if (expiresAt <= nowMs)
    throw new AppError("token_expired", "This image address has expired; the host gets a new one with its next document.");
}

/**
 * Copies a file into the store; answers its hash and size. The hash is that of the copy, so that what is named is what was kept. The
 * source stays: another installation on this machine may use it, too.
 */
export async function storeBlob(blobsDir: string, source: string): Promise<{ sha256: string; sizeBytes: number }> {
  await mkdir(blobsDir, { recursive: true, mode: 0o750 });
  const temporary = join(blobsDir, `.${randomBytes(8).toString("hex")}`);
  try {
    await copyFile(source, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await chmod(temporary, 0o640);
    const hash = createHash("sha256");
    await pipeline(createReadStream(temporary), hash);
    const handle = await open(temporary, "r");
    try {
      await handle.sync();
      const sha256 = hash.digest("hex");
      await rename(temporary, blobPath(blobsDir, sha256));
      return { sha256, sizeBytes: (await handle.stat()).size };
    } finally {
      await handle.close();
    }
  } finally {
    await rm(temporary, { force: true });
  }
}
