import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { AppError } from "@indium/contract/errors";

export interface FileToServe {
  readonly path: string;
  /** Without quotes. */
  readonly etag: string;
  readonly contentType: string;
  /** True for content-addressed files, which never change. */
  readonly immutable: boolean;
}

/**
 * A file with ETag and byte ranges (RFC 9110 sections 13 and 14: one range; several are answered with the whole), so that a
 * download that broke off goes on where it was.
 * @throws AppError `not_found`.
 */
export async function fileResponse(request: Request, file: FileToServe): Promise<Response> {
  const found = await stat(file.path).catch(() => null);
  if (found === null || !found.isFile()) throw new AppError("not_found", "There is no such file here.");
  const etag = `"${file.etag}"`;
  const headers = new Headers({
    etag,
    "accept-ranges": "bytes",
    "content-type": file.contentType,
    "cache-control": file.immutable ? "private, max-age=31536000, immutable" : "no-cache",
    "x-content-type-options": "nosniff",
  });
  if (
    request.headers
      .get("if-none-match")
      ?.split(/\s*,\s*/)
      .includes(etag)
  )
    return new Response(null, { status: 304, headers });
  const ifRange = request.headers.get("if-range");
  const range = ifRange === null || ifRange === etag ? rangeOf(request.headers.get("range"), found.size) : null;
  if (range === "unsatisfiable") {
    headers.set("content-range", `bytes */${found.size}`);
    return new Response(null, { status: 416, headers });
  }
  const { start, end } = range ?? { start: 0, end: found.size - 1 };
  headers.set("content-length", String(end - start + 1));
  if (range !== null) headers.set("content-range", `bytes ${start}-${end}/${found.size}`);
  const hasBody = request.method !== "HEAD" && found.size > 0;
  const body = hasBody ? (Readable.toWeb(createReadStream(file.path, { start, end })) as ReadableStream<Uint8Array>) : null;
  return new Response(body, { status: range === null ? 200 : 206, headers });
}

/** Null: no range, or one we need not honour. */
export function rangeOf(header: string | null, size: number): { start: number; end: number } | "unsatisfiable" | null {
  const match = header === null ? null : /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (match === null) return null;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return null;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  if (start >= size) return "unsatisfiable";
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return end < start ? null : { start, end };
}
