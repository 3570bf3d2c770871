import { chmod, chown, open, readdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import { VolumeId } from "@indium/contract/ids";
import { asVmUser } from "../drivers/qemu/vm-user";
import { run } from "../system/exec";
import { isErrno, removeFile, syncDirectory } from "../system/files";
import { ensureReachable, ensureSharedDirectory, type FileOwner } from "./access";
import { readOverlayHeader } from "./disk-format";
import { diskFull, freeBytes } from "./free-space";
import type { CachedImage, VolumeInfo, VolumeStore } from "./types";

/** An overlay begins with some 200 KB, but one made on a full disk stops its guest at the first write. */
const RESERVE_BYTES = 256 * 1024 ** 2;
const SUFFIX = ".qcow2";
const SECTOR = 512;
/** The backing file's name lies within the first cluster. */
const HEADER_BYTES = 65_536;

export interface VolumeStoreOptions {
  /** `<dir>/<volume id>.qcow2`, each of the VMs' user. */
  readonly dir: string;
  readonly owner: FileOwner;
  readonly reserveBytes?: number;
}

/** @throws AppError `precondition_failed` when the VMs' user cannot reach the folder. */
export async function createVolumeStore(options: VolumeStoreOptions): Promise<VolumeStore> {
  await ensureSharedDirectory(options.dir, options.owner, 0o710);
  await ensureReachable(options.dir, options.owner);
  // What a crash left half made.
  for (const name of await readdir(options.dir)) if (name.endsWith(".tmp")) await removeFile(join(options.dir, name));
  return new FileVolumeStore(options);
}

class FileVolumeStore implements VolumeStore {
  readonly #dir: string;
  readonly #owner: FileOwner;
  readonly #reserveBytes: number;

  constructor(options: VolumeStoreOptions) {
    this.#dir = options.dir;
    this.#owner = options.owner;
    this.#reserveBytes = options.reserveBytes ?? RESERVE_BYTES;
  }

  async ensureOverlay(volume: { id: VolumeId; sizeBytes: number }, base: CachedImage): Promise<{ path: string; format: "qcow2" }> {
    const path = this.#path(volume.id);
    if (await exists(path)) return { path, format: "qcow2" };
    const free = await freeBytes(this.#dir);
    if (free < this.#reserveBytes) throw diskFull(`the disk ${volume.id}`, this.#reserveBytes, free);
    const temporary = `${path}.${process.pid}.tmp`;
    const virtualSize = Math.ceil(Math.max(volume.sizeBytes, base.virtualSizeBytes) / SECTOR) * SECTOR;
    try {
      // The base's format is told, never guessed: a raw guest disk may be written to look like a qcow2 with a backing file.
      await run("qemu-img", ["create", "-q", "-f", "qcow2", "-F", base.format, "-b", base.path, temporary, String(virtualSize)]);
      await chmod(temporary, 0o600);
      if (process.getuid?.() === 0) await chown(temporary, this.#owner.uid, this.#owner.gid);
      await flush(temporary);
      await rename(temporary, path);
    } catch (error) {
      await removeFile(temporary);
      throw await this.#failure(volume.id, error);
    }
    await syncDirectory(this.#dir);
    return { path, format: "qcow2" };
  }

  async grow(id: VolumeId, sizeBytes: number): Promise<number> {
    const before = await this.inspect(id);
    if (before === null) throw new AppError("not_found", `The disk ${id} is not on this host.`);
    const wanted = Math.ceil(sizeBytes / SECTOR) * SECTOR;
    if (before.virtualSizeBytes >= wanted) return before.virtualSizeBytes;
    const free = await freeBytes(this.#dir);
    if (free < this.#reserveBytes) throw diskFull(`growing the disk ${id}`, this.#reserveBytes, free);
    // A guest that broke out of QEMU may have written the header: qemu-img gets no further than QEMU itself. It writes the tables for the new size
    // first and the size last (qcow2_co_truncate in QEMU's block/qcow2.c), and takes QEMU's own lock on the file.
    const { file, args } = asVmUser(this.#owner, [], ["qemu-img", "resize", "-q", "-f", "qcow2", before.path, String(wanted)]);
    try {
      await run(file, args);
      await flush(before.path);
    } catch (error) {
      throw await this.#failure(id, error, "grown");
    }
    const after = await this.inspect(id);
    if (after === null || after.virtualSizeBytes < wanted)
      throw new AppError("hypervisor_failed", `The disk ${id} did not grow to ${wanted} bytes on this host.`);
    return after.virtualSizeBytes;
  }

  async inspect(id: VolumeId): Promise<VolumeInfo | null> {
    const path = this.#path(id);
    const file = await open(path, "r").catch((error: unknown) => {
      if (isErrno(error, "ENOENT")) return null;
      throw error;
    });
    if (file === null) return null;
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
      const header = readOverlayHeader(buffer.subarray(0, bytesRead));
      if (header === null) throw new AppError("hypervisor_failed", `The disk ${id} on this host is damaged: its header cannot be read.`);
      // st_blocks counts 512 bytes each, whatever the file system's own blocks.
      return { path, format: "qcow2", ...header, usedBytes: (await file.stat()).blocks * 512 };
    } finally {
      await file.close();
    }
  }

  async get(id: VolumeId): Promise<{ path: string; format: "qcow2" } | null> {
    const path = this.#path(id);
    return (await exists(path)) ? { path, format: "qcow2" } : null;
  }

  async delete(id: VolumeId): Promise<void> {
    await removeFile(this.#path(id));
    await syncDirectory(this.#dir);
  }

  async list(): Promise<readonly VolumeId[]> {
    const names = await readdir(this.#dir);
    return names.flatMap((name) => {
      const id = VolumeId.safeParse(name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : null);
      return id.success ? [id.data] : [];
    });
  }

  #path(id: VolumeId): string {
    const checked = VolumeId.safeParse(id);
    if (!checked.success) throw new AppError("bad_request", "That is no volume id.");
    return join(this.#dir, `${checked.data}${SUFFIX}`);
  }

  async #failure(id: VolumeId, error: unknown, what: "made" | "grown" = "made"): Promise<AppError> {
    const free = await freeBytes(this.#dir);
    if (
      isErrno(error, "ENOSPC") ||
      free < this.#reserveBytes ||
      (error instanceof AppError && (error.detail ?? "").includes("No space left on device"))
    ) {
      return diskFull(`the disk ${id}`, this.#reserveBytes, free);
    }
    return new AppError("hypervisor_failed", `The disk ${id} could not be ${what} on this host.`, {
      ...(error instanceof AppError && error.detail !== undefined ? { detail: error.detail } : {}),
      cause: error,
    });
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}
