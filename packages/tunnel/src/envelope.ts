import type { KeyObject } from "node:crypto";
import { type SignaturePurpose, SignedEnvelope } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import { readForeignJson } from "./foreign-json";
import { keyId, keyIdOf, signText, verifyText } from "./keys";
import { issueInWords, type Schema } from "./schema";

const signedText = (purpose: string, payload: string): string => `indium:${purpose}\n${payload}`;

/** Signs the JSON of `payload` for one purpose (contract/envelope.ts says over which bytes). */
export function signEnvelope(purpose: SignaturePurpose, payload: unknown, privateKey: KeyObject): SignedEnvelope {
  const text = JSON.stringify(payload);
  return { purpose, payload: text, keyId: keyIdOf(privateKey), signature: signText(signedText(purpose, text), privateKey) };
}

export interface OpenOptions<T> {
  readonly purpose: SignaturePurpose;
  /** Raw base64 keys, any of which may have signed (two while a key is being changed). */
  readonly publicKeys: readonly string[];
  readonly schema: Schema<T>;
}

/**
 * The payload, once purpose, key and signature are right and it matches its schema. Expiry and addressee are the caller's to check.
 * @throws AppError `signature_invalid`, or `bad_request` for a rightly signed payload of another shape.
 */
export function openEnvelope<T>(envelope: unknown, options: OpenOptions<T>): T {
  const parsed = SignedEnvelope.safeParse(envelope);
  if (!parsed.success) throw new AppError("signature_invalid", `Not a signed ${options.purpose}: ${issueInWords(parsed.error)}.`);
  const { purpose, payload, signature } = parsed.data;
  if (purpose !== options.purpose) {
    throw new AppError("signature_invalid", `Expected a signed ${options.purpose}, got one for "${purpose}".`);
  }
  const key = options.publicKeys.find((candidate) => keyId(candidate) === parsed.data.keyId);
  if (key === undefined) {
    throw new AppError("signature_invalid", `The ${purpose} is signed by a key this side does not trust (${parsed.data.keyId}).`);
  }
  if (!verifyText(signedText(purpose, payload), signature, key)) {
    throw new AppError("signature_invalid", `The signature of the ${purpose} does not match its content.`);
  }
  const content = options.schema.safeParse(readForeignJson(payload));
  if (!content.success) throw new AppError("bad_request", `The signed ${purpose} is malformed: ${issueInWords(content.error)}.`);
  return content.data;
}
