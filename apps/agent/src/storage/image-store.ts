import { chmod, chown, readdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import { ImageId } from "@indium/contract/ids";
import { type DesiredImage, ImageFormat, Sha256 } from "@indium/contract/image";
import type { Progress } from "@indium/contract/report";
import { z } from "zod";
import { isErrno, readJsonFile, removeFile, syncDirectory, writeFileAtomic } from "../system/files";
import { ensureReachable, ensureSharedDirectory, type FileOwner } from "./access";
import { AllowedHosts } from "./addresses";
import { rawVirtualSize, type SniffedDisk, sniffDiskImage } from "./disk-format";
import { download } from "./download";
import { type ExpectedHash, fetchExpectedHash } from "./fetch-checksum";
import { freeBytes } from "./free-space";
import { type HttpGetOptions, httpGet } from "./http-get";
import { inspectImage } from "./inspect-image";
import { SharedTasks } from "./shared-tasks";
import type { CachedImage, ImageStore } from "./types";

const MAX_IMAGE_BYTES = 64 * 1024 ** 3;
const PART_LIFETIME_MS = 7 * 24 * 3_600_000;
const DEFAULTS = {
  /** Kept free for the running VMs. */
  reserveBytes: 512 * 1024 ** 2,
  maxAttempts: 6,
  backoffMs: (attempt: number) => Math.min(30_000, 1_000 * 2 ** (attempt - 2)) * (0.75 + Math.random() / 2),
  stallMs: 30_000,
};

export interface ImageStoreOptions {
  /** `<dir>/<sha256>`, read-only; unfinished ones in `<dir>/partial`. */
  readonly dir: string;
  /** Such as `https://indium.example:7780`; trusted, whatever its address. */
  readonly centreOrigin: string;
  /** `sha256//<base64>`, as in the install command, when the centre's certificate is self-signed. */
  readonly tlsPin?: string | undefined;
  /** Host names, addresses or CIDRs that may be downloaded from although private. */
  readonly allowPrivateHosts: readonly string[];
  /** Sent to the centre as a bearer token. */
  readonly hostFetchToken?: string | undefined;
  /** As whom VMs read the images (`vmUser()`). */
  readonly owner: FileOwner;
  readonly maxBytes?: number;
  readonly reserveBytes?: number;
  readonly maxAttempts?: number;
  readonly backoffMs?: (attempt: number) => number;
  readonly stallMs?: number;
  /** For tests: the system's resolver otherwise. */
  readonly resolve?: HttpGetOptions["resolve"];
}

const Sidecar = z.object({
  formatVersion: z.literal(1),
  format: ImageFormat,
  sizeBytes: z.number().int().positive(),
  virtualSizeBytes: z.number().int().positive(),
});
/** Which content an image without a pinned hash turned out to have. */
const Pin = z.object({ formatVersion: z.literal(1), url: z.string(), sha256: Sha256 });

type Notify = (progress: Progress, phase: "downloading" | "verifying") => void;

/** @throws AppError `precondition_failed` when the VMs' user cannot reach the folder. */
export async function createImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  await ensureSharedDirectory(options.dir, options.owner, 0o710);
  await ensureReachable(options.dir, options.owner);
  for (const name of ["partial", "by-id"]) await ensureSharedDirectory(join(options.dir, name), options.owner, 0o710);
  await forgetOldParts(join(options.dir, "partial"));
  return new FileImageStore(options);
}

/** A download nobody has gone on with for a week is nobody's any more. */
async function forgetOldParts(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    const path = join(dir, name);
    const changedAt = (await stat(path).catch(() => null))?.mtimeMs ?? 0;
    if (changedAt < Date.now() - PART_LIFETIME_MS) await removeFile(path);
  }
}

class FileImageStore implements ImageStore {
  readonly #options: ImageStoreOptions;
  readonly #allowed: AllowedHosts;
  readonly #running = new SharedTasks<CachedImage, Parameters<Notify>>();

  constructor(options: ImageStoreOptions) {
    this.#options = options;
    this.#allowed = new AllowedHosts(options.allowPrivateHosts);
  }

  async get(image: DesiredImage): Promise<CachedImage | null> {
    const sha256 = image.sha256 ?? (await this.#pinned(image));
    return sha256 === null ? null : this.#cached(sha256);
  }

  async ensure(image: DesiredImage, options: { signal: AbortSignal; onProgress: Notify }): Promise<CachedImage> {
    const present = await this.get(image);
    if (present !== null) return present;
    return this.#running.join(image.sha256 ?? ImageId.parse(image.id), options.signal, options.onProgress, (signal, notify) =>
      this.#bring(image, signal, notify),
    );
  }

  async evict(sha256: string): Promise<number> {
    const copy = await this.#cached(Sha256.parse(sha256));
    // The sidecar first: an image without one does not count, so a crash in between leaves nothing that is taken for a copy.
    await removeFile(join(this.#options.dir, `${sha256}.json`));
    await removeFile(join(this.#options.dir, sha256));
    await syncDirectory(this.#options.dir);
    return copy?.sizeBytes ?? 0;
  }

  async #bring(image: DesiredImage, signal: AbortSignal, notify: Notify): Promise<CachedImage> {
    const present = await this.get(image);
    if (present !== null) return present;
    const expected = await this.#expected(image, signal);
    if (image.sha256 === null && expected?.algorithm === "sha256") {
      const same = await this.#cached(expected.hex);
      if (same !== null) return this.#pin(image, same);
    }
    const leftOver = await partBytes(this.#part(image));
    try {
      return await this.#downloadAndVerify(image, expected, signal, notify);
    } catch (error) {
      // A part from an earlier run may have been what was wrong: once more from the start.
      if (leftOver === 0 || !isRefusal(error)) throw error;
      return this.#downloadAndVerify(image, expected, signal, notify);
    }
  }

  async #downloadAndVerify(image: DesiredImage, expected: ExpectedHash | null, signal: AbortSignal, notify: Notify): Promise<CachedImage> {
    const part = this.#part(image);
    const url = this.#url(image);
    const sniffed: { disk: SniffedDisk | null } = { disk: null };
    try {
      const { hashes, sizeBytes } = await download({
        ...DEFAULTS,
        ...this.#tuning(),
        name: image.name,
        path: part,
        source: image.sha256 ?? `${url} ${expected?.hex ?? ""}`,
        get: (headers) => this.#get(url, signal, headers),
        algorithms: expected?.algorithm === "sha512" ? ["sha256", "sha512"] : ["sha256"],
        hashIsKnown: image.sha256 !== null || expected !== null,
        maxBytes: Math.min(this.#options.maxBytes ?? MAX_IMAGE_BYTES, image.sizeBytes ?? Number.POSITIVE_INFINITY),
        exactBytes: image.sizeBytes,
        freeBytes: () => freeBytes(this.#options.dir),
        signal,
        onProgress: (done, total) => notify({ done, total: total ?? image.sizeBytes, unit: "bytes" }, "downloading"),
        onHead: (head) => {
          sniffed.disk = sniffDiskImage(head, image.name);
        },
      });
      notify({ done: sizeBytes, total: sizeBytes, unit: "bytes" }, "verifying");
      const sha256 = Sha256.parse(hashes.get("sha256"));
      const wrong = wrongHash(image, expected, hashes);
      if (wrong !== null) throw wrong;
      if (sniffed.disk === null) throw new AppError("internal", `The image ${image.name} was not looked at on this host.`);
      return await this.#admit(image, part, sha256, sizeBytes, sniffed.disk);
    } catch (error) {
      // What broke off can be continued; what was refused, or filled the disk, is of no use.
      const useless = isRefusal(error) || (error instanceof AppError && (error.code === "disk_full" || error.code === "internal"));
      if (useless || (await partBytes(part)) === 0) await removePart(part);
      throw error;
    }
  }

  /** Gives a verified file its name. The sidecar comes first: an image without one does not count. */
  async #admit(image: DesiredImage, part: string, sha256: string, sizeBytes: number, disk: SniffedDisk): Promise<CachedImage> {
    const { owner, dir } = this.#options;
    await chmod(part, 0o440);
    if (process.getuid?.() === 0) await chown(part, 0, owner.gid);
    const inspected = await inspectImage(part, disk.format, image.name, owner);
    const virtualSizeBytes = disk.format === "qcow2" ? disk.virtualSizeBytes : rawVirtualSize(sizeBytes);
    if (inspected !== virtualSizeBytes)
      throw new AppError("image_invalid", `The image ${image.name} is damaged: QEMU reads another size from it than its header says.`);
    const sidecar: z.infer<typeof Sidecar> = { formatVersion: 1, format: disk.format, sizeBytes, virtualSizeBytes };
    await writeFileAtomic(join(dir, `${sha256}.json`), JSON.stringify(sidecar));
    await rename(part, join(dir, sha256));
    await syncDirectory(dir);
    await removeFile(`${part}.json`);
    const cached = { sha256, path: join(dir, sha256), format: disk.format, sizeBytes, virtualSizeBytes };
    return image.sha256 === null ? this.#pin(image, cached) : cached;
  }

  async #cached(sha256: string): Promise<CachedImage | null> {
    const path = join(this.#options.dir, Sha256.parse(sha256));
    const sidecar = Sidecar.safeParse(await readJsonFile(`${path}.json`).catch(() => null));
    if (!sidecar.success) return null;
    try {
      if ((await stat(path)).size !== sidecar.data.sizeBytes) return null;
    } catch (error) {
      if (isErrno(error, "ENOENT")) return null;
      throw error;
    }
    const { format, sizeBytes, virtualSizeBytes } = sidecar.data;
    return { sha256, path, format, sizeBytes, virtualSizeBytes };
  }

  async #pinned(image: DesiredImage): Promise<string | null> {
    const pin = Pin.safeParse(await readJsonFile(this.#pinPath(image)).catch(() => null));
    return pin.success && pin.data.url === this.#url(image) ? pin.data.sha256 : null;
  }

  async #pin(image: DesiredImage, cached: CachedImage): Promise<CachedImage> {
    const pin: z.infer<typeof Pin> = { formatVersion: 1, url: this.#url(image), sha256: cached.sha256 };
    await writeFileAtomic(this.#pinPath(image), JSON.stringify(pin));
    return cached;
  }

  #part(image: DesiredImage): string {
    return join(this.#options.dir, "partial", image.sha256 === null ? ImageId.parse(image.id) : Sha256.parse(image.sha256));
  }

  #pinPath(image: DesiredImage): string {
    return join(this.#options.dir, "by-id", `${ImageId.parse(image.id)}.json`);
  }

  #url(image: DesiredImage): string {
    const { source } = image;
    if (source.kind === "url") return source.url;
    // `//elsewhere/x` and `/\elsewhere` are paths by the schema and other hosts by RFC 3986.
    const url = new URL(source.path, this.#options.centreOrigin);
    if (url.origin !== new URL(this.#options.centreOrigin).origin)
      throw new AppError("address_refused", `The image ${image.name} is said to be the centre's and points elsewhere.`);
    return url.href;
  }

  async #expected(image: DesiredImage, signal: AbortSignal): Promise<ExpectedHash | null> {
    const { source } = image;
    // A pinned hash says more than the distributor's file, which may be of a newer release by now.
    if (image.sha256 !== null || source.kind !== "url" || source.checksum === undefined) return null;
    const { checksum } = source;
    return fetchExpectedHash(checksum, image.name, () => this.#get(checksum.url, signal, {}), { ...DEFAULTS, ...this.#tuning(), signal });
  }

  #get(url: string, signal: AbortSignal, headers: Readonly<Record<string, string>>) {
    const { centreOrigin, tlsPin, hostFetchToken, resolve } = this.#options;
    return httpGet(url, {
      allowed: this.#allowed,
      trusted: { origin: new URL(centreOrigin).origin, tlsPin: tlsPin ?? null, bearerToken: hostFetchToken ?? null },
      signal,
      headers,
      ...(resolve === undefined ? {} : { resolve }),
    });
  }

  #tuning(): Partial<typeof DEFAULTS> {
    const { reserveBytes, maxAttempts, backoffMs, stallMs } = this.#options;
    return {
      ...(reserveBytes === undefined ? {} : { reserveBytes }),
      ...(maxAttempts === undefined ? {} : { maxAttempts }),
      ...(backoffMs === undefined ? {} : { backoffMs }),
      ...(stallMs === undefined ? {} : { stallMs }),
    };
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof AppError && (error.code === "image_invalid" || error.code === "image_checksum_mismatch");
}

async function partBytes(part: string): Promise<number> {
  return (await stat(part).catch(() => null))?.size ?? 0;
}

async function removePart(part: string): Promise<void> {
  await removeFile(part);
  await removeFile(`${part}.json`);
}

function wrongHash(image: DesiredImage, expected: ExpectedHash | null, hashes: ReadonlyMap<string, string>): AppError | null {
  const wanted: ExpectedHash | null = image.sha256 === null ? expected : { algorithm: "sha256", hex: image.sha256 };
  if (wanted === null || hashes.get(wanted.algorithm) === wanted.hex) return null;
  const from = image.sha256 === null ? "its distributor's checksum file" : "the one it is pinned to";
  return new AppError(
    "image_checksum_mismatch",
    `The image ${image.name} arrived with another ${wanted.algorithm.toUpperCase()} than ${from}; it was thrown away. The server may have replaced the file: pin it anew, or check the URL.`,
    { detail: `expected ${wanted.hex}\nreceived ${hashes.get(wanted.algorithm) ?? ""}` },
  );
}
