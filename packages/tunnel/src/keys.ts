import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";

/**
 * Ed25519 keys sign, X25519 keys seal. On the wire a public key is its raw 32 bytes in base64; on disk keys are PEM.
 * Raw ↔ KeyObject goes through DER only: exporting as JWK deadlocked Node 20 after some thousand iterations.
 */
export type KeyKind = "ed25519" | "x25519";

export interface KeyPair {
  readonly kind: KeyKind;
  readonly privateKey: KeyObject;
  /** Raw 32 bytes, base64 (44 characters): the contract's `PublicKey`. */
  readonly publicKey: string;
}

const RAW_KEY_BYTES = 32;
/** SubjectPublicKeyInfo before the raw key (RFC 8410 section 4): SEQUENCE { SEQUENCE { OID 1.3.101.112 | .110 }, BIT STRING }. */
const SPKI_PREFIX: Record<KeyKind, Buffer> = {
  ed25519: Buffer.from("302a300506032b6570032100", "hex"),
  x25519: Buffer.from("302a300506032b656e032100", "hex"),
};

export function generateKeyPair(kind: KeyKind): KeyPair {
  // Two calls, because the types of generateKeyPairSync are per literal.
  const { privateKey } = kind === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("x25519");
  return { kind, privateKey, publicKey: rawPublicKey(privateKey) };
}

export const generateSigningKeyPair = (): KeyPair => generateKeyPair("ed25519");
export const generateSealingKeyPair = (): KeyPair => generateKeyPair("x25519");

/** Raw base64 of a key's public half; takes a private or a public key. */
export function rawPublicKey(key: KeyObject): string {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return publicKey.export({ format: "der", type: "spki" }).subarray(-RAW_KEY_BYTES).toString("base64");
}

/** @throws TypeError when `raw` is not 32 bytes in base64. */
export function publicKeyFromRaw(kind: KeyKind, raw: string): KeyObject {
  const bytes = Buffer.from(raw, "base64");
  if (bytes.length !== RAW_KEY_BYTES) throw new TypeError(`A raw ${kind} public key has ${RAW_KEY_BYTES} bytes, not ${bytes.length}`);
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX[kind], bytes]), format: "der", type: "spki" });
}

export function privateKeyToPem(key: KeyObject): string {
  return key.export({ format: "pem", type: "pkcs8" }).toString();
}

/** @throws Error when the PEM holds no private key, or one of another kind. */
export function keyPairFromPem(kind: KeyKind, pem: string): KeyPair {
  const privateKey = createPrivateKey(pem);
  if (privateKey.asymmetricKeyType !== kind) throw new TypeError(`Expected a ${kind} key, found ${String(privateKey.asymmetricKeyType)}`);
  return { kind, privateKey, publicKey: rawPublicKey(privateKey) };
}

export function publicKeyToPem(kind: KeyKind, raw: string): string {
  return publicKeyFromRaw(kind, raw).export({ format: "pem", type: "spki" }).toString();
}

/** Raw base64 of a public key in PEM. @throws Error when it is not one, or of another kind. */
export function publicKeyFromPem(kind: KeyKind, pem: string): string {
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== kind) throw new TypeError(`Expected a ${kind} key, found ${String(key.asymmetricKeyType)}`);
  return rawPublicKey(key);
}

/** First 16 hex digits of the SHA-256 of the raw public key. */
export function keyId(rawPublicKeyBase64: string): string {
  return createHash("sha256").update(Buffer.from(rawPublicKeyBase64, "base64")).digest("hex").slice(0, 16);
}

/** Of a private key, remembered: deriving the public half costs more than a signature. */
const keyIds = new WeakMap<KeyObject, string>();
export function keyIdOf(privateKey: KeyObject): string {
  const known = keyIds.get(privateKey);
  if (known !== undefined) return known;
  const id = keyId(rawPublicKey(privateKey));
  keyIds.set(privateKey, id);
  return id;
}

/** Ed25519 over the UTF-8 bytes of `text`, base64. */
export function signText(text: string, privateKey: KeyObject): string {
  return sign(null, Buffer.from(text, "utf8"), privateKey).toString("base64");
}

/** Keys that were used last: parsing one costs as much as a verification. A few peers say most of what is verified; a fleet's own keys pass through. */
const parsedKeys = new Map<string, KeyObject>();
const PARSED_KEYS = 1_000;
function verifyingKey(raw: string): KeyObject {
  const known = parsedKeys.get(raw);
  const key = known ?? publicKeyFromRaw("ed25519", raw);
  // The one used last is the last to go.
  parsedKeys.delete(raw);
  parsedKeys.set(raw, key);
  if (parsedKeys.size > PARSED_KEYS) {
    const oldest = parsedKeys.keys().next();
    if (oldest.done !== true) parsedKeys.delete(oldest.value);
  }
  return key;
}

/** False for a wrong signature and for anything that is not a signature or a key. */
export function verifyText(text: string, signature: string, rawPublicKeyBase64: string): boolean {
  try {
    return verify(null, Buffer.from(text, "utf8"), verifyingKey(rawPublicKeyBase64), Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}

/** `verifyText` on another thread: where thousands prove themselves at once, the event loop is for those who are in already. */
export function verifyTextAside(text: string, signature: string, rawPublicKeyBase64: string): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const key = verifyingKey(rawPublicKeyBase64);
      verify(null, Buffer.from(text, "utf8"), key, Buffer.from(signature, "base64"), (error, right) => resolve(error === null && right));
    } catch {
      resolve(false);
    }
  });
}
