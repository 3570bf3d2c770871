import { createHash, type KeyObject } from "node:crypto";
import { signText, verifyText, verifyTextAside } from "./keys";

/**
 * What is signed of a request and of its answer (docs/protocol.md, "Signed HTTP"). The addressee's key id is part of a request,
 * so that one relay cannot replay to another what the centre told it; an answer repeats the request's nonce, so that
 * no answer fits a second question.
 */
export const SIGNED_HEADERS = {
  timestamp: "x-indium-timestamp",
  nonce: "x-indium-nonce",
  keyId: "x-indium-key",
  audience: "x-indium-audience",
  signature: "x-indium-signature",
} as const;

export interface SignedRequestParts {
  readonly method: string;
  readonly path: string;
  /** Ms since the epoch, as sent. */
  readonly timestamp: string;
  readonly nonce: string;
  /** keyId of the one key that may answer. */
  readonly audience: string;
  readonly body: Buffer;
}

const sha256 = (body: Buffer): string => createHash("sha256").update(body).digest("hex");

const requestText = (parts: SignedRequestParts): string =>
  ["indium:http-request", parts.method, parts.path, parts.timestamp, parts.nonce, parts.audience, sha256(parts.body)].join("\n");

const responseText = (status: number, nonce: string, body: Buffer): string =>
  ["indium:http-response", String(status), nonce, sha256(body)].join("\n");

export const signRequest = (parts: SignedRequestParts, key: KeyObject): string => signText(requestText(parts), key);

export const verifyRequest = (parts: SignedRequestParts, signature: string, publicKey: string): boolean =>
  verifyText(requestText(parts), signature, publicKey);

export const signResponse = (status: number, nonce: string, body: Buffer, key: KeyObject): string =>
  signText(responseText(status, nonce, body), key);

export const verifyResponse = (status: number, nonce: string, body: Buffer, signature: string, publicKey: string): Promise<boolean> =>
  verifyTextAside(responseText(status, nonce, body), signature, publicKey);
