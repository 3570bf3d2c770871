import { open, rename, stat, truncate, writeFile } from "node:fs/promises";
import { isErrno } from "../../system/files";

/**
 * A guest may write to its serial port without end. QEMU appends with O_APPEND (`logappend=on`), so the file can be cut under it:
 * beyond the limit its end is kept as `serial.log.1` and the file starts again.
 */
const LIMIT_BYTES = 4 * 1024 * 1024;
const KEEP_BYTES = 1024 * 1024;

export async function boundSerialLog(path: string, oldPath: string, limitBytes = LIMIT_BYTES, keepBytes = KEEP_BYTES): Promise<void> {
  const size = await fileSize(path);
  if (size <= limitBytes) return;
  const kept = await readTail(path, keepBytes);
  const temporary = `${oldPath}.tmp`;
  await writeFile(temporary, kept, { mode: 0o600 });
  await rename(temporary, oldPath);
  await truncate(path, 0);
}

/** The end of the log, across the cut. `totalBytes` counts what is still on this host. */
export async function serialTail(path: string, oldPath: string, bytes: number): Promise<{ text: string; totalBytes: number }> {
  const [size, oldSize] = [await fileSize(path), await fileSize(oldPath)];
  return { text: (await readLog(path, oldPath, bytes)).toString("utf8"), totalBytes: size + oldSize };
}

/** The same, byte for byte. */
export async function readLog(path: string, oldPath: string, bytes: number): Promise<Buffer> {
  const current = await readTail(path, bytes);
  const missing = bytes - current.length;
  const older = missing > 0 ? await readTail(oldPath, missing) : Buffer.alloc(0);
  return Buffer.concat([older, current]);
}

/** Read at one time; of what came in between only the end: a guest that floods its log says nothing worth a host's time. */
const SINCE_BYTES = 256 * 1024;

/** What the log has had since byte `from`; from its start when it was cut since. */
export async function readSince(path: string, from: number | "end"): Promise<{ text: string; next: number }> {
  const size = await fileSize(path);
  if (from === "end" || from === size) return { text: "", next: size };
  const fresh = await readTail(path, Math.min(SINCE_BYTES, from > size ? size : size - from));
  return { text: fresh.toString("utf8"), next: size };
}

/** At most the last `bytes` of a file; empty when there is none. */
export async function readTail(path: string, bytes: number): Promise<Buffer> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return Buffer.alloc(0);
    throw error;
  }
  try {
    const { size } = await file.stat();
    const length = Math.max(0, Math.min(bytes, size));
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function fileSize(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return 0;
    throw error;
  }
}
