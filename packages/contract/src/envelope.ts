import { z } from "zod";

/**
 * Something an Ed25519 key signed. The signature covers the UTF-8 bytes of `indium:<purpose>\n<payload>`, so that a
 * signature made for one purpose is worth nothing for another, and nothing is ever re-serialized before checking.
 */
export const SignedEnvelope = z.object({
  purpose: z.string().regex(/^[a-z-]{3,40}$/),
  payload: z.string().max(16_000_000),
  /** First 16 hex digits of the SHA-256 of the signer's raw public key. */
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  signature: z.base64().max(128),
});
export type SignedEnvelope = z.infer<typeof SignedEnvelope>;

/** The first nine are the centre's to sign, the last four a host's. */
export const SignaturePurpose = z.enum([
  "desired-document",
  "command",
  "relay-certificate",
  "console-ticket",
  "image-fetch",
  "link-claim",
  "report-ack",
  "overlay-grant",
  "relay-list",
  "host-report",
  "host-usage",
  "host-reply",
  "overlay-offer",
]);
export type SignaturePurpose = z.infer<typeof SignaturePurpose>;

/** Raw 32-byte public keys, base64. */
export const PublicKey = z.base64().length(44);

/**
 * Sealed for one host: ephemeral X25519 → HKDF-SHA256 → AES-256-GCM. The relay carries it and cannot read it.
 * `context` is bound as additional data, so that a box cannot be moved to another instance.
 */
export const SealedBox = z.object({
  version: z.literal(1),
  ephemeralKey: PublicKey,
  nonce: z.base64().max(32),
  ciphertext: z.base64().max(2_000_000),
});
export type SealedBox = z.infer<typeof SealedBox>;
