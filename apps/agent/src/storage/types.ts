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

export interface VolumeStore {
  /** Creates a thin overlay pinned to its base's sha256. An existing one is kept as it is. @throws AppError `disk_full`. */
  ensureOverlay(
    volume: { id: VolumeId; instanceId: InstanceId; sizeBytes: number },
    base: CachedImage,
  ): Promise<{ path: string; format: "qcow2" | "raw" }>;
  /** Null when there is none. */
  get(id: VolumeId): Promise<{ path: string; format: "qcow2" | "raw" } | null>;
  delete(id: VolumeId): Promise<void>;
  list(): Promise<readonly VolumeId[]>;
}
