import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { isErrno, writeFileAtomic } from "../../system/files";
import type { VmUser } from "./vm-user";

/** A desktop's picture is some hundred kilobytes. */
const MAX_SCREEN_BYTES = 2_000_000;
const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Copies QEMU's picture to where it outlives the VM's run directory. That directory is QEMU's user's, and its QEMU may be a
 * guest's by now: no link is followed, nobody else's file is taken, no more is read than a picture has.
 * @returns when the picture was taken (ms since the epoch); null when there is none.
 */
export async function keepScreen(from: string, to: string, user: VmUser): Promise<number | null> {
  const taken = await readScreen(from, user.uid);
  if (taken === null) return null;
  await writeFileAtomic(to, taken.png, { mode: 0o600 });
  return taken.at;
}

/** Null for what is missing, too large, no PNG, or another user's. */
export async function readScreen(path: string, uid?: number): Promise<{ png: Buffer; at: number } | null> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    // Nonblocking: a FIFO put there would hold the agent for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ELOOP") || isErrno(error, "ENXIO")) return null;
    throw error;
  }
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > MAX_SCREEN_BYTES || (uid !== undefined && found.uid !== uid)) return null;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(found.size), 0, found.size, 0);
    const png = buffer.subarray(0, bytesRead);
    if (!png.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE)) return null;
    return { png, at: Math.round(found.mtimeMs) };
  } finally {
    await file.close();
  }
}
