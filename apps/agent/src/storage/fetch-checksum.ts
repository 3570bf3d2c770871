import type { IncomingMessage } from "node:http";
import { AppError } from "@indium/contract/errors";
import { type ChecksumAlgorithm, findChecksum } from "./checksum-file";
import { TransientHttpError } from "./http-get";
import { pause } from "./pause";

const MAX_BYTES = 4 * 1024 * 1024;

export interface ExpectedHash {
  readonly algorithm: ChecksumAlgorithm;
  /** Lower case. */
  readonly hex: string;
}

/**
 * The hash that the distributor's own checksum file gives for an image.
 * @throws AppError `image_unavailable` when the file cannot be had or does not name the image.
 */
export async function fetchExpectedHash(
  checksum: { readonly url: string; readonly algorithm: ChecksumAlgorithm; readonly fileName: string },
  imageName: string,
  get: () => Promise<IncomingMessage>,
  retry: {
    readonly maxAttempts: number;
    readonly backoffMs: (attempt: number) => number;
    readonly stallMs: number;
    readonly signal: AbortSignal;
  },
): Promise<ExpectedHash> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const text = await readText(await get(), imageName, retry.stallMs);
      const path = new URL(checksum.url).pathname;
      const dedicated = path.slice(path.lastIndexOf("/") + 1).toLowerCase() === `${checksum.fileName}.${checksum.algorithm}`.toLowerCase();
      const hex = findChecksum(text, checksum.fileName, checksum.algorithm, dedicated);
      if (hex === null)
        throw new AppError(
          "image_unavailable",
          `The distributor's checksum file of ${imageName} does not name ${checksum.fileName}. Check the image's checksum URL and file name.`,
        );
      return { algorithm: checksum.algorithm, hex };
    } catch (error) {
      retry.signal.throwIfAborted();
      if (!(error instanceof TransientHttpError)) throw error;
      if (attempt >= retry.maxAttempts)
        throw new AppError(
          "image_unavailable",
          `The distributor's checksum file of ${imageName} could not be downloaded to this host: ${error.message}. Try again later.`,
          { cause: error },
        );
      await pause(retry.backoffMs(attempt + 1), retry.signal);
    }
  }
}

async function readText(response: IncomingMessage, imageName: string, timeoutMs: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Small: the whole of it has the time that a stalled image has.
  const timer = setTimeout(() => response.destroy(new Error("it took too long")), timeoutMs);
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BYTES)
        throw new AppError(
          "image_unavailable",
          `The distributor's checksum file of ${imageName} is larger than any such file. Check its URL.`,
        );
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new TransientHttpError(error instanceof Error ? error.message : "the connection broke");
  } finally {
    clearTimeout(timer);
    response.destroy();
  }
  return Buffer.concat(chunks).toString("utf8");
}
