import { lookup as dnsLookup } from "node:dns/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { AppError } from "@indium/contract/errors";
import { type AllowedHosts, isPublicAddress } from "./addresses";
import { connectPinned } from "./pinned-tls";

const MAX_REDIRECTS = 5;
const CONNECT_TIMEOUT_MS = 15_000;

/** Where images come from that is not the wide world: the centre this host is enrolled with. */
export interface TrustedOrigin {
  readonly origin: string;
  readonly tlsPin: string | null;
  readonly bearerToken: string | null;
}

interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface HttpGetOptions {
  readonly allowed: AllowedHosts;
  readonly trusted: TrustedOrigin | null;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** For tests; the system's resolver otherwise. */
  readonly resolve?: (hostname: string) => Promise<readonly Address[]>;
}

/** Worth another try: a server that is busy, a connection that broke. */
export class TransientHttpError extends Error {}

/**
 * GETs a URL and follows redirects, each looked at like the first. A name is resolved once, by us, and the connection goes to the
 * very address that was judged: a second answer of the DNS cannot lead elsewhere.
 * @returns the response with status 200, 206 or 416; its body is the caller's to read or destroy.
 * @throws AppError `address_refused`, `image_unavailable`; TransientHttpError.
 */
export async function httpGet(url: string, options: HttpGetOptions): Promise<IncomingMessage> {
  let current = parseUrl(url);
  for (let redirects = 0; ; redirects += 1) {
    const response = await getOnce(current, options);
    const status = response.statusCode ?? 0;
    if (status === 200 || status === 206 || status === 416) return refuseEncoded(response, current);
    response.destroy();
    const location = response.headers.location;
    if (status >= 300 && status < 400 && location !== undefined) {
      if (redirects === MAX_REDIRECTS)
        throw new AppError("image_unavailable", `${shown(current)} redirects more than ${MAX_REDIRECTS} times. Check the URL.`);
      current = redirected(current, location, options);
      continue;
    }
    if (status === 408 || status === 425 || status === 429 || status >= 500)
      throw new TransientHttpError(`${shown(current)} answered ${status}`);
    throw new AppError(
      "image_unavailable",
      `The image's server answered ${status} for ${shown(current)}. Check the URL${status === 401 || status === 403 ? " and whether it may be downloaded without an account" : ""}.`,
    );
  }
}

/** Without query and credentials: signatures and tokens are nobody's to read. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function parseUrl(text: string, base?: URL): URL {
  try {
    return new URL(text, base);
  } catch {
    throw new AppError("image_unavailable", "The image's server points to something that is no URL.");
  }
}

/** @throws AppError `image_unavailable` for what is no URL, `address_refused` for a way from the centre to elsewhere, or from elsewhere to it. */
export function redirected(from: URL, location: string, options: Pick<HttpGetOptions, "trusted">): URL {
  const to = parseUrl(location, from);
  const wasTrusted = from.origin === options.trusted?.origin;
  if (wasTrusted && to.origin !== from.origin)
    throw new AppError("address_refused", `The centre redirects this host to ${to.origin}, which it may not.`);
  // A server of the world must not use the agent's trust in the centre.
  if (!wasTrusted && to.origin === options.trusted?.origin)
    throw new AppError("address_refused", `${from.origin} redirects to the centre, which it may not.`);
  return to;
}

function refuseEncoded(response: IncomingMessage, url: URL): IncomingMessage {
  const encoding = response.headers["content-encoding"];
  if (encoding === undefined || encoding === "identity") return response;
  response.destroy();
  throw new AppError("image_unavailable", `The image's server packs ${shown(url)} (${encoding}) although it was asked not to.`);
}

async function getOnce(url: URL, options: HttpGetOptions): Promise<IncomingMessage> {
  const trusted = url.origin === options.trusted?.origin ? options.trusted : null;
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new AppError("address_refused", `Images come by https, not by ${url.protocol}`);
  const addresses = trusted === null ? await judge(url, options) : null;
  const headers = {
    "user-agent": "indium-agent",
    "accept-encoding": "identity",
    ...options.headers,
    ...(trusted?.bearerToken == null ? {} : { authorization: `Bearer ${trusted.bearerToken}` }),
  };
  const pin = trusted?.tlsPin ?? null;
  const port = Number(url.port === "" ? (url.protocol === "https:" ? 443 : 80) : url.port);
  const pinned =
    pin !== null && url.protocol === "https:"
      ? await connectPinned({ host: bareHost(url), port, pin, timeoutMs: CONNECT_TIMEOUT_MS }).catch((error: unknown) => {
          if (error instanceof AppError) throw error;
          throw new TransientHttpError(`${url.origin}: ${words(error)}`);
        })
      : null;
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
      method: "GET",
      headers,
      signal: options.signal,
      ...(pinned === null ? { agent: false } : { createConnection: () => pinned }),
      ...(addresses === null ? {} : { lookup: lookupOf(addresses) }),
    });
    const timer = setTimeout(() => request.destroy(new Error("no answer in time")), CONNECT_TIMEOUT_MS * 2);
    request.once("error", (error) => {
      clearTimeout(timer);
      reject(options.signal.aborted ? error : new TransientHttpError(`${url.origin}: ${words(error)}`, { cause: error }));
    });
    request.once("response", (response) => {
      clearTimeout(timer);
      // A connection that breaks later is the body's reader's to see.
      request.on("error", () => {});
      resolve(response);
    });
    request.end();
  });
}

/** @throws AppError `address_refused` unless every address the connection may take is public by https, or allowed. */
async function judge(url: URL, options: HttpGetOptions): Promise<readonly Address[]> {
  const host = bareHost(url);
  if (url.username !== "" || url.password !== "")
    throw new AppError("address_refused", "An image's URL must not carry a user name or password.");
  const found = await resolveHost(host, options);
  const allowed = found.filter(({ address }) => options.allowed.allows(host, address));
  const open = found.filter(({ address }) => isPublicAddress(address));
  if (allowed.length === 0 && open.length === 0) {
    throw new AppError(
      "address_refused",
      `This host does not download from ${host} (${found[0]?.address ?? "no address"}): it is a private or local address. An administrator can allow it with INDIUM_ALLOW_PRIVATE_IMAGE_HOSTS on this host.`,
    );
  }
  if (url.protocol === "https:") return [...allowed, ...open.filter((each) => !allowed.includes(each))];
  if (allowed.length > 0) return allowed;
  throw new AppError("address_refused", `Images come by https: use https://${url.host}${url.pathname} instead of http.`);
}

async function resolveHost(host: string, options: HttpGetOptions): Promise<readonly Address[]> {
  const version = isIP(host);
  if (version !== 0) return [{ address: host, family: version === 4 ? 4 : 6 }];
  try {
    if (options.resolve !== undefined) return await options.resolve(host);
    const answers = await dnsLookup(host, { all: true, verbatim: true });
    return answers.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
  } catch (error) {
    const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
    if (code === "ENOTFOUND")
      throw new AppError("image_unavailable", `This host finds no address for ${host}. Check the URL and the host's DNS.`);
    throw new TransientHttpError(`${host}: ${words(error)}`);
  }
}

/** Node asks with `all` (happy eyeballs) or without; either way it gets only what was judged. */
function lookupOf(addresses: readonly Address[]) {
  return (
    _hostname: string,
    options: { all?: boolean | undefined },
    callback: (error: Error | null, address: string | Address[], family?: number) => void,
  ): void => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else if (first !== undefined) callback(null, first.address, first.family);
    else callback(new Error("no address"), "");
  };
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

function words(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  return error.message === "" ? (code ?? error.name) : error.message;
}
