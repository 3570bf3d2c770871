import { statfs } from "node:fs/promises";
import { AppError } from "@indium/contract/errors";

/** Bytes that may still be written under a path (what root may use beyond it is the system's). */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

export function diskFull(what: string, neededBytes: number, availableBytes: number): AppError {
  return new AppError(
    "disk_full",
    `Not enough disk space on this host for ${what}: ${formatBytes(neededBytes)} needed, ${formatBytes(availableBytes)} free. Make room, or choose another host.`,
  );
}

export function formatBytes(bytes: number): string {
  if (bytes >= 1024 ** 3) return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
  return `${(bytes / 1024 ** 2).toFixed(bytes < 10 * 1024 ** 2 ? 1 : 0)} MiB`;
}
