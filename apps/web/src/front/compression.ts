import type { IncomingHttpHeaders } from "node:http";
import type { Transform } from "node:stream";
import { constants, createBrotliCompress, createGzip } from "node:zlib";

/**
 * What of Next's answers is compressed on its way out, for installations without a proxy of their own in front.
 *
 * Never the live stream, whose events must not wait for one another, nor what asks for bytes by their position.
 *
 * An answer that is made for whoever asks (a page, the API) may hold what only they may read, beside text that somebody else chose. Over TLS its
 * compressed length tells whether the two are alike, to who can both listen and make their browser ask (BREACH, 2013). So such an
 * answer is compressed only where the browser says that our own page asked, or a person by hand (Fetch Metadata, W3C): never
 * what another site opened. Who does not say so gets it as it is. Scripts and styles are the same for everyone.
 */
export type Coding = "br" | "gzip";

export interface Asked {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}
export interface Answered {
  readonly statusCode?: number | undefined;
  readonly headers: IncomingHttpHeaders;
}

const COMPRESSIBLE =
  /^(?:text\/(?:html|css|plain|csv|javascript|x-component)|application\/(?:javascript|json|manifest\+json|xml)|image\/svg\+xml)\s*(?:;|$)/i;
const FOR_EVERYONE = /^\/_next\/static\//;
const OWN_ASKERS = new Set(["same-origin", "none"]);
/** Below this a packet is a packet. */
const WORTHWHILE_BYTES = 1_024;

export function isCompressible({ headers }: Answered): boolean {
  return COMPRESSIBLE.test(headers["content-type"] ?? "") && !/\bno-transform\b/i.test(headers["cache-control"] ?? "");
}

/** Null: it goes as it is. */
export function codingOf(asked: Asked, answered: Answered): Coding | null {
  if (asked.method !== "GET" && asked.method !== "POST") return null;
  if (answered.statusCode !== 200 || asked.headers.range !== undefined || answered.headers["content-encoding"] !== undefined) return null;
  if (!isCompressible(answered) || Number(answered.headers["content-length"] ?? WORTHWHILE_BYTES) < WORTHWHILE_BYTES) return null;
  const asker = asked.headers["sec-fetch-site"];
  if (!FOR_EVERYONE.test(asked.url ?? "") && !(typeof asker === "string" && OWN_ASKERS.has(asker))) return null;
  return accepted(String(asked.headers["accept-encoding"] ?? ""));
}

/** The better one that is named and not refused (`br;q=0`, RFC 9110 section 12.5.3). */
function accepted(header: string): Coding | null {
  const willing = new Set(
    header
      .toLowerCase()
      .split(",")
      .map((each) => each.trim().split(/\s*;\s*/))
      .filter(([, weight]) => weight === undefined || Number(weight.replace(/^q=/, "")) > 0)
      .map(([name]) => name),
  );
  return willing.has("br") ? "br" : willing.has("gzip") ? "gzip" : null;
}

/** Each piece that Next sends goes on at once: a page's beginning does not wait for its end. Quality 5 costs a millisecond for 40 kB. */
export function compressor(coding: Coding): Transform {
  return coding === "br"
    ? createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH, params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })
    : createGzip({ flush: constants.Z_SYNC_FLUSH });
}

/** @param raw name, value, name, value. An entity tag becomes weak: the same content, other bytes (RFC 9110 section 8.8.1). */
export function compressedHeaders(raw: readonly string[], coding: Coding | null): string[] {
  const vary: string[] = [];
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name = "", value = ""] = [raw[index], raw[index + 1]];
    const lower = name.toLowerCase();
    if (lower === "vary") vary.push(value);
    else if (coding === null || (lower !== "content-length" && lower !== "accept-ranges"))
      kept.push(name, coding !== null && lower === "etag" && !value.startsWith("W/") ? `W/${value}` : value);
  }
  const varies = vary.join(", ");
  kept.push("Vary", /(^|,)\s*(accept-encoding|\*)\s*(,|$)/i.test(varies) ? varies : [...vary, "Accept-Encoding"].join(", "));
  if (coding !== null) kept.push("Content-Encoding", coding);
  return kept;
}
