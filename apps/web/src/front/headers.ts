/** RFC 9110 section 7.6.1: they belong to one connection. Transfer-Encoding stays in requests, where it says that a body follows. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "upgrade",
]);
/** Only the front's own word on where a request came from is believed behind it. */
const CLAIMS = /^(x-forwarded-.*|forwarded|x-real-ip|x-original-.*|x-indium-.*)$/;
/** Neither a relay nor a host has any business with a user's session. */
const SESSION = new Set(["cookie", "authorization", "origin"]);

export interface Origin {
  readonly remoteAddress: string;
  readonly protocol: "http" | "https";
  readonly host: string;
}

export interface ForwardRules {
  readonly toRelay: boolean;
  readonly upgrade: boolean;
}

/** Of Node's `rawHeaders`: name, value, name, value. */
type RawHeaders = readonly string[];

const pairs = (raw: RawHeaders): [string, string][] =>
  raw.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, raw[index + 1] ?? ""]] : []));

/** What of a request goes on, with who really sent it. */
export function forwardedHeaders(raw: RawHeaders, origin: Origin, rules: ForwardRules): string[] {
  const kept = pairs(raw).filter(([name]) => {
    const lower = name.toLowerCase();
    return !HOP_BY_HOP.has(lower) && !CLAIMS.test(lower) && !(rules.toRelay && SESSION.has(lower));
  });
  const upgrade = pairs(raw).find(([name]) => name.toLowerCase() === "upgrade")?.[1];
  return [
    ...kept.flat(),
    ...(rules.upgrade && upgrade !== undefined ? ["Connection", "Upgrade", "Upgrade", upgrade] : []),
    "X-Forwarded-For",
    origin.remoteAddress.replace(/^::ffff:/, ""),
    "X-Forwarded-Proto",
    origin.protocol,
    "X-Forwarded-Host",
    origin.host,
  ];
}

/** What of an answer goes back. Node frames the body anew. */
export function answerHeaders(raw: RawHeaders): string[] {
  return pairs(raw)
    .filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()) && name.toLowerCase() !== "transfer-encoding")
    .flat();
}

/** The head of an upgrade, as bytes. Node's parser has refused control characters already. */
export function requestHead(method: string, url: string, headers: RawHeaders): string {
  const lines = pairs(headers).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${url} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}
