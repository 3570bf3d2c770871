import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { AppError } from "@indium/contract/errors";

/**
 * Replaces a file so that a reader, or the next boot after a power cut, finds either the whole old one or the whole new one:
 * temporary file beside it, fsync, rename, fsync of the directory (rename(2) alone orders nothing on disk).
 * @throws AppError `disk_full`, or the file system's own error.
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array, options: { mode?: number } = {}): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    const file = await open(temporary, "wx", options.mode ?? 0o600);
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw isErrno(error, "ENOSPC") ? new AppError("disk_full", `No space left on this host to write ${path}.`, { cause: error }) : error;
  }
  await syncDirectory(dirname(path));
}

/** Makes renames and removals in this directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Makes the folder and those above it, durably: what is written into a folder is lost with the folder's own name. */
export async function ensureDirectory(path: string, mode = 0o700): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode });
  if (first === undefined) return;
  const outermost = dirname(resolve(first));
  for (let parent = dirname(resolve(path)); ; parent = dirname(parent)) {
    await syncDirectory(parent);
    if (parent === outermost || parent === dirname(parent)) return;
  }
}

/** Removes what a cut or a kill left of replacements that never took place. Call it before anything is written to the folder. */
export async function removeTemporaries(directory: string): Promise<void> {
  for (const name of await readdir(directory)) if (name.endsWith(".tmp")) await removeFile(join(directory, name));
}

/**
 * A JSON file's value, unparsed by any schema (the caller does that); null when there is no such file.
 * @throws AppError `internal` naming the file when it is not JSON.
 */
export async function readJsonFile(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return null;
    throw error;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AppError("internal", `The file ${path} on this host is damaged: it is not JSON. Restore it or move it away.`, {
      cause: error,
    });
  }
}

/** Removes a file that may be missing. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!isErrno(error, "ENOENT")) throw error;
  });
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
