import type { InstanceId, VolumeId } from "@indium/contract/ids";
import type { DesiredImage, ImageFormat } from "@indium/contract/image";
import type { Progress } from "@indium/contract/report";

/** A verified copy in this host's cache: read-only, named by its sha256. */
export interface CachedImage {
  readonly sha256: string;
  readonly path: string;
  readonly format: ImageFormat;
  readonly sizeBytes: number;
  readonly virtualSizeBytes: number;
}

export interface ImageStore {
  /** A copy that is there and verified, or null. Never downloads. */
  get(image: DesiredImage): Promise<CachedImage | null>;
  /** Removes a copy; the caller knows that nothing stands on it. @returns the bytes that this freed, 0 when there was none. */
  evict(sha256: string): Promise<number>;
  /**
   * Makes the copy there: downloads with resume, retry and the hash on the way, checks the distributor's checksum, refuses
   * what is no disk image, endless, or at a refused address. Concurrent calls for one image share one download.
   * @throws AppError `image_unavailable`, `image_checksum_mismatch`, `image_invalid`, `address_refused`, `disk_full`.
   */
  ensure(
    image: DesiredImage,
    options: { signal: AbortSignal; onProgress: (progress: Progress, phase: "downloading" | "verifying") => void },
  ): Promise<CachedImage>;
}

/** What a volume is on disk, from its own header and the file system. */
export interface VolumeInfo {
  readonly path: string;
  readonly format: "qcow2" | "raw";
  readonly virtualSizeBytes: number;
  /** What it takes of the host's storage; the base apart. */
  readonly usedBytes: number;
  /** Null when it stands by itself. */
  readonly basePath: string | null;
}

export interface VolumeStore {
  /** Creates a thin overlay pinned to its base's sha256. An existing one is kept as it is. @throws AppError `disk_full`. */
  ensureOverlay(
    volume: { id: VolumeId; instanceId: InstanceId; sizeBytes: number },
    base: CachedImage,
  ): Promise<{ path: string; format: "qcow2" | "raw" }>;
  /**
   * Makes it at least that large; one that is larger stays so. Idempotent, and killed at any moment it leaves the old size or the new one.
   * Only while no VM has it open. @returns its size then, in bytes. @throws AppError `disk_full`, `hypervisor_failed`, `not_found`.
   */
  grow(id: VolumeId, sizeBytes: number): Promise<number>;
  /** Null when there is none. */
  inspect(id: VolumeId): Promise<VolumeInfo | null>;
  /** Null when there is none. */
  get(id: VolumeId): Promise<{ path: string; format: "qcow2" | "raw" } | null>;
  delete(id: VolumeId): Promise<void>;
  list(): Promise<readonly VolumeId[]>;
}
