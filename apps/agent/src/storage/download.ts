import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { AppError } from "@indium/contract/errors";
import { z } from "zod";
import { isErrno, readJsonFile, removeFile, writeFileAtomic } from "../system/files";
import type { ChecksumAlgorithm } from "./checksum-file";
import { invalid, SNIFF_BYTES } from "./disk-format";
import { diskFull, formatBytes } from "./free-space";
import { TransientHttpError } from "./http-get";
import { pause } from "./pause";

/** Progress that pays for further attempts: a server that hands out a few bytes per connection runs out of them. */
const PROGRESS_RESETS_ATTEMPTS_BYTES = 4 * 1024 * 1024;
const PROGRESS_INTERVAL_MS = 250;
/** Slower than this over a whole `stallMs` counts as stalled. */
const MIN_BYTES_PER_SECOND = 1024;

/** What a resumed download must still be the same as. */
const PartialState = z.object({ formatVersion: z.literal(1), source: z.string(), validator: z.string().nullable() });

export interface DownloadOptions {
  readonly name: string;
  /** The file it grows in; `<path>.json` beside it knows what it belongs to. */
  readonly path: string;
  /** Names the content: only a file begun with the same may be continued. */
  readonly source: string;
  readonly get: (headers: Readonly<Record<string, string>>) => Promise<IncomingMessage>;
  readonly algorithms: readonly ChecksumAlgorithm[];
  /** A wrong piece would be found out by its hash, so a server without ETag may be resumed too. */
  readonly hashIsKnown: boolean;
  readonly maxBytes: number;
  readonly exactBytes: number | null;
  readonly freeBytes: () => Promise<number>;
  /** Kept free for everything else on this host. */
  readonly reserveBytes: number;
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number | null) => void;
  /** Given the first `SNIFF_BYTES` (or the whole of a smaller file) as soon as they are there; throws to refuse. */
  readonly onHead: (head: Buffer) => void;
  readonly maxAttempts: number;
  /** Ms to wait before the given attempt (2, 3, …). */
  readonly backoffMs: (attempt: number) => number;
  readonly stallMs: number;
}

export interface Downloaded {
  readonly hashes: ReadonlyMap<ChecksumAlgorithm, string>;
  readonly sizeBytes: number;
}

/**
 * Downloads into a file, hashing on the way, over as many connections as it takes.
 * @throws AppError `image_unavailable`, `image_invalid`, `image_checksum_mismatch` (another size than announced), `disk_full`,
 * `address_refused`; the signal's reason when aborted.
 */
export async function download(options: DownloadOptions): Promise<Downloaded> {
  const file = await open(options.path, "a+", 0o600).then(async (probe) => {
    await probe.close();
    return open(options.path, "r+");
  });
  try {
    const transfer = new Transfer(options, file);
    await transfer.begin();
    await transfer.run();
    await file.sync();
    return transfer.result();
  } catch (error) {
    throw isErrno(error, "ENOSPC")
      ? diskFull(`the image ${options.name}`, options.exactBytes ?? options.reserveBytes, await options.freeBytes())
      : error;
  } finally {
    await file.close();
  }
}

class Transfer {
  readonly #options: DownloadOptions;
  readonly #file: FileHandle;
  #hashes = new Map<ChecksumAlgorithm, Hash>();
  #offset = 0;
  #validator: string | null = null;
  #head = Buffer.alloc(0);
  #headJudged = false;
  #toldAt = 0;

  constructor(options: DownloadOptions, file: FileHandle) {
    this.#options = options;
    this.#file = file;
  }

  /** Takes up what an earlier run left, hashing it again. */
  async begin(): Promise<void> {
    await this.#restart(false);
    const left = PartialState.safeParse(await readJsonFile(this.#statePath).catch(() => null));
    const usable = left.success && left.data.source === this.#options.source && (left.data.validator !== null || this.#options.hashIsKnown);
    const { size } = await this.#file.stat();
    if (!usable || size === 0 || size > this.#options.maxBytes) {
      await this.#restart();
      return;
    }
    for await (const chunk of createReadStream(this.#options.path)) {
      this.#options.signal.throwIfAborted();
      this.#take(chunk as Buffer);
    }
    this.#validator = left.data.validator;
  }

  async run(): Promise<void> {
    let attempt = 1;
    let paidAt = this.#offset;
    for (;;) {
      try {
        if (await this.#attempt()) break;
      } catch (error) {
        this.#options.signal.throwIfAborted();
        if (!(error instanceof TransientHttpError)) throw error;
        if (this.#offset - paidAt >= PROGRESS_RESETS_ATTEMPTS_BYTES) {
          attempt = 1;
          paidAt = this.#offset;
        }
        attempt += 1;
        if (attempt > this.#options.maxAttempts) {
          throw new AppError(
            "image_unavailable",
            `The image ${this.#options.name} could not be downloaded to this host after ${this.#options.maxAttempts} tries: ${error.message}. What has arrived is kept; try again later.`,
            { cause: error },
          );
        }
        await pause(this.#options.backoffMs(attempt), this.#options.signal);
      }
    }
    this.#judgeHead(true);
    this.#tell(this.#offset, true);
  }

  result(): Downloaded {
    return {
      hashes: new Map([...this.#hashes].map(([algorithm, hash]) => [algorithm, hash.copy().digest("hex")])),
      sizeBytes: this.#offset,
    };
  }

  get #statePath(): string {
    return `${this.#options.path}.json`;
  }

  async #restart(truncate = true): Promise<void> {
    this.#offset = 0;
    this.#hashes = new Map(this.#options.algorithms.map((algorithm) => [algorithm, createHash(algorithm)]));
    this.#head = Buffer.alloc(0);
    this.#headJudged = false;
    this.#validator = null;
    if (!truncate) return;
    await removeFile(this.#statePath);
    await this.#file.truncate(0);
  }

  /** One connection. @returns true when the file is whole; throws TransientHttpError when another attempt may go on. */
  async #attempt(): Promise<boolean> {
    const asked =
      this.#offset > 0 ? { range: `bytes=${this.#offset}-`, ...(this.#validator === null ? {} : { "if-range": this.#validator }) } : {};
    const response = await this.#options.get(asked);
    try {
      if (response.statusCode === 416) {
        // Nothing beyond what we have: whole, if the server says the same size; else it is another file now.
        if (/^bytes \*\/(\d+)$/.exec(response.headers["content-range"] ?? "")?.[1] === String(this.#offset)) return true;
        await this.#restart();
        throw new TransientHttpError("the file on the server has changed");
      }
      if (response.statusCode === 206) {
        const start = /^bytes (\d+)-/.exec(response.headers["content-range"] ?? "")?.[1];
        if (start !== String(this.#offset)) {
          await this.#restart();
          throw new TransientHttpError("the server sent another part than was asked for");
        }
      } else if (this.#offset > 0) {
        await this.#restart();
      }
      const total = this.#announcedTotal(response);
      await this.#checkRoom(total);
      if (this.#offset === 0) await this.#remember(response);
      await this.#receive(response, total);
    } finally {
      response.destroy();
    }
    return true;
  }

  #announcedTotal(response: IncomingMessage): number | null {
    const length = response.headers["content-length"];
    const total = length === undefined ? null : this.#offset + Number(length);
    const { exactBytes, maxBytes, name } = this.#options;
    if (total !== null && exactBytes !== null && total !== exactBytes) throw this.#wrongSize(total, exactBytes);
    if (total !== null && total > maxBytes)
      throw invalid(name, `it has ${formatBytes(total)}, more than the ${formatBytes(maxBytes)} that are taken.`);
    return total;
  }

  async #checkRoom(total: number | null): Promise<void> {
    const needed = (total ?? this.#offset) - this.#offset + this.#options.reserveBytes;
    const free = await this.#options.freeBytes();
    if (needed > free) throw diskFull(`the image ${this.#options.name}`, needed, free);
  }

  async #remember(response: IncomingMessage): Promise<void> {
    const { etag, "last-modified": modified } = response.headers;
    // A weak ETag promises no equal bytes, and If-Range must not carry one (RFC 9110, 13.1.5).
    this.#validator = etag !== undefined && !etag.startsWith("W/") ? etag : (modified ?? null);
    const state: z.infer<typeof PartialState> = { formatVersion: 1, source: this.#options.source, validator: this.#validator };
    await writeFileAtomic(this.#statePath, JSON.stringify(state));
  }

  async #receive(response: IncomingMessage, total: number | null): Promise<void> {
    const { maxBytes, exactBytes, name, stallMs } = this.#options;
    // Without an announced size the stream may take what the disk has, and no more.
    const room = total === null ? this.#offset + (await this.#options.freeBytes()) - this.#options.reserveBytes : Number.POSITIVE_INFINITY;
    let seen = this.#offset;
    const stall = setInterval(() => {
      if (this.#offset - seen < (stallMs / 1000) * MIN_BYTES_PER_SECOND)
        response.destroy(new Error(`nothing came for ${stallMs / 1000} s`));
      seen = this.#offset;
    }, stallMs);
    const onAbort = (): void => void response.destroy(new Error("cancelled"));
    this.#options.signal.addEventListener("abort", onAbort, { once: true });
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        const next = this.#offset + chunk.length;
        if (exactBytes !== null && next > exactBytes) throw this.#wrongSize(next, exactBytes);
        if (next > maxBytes) throw invalid(name, `it does not end after ${formatBytes(maxBytes)}.`);
        if (next > room)
          throw diskFull(`the image ${name}`, next - this.#offset + this.#options.reserveBytes, await this.#options.freeBytes());
        await this.#write(chunk);
        this.#take(chunk);
        this.#judgeHead(false);
        this.#tell(total);
      }
    } catch (error) {
      if (error instanceof AppError || isErrno(error, "ENOSPC")) throw error;
      throw new TransientHttpError(error instanceof Error && error.message !== "aborted" ? error.message : "the connection broke", {
        cause: error,
      });
    } finally {
      clearInterval(stall);
      this.#options.signal.removeEventListener("abort", onAbort);
    }
    const expected = exactBytes ?? total;
    if (expected !== null && this.#offset < expected) throw new TransientHttpError(`it ended after ${this.#offset} of ${expected} bytes`);
  }

  /** A write to an almost full disk is short first and fails then. */
  async #write(chunk: Buffer): Promise<void> {
    for (let done = 0; done < chunk.length; ) {
      done += (await this.#file.write(chunk, done, chunk.length - done, this.#offset + done)).bytesWritten;
    }
  }

  #take(chunk: Buffer): void {
    for (const hash of this.#hashes.values()) hash.update(chunk);
    if (this.#head.length < SNIFF_BYTES) this.#head = Buffer.concat([this.#head, chunk.subarray(0, SNIFF_BYTES - this.#head.length)]);
    this.#offset += chunk.length;
  }

  #judgeHead(whole: boolean): void {
    if (this.#headJudged || (!whole && this.#head.length < SNIFF_BYTES)) return;
    this.#headJudged = true;
    this.#options.onHead(this.#head);
  }

  #tell(total: number | null, always = false): void {
    const now = performance.now();
    if (!always && now - this.#toldAt < PROGRESS_INTERVAL_MS) return;
    this.#toldAt = now;
    this.#options.onProgress(this.#offset, total);
  }

  #wrongSize(actual: number, expected: number): AppError {
    return new AppError(
      "image_checksum_mismatch",
      `The image ${this.#options.name} is not the file it should be: at least ${actual} bytes instead of ${expected}. Its server may have replaced it; pin it anew.`,
    );
  }
}
