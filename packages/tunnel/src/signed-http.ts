import { type KeyObject, randomBytes } from "node:crypto";
import { Agent, type IncomingMessage, type RequestListener, request, type ServerResponse } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { AppError, HTTP_STATUS, toAppError } from "@indium/contract/errors";
import { InternalReply } from "@indium/contract/internal-api";
import { readForeignJson } from "./foreign-json";
import { keyId, keyIdOf } from "./keys";
import { NonceCache } from "./nonce-cache";
import { issueInWords, type Schema } from "./schema";
import { SIGNED_HEADERS, signRequest, signResponse, verifyRequest, verifyResponse } from "./signed-message";

const REPLAY_WINDOW_MS = 60_000;
const DEFAULT_MAX_BODY_BYTES = 24 * 1024 * 1024;

const httpAgent = new Agent({ keepAlive: true, maxSockets: 64 });
const httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: 64 });

export interface SignedCallOptions<T> {
  readonly privateKey: KeyObject;
  /** Raw base64 key of the one that must answer. */
  readonly peerPublicKey: string;
  readonly outputSchema: Schema<T>;
  /** Until the whole answer is here. */
  readonly timeoutMs: number;
  /** Until there is a connection; `timeoutMs` unless given. For whoever has somebody else to ask. */
  readonly connectTimeoutMs?: number;
  /** Who is called, for messages: "the relay rome-1". */
  readonly peerName: string;
  /** Done twice it is done once: that a dying process may have taken it over a connection it had kept does not count as sent. */
  readonly repeatable?: boolean;
  readonly maxBodyBytes?: number;
  readonly now?: () => number;
}

/**
 * POSTs `input` to `<url>/<name>`.
 * @throws AppError `host_unreachable` when nothing was sent, `host_timeout` when it was and no answer came,
 *   `signature_invalid` when either side does not trust the other, else what the other side answered.
 */
export async function signedCall<T>(url: string, name: string, input: unknown, options: SignedCallOptions<T>): Promise<T> {
  const target = new URL(`${url.replace(/\/$/, "")}/${name}`);
  const body = Buffer.from(JSON.stringify(input ?? null), "utf8");
  const nonce = randomBytes(16).toString("base64");
  const timestamp = String((options.now ?? Date.now)());
  const audience = keyId(options.peerPublicKey);
  const signature = signRequest({ method: "POST", path: target.pathname, timestamp, nonce, audience, body }, options.privateKey);
  const headers = {
    "content-type": "application/json",
    "content-length": String(body.length),
    [SIGNED_HEADERS.timestamp]: timestamp,
    [SIGNED_HEADERS.nonce]: nonce,
    [SIGNED_HEADERS.keyId]: keyIdOf(options.privateKey),
    [SIGNED_HEADERS.audience]: audience,
    [SIGNED_HEADERS.signature]: signature,
  };
  const answer = await post(target, headers, body, options);
  return await openSignedAnswer(name, target.pathname, nonce, answer, options);
}

/** What came back to a question of this nonce, once it is the peer's own and of the right shape. @throws AppError as `signedCall`. */
export async function openSignedAnswer<T>(
  name: string,
  path: string,
  nonce: string,
  answer: Answer,
  options: Pick<SignedCallOptions<T>, "peerPublicKey" | "peerName" | "outputSchema">,
): Promise<T> {
  const answerSignature = answer.headers[SIGNED_HEADERS.signature];
  const trusted =
    typeof answerSignature === "string" &&
    (await verifyResponse(answer.status, nonce, answer.body, answerSignature, options.peerPublicKey));
  if (!trusted) {
    const words =
      answer.status === 401 ? "refused this side's signature (compare the keys and the clocks of both)" : "did not sign its answer";
    throw new AppError("signature_invalid", `${options.peerName} ${words}.`, { internal: `HTTP ${answer.status} ${path}` });
  }
  const reply = InternalReply.safeParse(readForeignJson(answer.body.toString("utf8")));
  if (!reply.success) throw new AppError("internal", `${options.peerName} gave a malformed answer to ${name}.`);
  if (!reply.data.ok) throw AppError.fromWire(reply.data.error);
  const output = options.outputSchema.safeParse(reply.data.result);
  if (!output.success)
    throw new AppError("internal", `${options.peerName} gave a malformed answer to ${name}.`, { internal: issueInWords(output.error) });
  return output.data;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/**
 * A kept-alive connection the other side was just closing is tried once more: the nonce makes a second delivery harmless. What then cannot be
 * reached was sent all the same, by the first try.
 */
async function post(
  url: URL,
  headers: Record<string, string>,
  body: Buffer,
  options: SignedCallOptions<unknown>,
  retry = true,
): Promise<Answer> {
  const secure = url.protocol === "https:";
  const send = secure ? httpsRequest : request;
  return await new Promise<Answer>((resolve, reject) => {
    let sent = !retry && options.repeatable !== true;
    const outgoing = send(url, { method: "POST", headers, agent: secure ? httpsAgent : httpAgent });
    const failed = (thrown: Error & { code?: string }) => {
      clearTimeout(timer);
      if (retry && outgoing.reusedSocket && (thrown.code === "ECONNRESET" || thrown.code === "EPIPE")) {
        post(url, headers, body, options, false).then(resolve, reject);
        return;
      }
      const internal = `${url.host}: ${thrown.code ?? ""} ${thrown.message}`;
      if (sent) reject(new AppError("host_timeout", `No answer came from ${options.peerName}.`, { internal, cause: thrown }));
      else reject(new AppError("host_unreachable", `${options.peerName} cannot be reached.`, { internal, cause: thrown }));
    };
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer in ${options.timeoutMs} ms`)), options.timeoutMs);
    outgoing.on("socket", (socket) => {
      if (!socket.connecting) {
        sent = true;
        return;
      }
      const { connectTimeoutMs } = options;
      const late = () => outgoing.destroy(new Error(`no connection in ${connectTimeoutMs} ms`));
      const connecting = connectTimeoutMs === undefined ? undefined : setTimeout(late, connectTimeoutMs);
      socket.once("close", () => clearTimeout(connecting));
      socket.once("connect", () => {
        clearTimeout(connecting);
        sent = true;
      });
    });
    outgoing.on("error", failed);
    outgoing.on("response", (response) => {
      readBody(response, options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES).then(
        (answer) => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer });
        },
        (thrown: Error) => {
          outgoing.destroy();
          failed(thrown);
        },
      );
    });
    outgoing.end(body);
  }).catch((thrown: unknown) => {
    throw toAppError(thrown, `The call to ${options.peerName} failed.`);
  });
}

function readBody(stream: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        stream.pause().removeAllListeners("data");
        reject(new AppError("bad_request", `The body is larger than ${limit} bytes.`));
      } else chunks.push(chunk);
    });
    stream.on("end", () => resolve(Buffer.concat(chunks, size)));
    stream.on("error", reject);
    stream.on("close", () => reject(new Error("the connection closed before the end of the body")));
  });
}

/** `{ <name>: { input, output } }`: the contract's internalApi and relayApi. */
export type SignedApi = Record<string, { input: Schema<unknown>; output: Schema<unknown> }>;
type OutputOf<S> = S extends Schema<infer T> ? T : never;

export interface SignedCaller {
  /** Raw base64. */
  readonly publicKey: string;
  readonly keyId: string;
  readonly remoteAddress: string;
}

export type SignedHandlers<A extends SignedApi> = {
  [N in keyof A]: (input: OutputOf<A[N]["input"]>, caller: SignedCaller) => Promise<OutputOf<A[N]["output"]>>;
};

export interface SignedHandlerOptions<A extends SignedApi> {
  readonly api: A;
  readonly handlers: SignedHandlers<A>;
  /** Of the path: `/internal/`, or `/`. */
  readonly prefix: string;
  readonly privateKey: KeyObject;
  /** Raw base64 key for a key id, or null for one that is not trusted. */
  readonly trustedKey: (keyId: string) => Promise<string | null> | string | null;
  readonly maxBodyBytes?: number;
  readonly now?: () => number;
  /** Failures of ours, never a caller's mistake. */
  readonly onInternalError?: (name: string, error: AppError) => void;
}

/** A node:http listener serving a signed API. Whatever is not rightly signed gets an unsigned 401 (or 400, 404, 405) and no work is done for it. */
export function createSignedHandler<A extends SignedApi>(options: SignedHandlerOptions<A>): RequestListener {
  const nonces = new NonceCache();
  const ownKeyId = keyIdOf(options.privateKey);
  const now = options.now ?? Date.now;

  const authenticate = async (req: IncomingMessage, path: string, body: Buffer): Promise<SignedCaller & { nonce: string }> => {
    const header = (name: string): string => {
      const value = req.headers[name];
      if (typeof value !== "string" || value.length > 200) throw new AppError("signature_invalid", "The request is not signed.");
      return value;
    };
    const timestamp = header(SIGNED_HEADERS.timestamp);
    const nonce = header(SIGNED_HEADERS.nonce);
    const audience = header(SIGNED_HEADERS.audience);
    const callerKeyId = header(SIGNED_HEADERS.keyId);
    const signature = header(SIGNED_HEADERS.signature);
    const at = Number(timestamp);
    if (!Number.isSafeInteger(at) || Math.abs(now() - at) > REPLAY_WINDOW_MS)
      throw new AppError("signature_invalid", "The request's time is more than 60 s off.");
    if (audience !== ownKeyId) throw new AppError("signature_invalid", "The request is meant for another.");
    const publicKey = /^[0-9a-f]{16}$/.test(callerKeyId) ? await options.trustedKey(callerKeyId) : null;
    if (publicKey === null || !verifyRequest({ method: "POST", path, timestamp, nonce, audience, body }, signature, publicKey)) {
      throw new AppError("signature_invalid", "The request is not signed by a trusted key.");
    }
    const taken = nonces.take(`${callerKeyId}:${nonce}`, at + REPLAY_WINDOW_MS, now());
    if (taken === "seen") throw new AppError("signature_invalid", "The request was already received.");
    if (taken === "full") throw new AppError("rate_limited", "Too many requests within a minute.");
    return { publicKey, keyId: callerKeyId, nonce, remoteAddress: req.socket.remoteAddress ?? "" };
  };

  const run = async (name: string, body: Buffer, caller: SignedCaller): Promise<InternalReply> => {
    const entry = options.api[name];
    const handler = options.handlers[name];
    if (entry === undefined || handler === undefined) throw new AppError("not_found", `There is no "${name}" here.`);
    const input = entry.input.safeParse(readForeignJson(body.toString("utf8")));
    if (!input.success) throw new AppError("bad_request", `${name}: ${issueInWords(input.error)}.`);
    const result = entry.output.safeParse(await handler(input.data as OutputOf<A[string]["input"]>, caller));
    if (!result.success) throw new AppError("internal", `${name} failed.`, { internal: `output: ${issueInWords(result.error)}` });
    return { ok: true, result: result.data };
  };

  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const path = (req.url ?? "").split("?")[0] ?? "";
    const name = path.startsWith(options.prefix) ? path.slice(options.prefix.length) : "";
    if (!Object.hasOwn(options.api, name)) return refuse(res, 404, "not_found", "There is no such path.");
    if (req.method !== "POST") return refuse(res, 405, "bad_request", "Only POST.");
    let caller: SignedCaller & { nonce: string };
    let body: Buffer;
    try {
      body = await readBody(req, options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES).catch((thrown: unknown) => {
        // Whoever hangs up in the middle is nobody yet, and no failure of ours.
        throw thrown instanceof AppError ? thrown : new AppError("bad_request", "The request was not whole.");
      });
      caller = await authenticate(req, path, body);
    } catch (thrown) {
      const error = toAppError(thrown, "The request could not be read.");
      if (error.code === "internal") options.onInternalError?.(name, error);
      return refuse(res, HTTP_STATUS[error.code], error.code, error.message);
    }
    let status = 200;
    let reply: InternalReply;
    try {
      reply = await run(name, body, caller);
    } catch (thrown) {
      const error = toAppError(thrown, `${name} failed on this side; its log says why.`);
      if (error.code === "internal") options.onInternalError?.(name, error);
      status = HTTP_STATUS[error.code];
      reply = { ok: false, error: error.toWire() };
    }
    const bytes = Buffer.from(JSON.stringify(reply), "utf8");
    const signature = signResponse(status, caller.nonce, bytes, options.privateKey);
    res.writeHead(status, { "content-type": "application/json", "content-length": bytes.length, [SIGNED_HEADERS.signature]: signature });
    res.end(bytes);
  };

  return (req, res) => {
    res.on("error", () => req.destroy());
    serve(req, res).catch((thrown: unknown) => {
      options.onInternalError?.(req.url ?? "", toAppError(thrown, "The answer could not be sent."));
      res.destroy();
    });
  };
}

function refuse(res: ServerResponse, status: number, code: AppError["code"], message: string): void {
  if (res.destroyed) return;
  const bytes = JSON.stringify({ ok: false, error: { code, message } });
  res.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(bytes), connection: "close" });
  res.end(bytes);
}
