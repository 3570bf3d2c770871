import { AppError } from "@indium/contract/errors";
import { NextRequest } from "next/server";

/**
 * The whole body, counted while it comes: a chunked one announces no length, and whoever reads it unbounded holds all of it.
 * @throws AppError `bad_request` once it is longer than `maxBytes`; the rest is not read.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new AppError("bad_request", `The request is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The same request with a body that is here already, for handlers which read theirs without a bound. @throws as `readBody`. */
export async function withBoundedBody(request: Request, maxBytes: number): Promise<NextRequest> {
  const { url, method, headers, signal } = request;
  if (request.body === null) return request instanceof NextRequest ? request : new NextRequest(url, { method, headers, signal });
  const body = new Uint8Array(await readBody(request, maxBytes));
  return new NextRequest(url, { method, headers, signal, body });
}
