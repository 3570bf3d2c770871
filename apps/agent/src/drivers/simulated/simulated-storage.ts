import { createHash } from "node:crypto";
import { AppError } from "@indium/contract/errors";
import type { VolumeId } from "@indium/contract/ids";
import type { DesiredImage } from "@indium/contract/image";
import type { CachedImage, ImageStore, VolumeStore } from "../../storage/types";
import type { SimulatedMachine } from "./simulated-machine";

const DOWNLOAD_MS = 1_500;
const VERIFY_MS = 300;
const TICKS = 10;
const DISK_MS = 60;
const DEFAULT_IMAGE_BYTES = 300 * 1024 ** 2;

/** An image cache whose downloads only take time. The hash is the one asked for, else one made from the image's address. */
export class SimulatedImageStore implements ImageStore {
  readonly #machine: SimulatedMachine;

  constructor(machine: SimulatedMachine) {
    this.#machine = machine;
  }

  get(image: DesiredImage): Promise<CachedImage | null> {
    const held = this.#machine.state.images.find((candidate) => candidate.id === image.id);
    if (held === undefined || (image.sha256 !== null && image.sha256 !== held.sha256)) return Promise.resolve(null);
    return Promise.resolve(cached(held));
  }

  evict(sha256: string): Promise<number> {
    const { state } = this.#machine;
    const held = state.images.find((candidate) => candidate.sha256 === sha256);
    state.images = state.images.filter((candidate) => candidate.sha256 !== sha256);
    this.#machine.save();
    return Promise.resolve(held?.sizeBytes ?? 0);
  }

  async ensure(image: DesiredImage, options: Parameters<ImageStore["ensure"]>[1]): Promise<CachedImage> {
    const { clock, state, faults } = this.#machine;
    const there = await this.get(image);
    if (there !== null) return there;
    const total = image.sizeBytes ?? DEFAULT_IMAGE_BYTES;
    for (let tick = 0; tick < TICKS; tick++) {
      options.onProgress({ done: Math.floor((total * tick) / TICKS), total, unit: "bytes" }, "downloading");
      await clock.sleep(DOWNLOAD_MS / TICKS, options.signal);
      options.signal.throwIfAborted();
      if (faults.image !== null) throw faults.image;
    }
    options.onProgress({ done: total, total, unit: "bytes" }, "verifying");
    await clock.sleep(VERIFY_MS, options.signal);
    options.signal.throwIfAborted();
    const source = image.source.kind === "url" ? image.source.url : image.id;
    const held = { id: image.id, sha256: image.sha256 ?? createHash("sha256").update(source).digest("hex"), sizeBytes: total };
    state.images = [...state.images.filter((candidate) => candidate.id !== image.id), held];
    this.#machine.save();
    return cached(held);
  }
}

function cached(held: { sha256: string; sizeBytes: number }): CachedImage {
  return { ...held, path: `/simulated/images/${held.sha256}`, format: "qcow2", virtualSizeBytes: 2 * 1024 ** 3 };
}

export class SimulatedVolumeStore implements VolumeStore {
  readonly #machine: SimulatedMachine;

  constructor(machine: SimulatedMachine) {
    this.#machine = machine;
  }

  async ensureOverlay(volume: Parameters<VolumeStore["ensureOverlay"]>[0]): ReturnType<VolumeStore["ensureOverlay"]> {
    await this.#machine.clock.sleep(DISK_MS);
    if (this.#machine.faults.disk !== null) throw this.#machine.faults.disk;
    this.#machine.state.volumes[volume.id] ??= volume.sizeBytes;
    this.#machine.save();
    return place(volume.id);
  }

  async grow(id: VolumeId, sizeBytes: number): Promise<number> {
    await this.#machine.clock.sleep(DISK_MS);
    const { faults, state } = this.#machine;
    if (faults.disk !== null) throw faults.disk;
    const before = state.volumes[id];
    if (before === undefined) throw new AppError("not_found", `The disk ${id} is not on this host.`);
    state.volumes[id] = Math.max(before, sizeBytes);
    this.#machine.save();
    return Math.max(before, sizeBytes);
  }

  inspect(id: VolumeId): ReturnType<VolumeStore["inspect"]> {
    const virtualSizeBytes = this.#machine.state.volumes[id];
    return Promise.resolve(virtualSizeBytes === undefined ? null : { ...place(id), virtualSizeBytes, usedBytes: 0, basePath: null });
  }

  get(id: VolumeId): ReturnType<VolumeStore["get"]> {
    return Promise.resolve(this.#machine.state.volumes[id] === undefined ? null : place(id));
  }

  delete(id: VolumeId): Promise<void> {
    if (this.#machine.faults.remove !== null) return Promise.reject(this.#machine.faults.remove);
    delete this.#machine.state.volumes[id];
    this.#machine.save();
    return Promise.resolve();
  }

  list(): Promise<readonly VolumeId[]> {
    return Promise.resolve(Object.keys(this.#machine.state.volumes) as VolumeId[]);
  }
}

const place = (id: VolumeId): { path: string; format: "qcow2" } => ({ path: `/simulated/volumes/${id}.qcow2`, format: "qcow2" });
