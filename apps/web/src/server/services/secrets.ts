import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { AppError } from "@indium/contract/errors";

/**
 * Secrets at rest: AES-256-GCM, the id of the key in the ciphertext, so that keys rotate. The first key of the ring
 * encrypts; all of them decrypt. `context` (which record the secret belongs to) is bound as additional data, so that a
 * ciphertext copied into another row does not open.
 *
 * Text form: `v1.<key id>.<base64url of nonce, tag and ciphertext>`.
 */
export interface SecretKeyring {
  readonly current: SecretKey;
  readonly byId: ReadonlyMap<string, SecretKey>;
}
interface SecretKey {
  readonly id: string;
  readonly key: Buffer;
}

/** `text` holds one key or several, newest first, separated by commas or line ends; each is 32 bytes in hex or base64. */
export function parseKeyring(text: string): SecretKeyring {
  const keys = text
    .split(/[\s,]+/)
    .filter((part) => part !== "")
    .map((part): SecretKey => {
      const key = /^[0-9a-f]{64}$/i.test(part) ? Buffer.from(part, "hex") : Buffer.from(part, "base64");
      if (key.length !== 32)
        throw new AppError("internal", "INDIUM_SECRET_KEY must be 32 bytes, as 64 hex digits or in base64. Restore it from your backup.");
      return { id: createHash("sha256").update("indium:secret-key\n").update(key).digest("hex").slice(0, 8), key };
    });
  const [current] = keys;
  if (current === undefined) throw new AppError("internal", "INDIUM_SECRET_KEY is empty. Restore it from your backup.");
  return { current, byId: new Map(keys.map((key) => [key.id, key])) };
}

export const newSecretKey = (): string => randomBytes(32).toString("hex");

export function encryptSecret(ring: SecretKeyring, plaintext: string, context: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", ring.current.key, nonce);
  cipher.setAAD(Buffer.from(context, "utf8"));
  const ciphertext = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
  return `v1.${ring.current.id}.${Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString("base64url")}`;
}

/** @throws AppError `internal` when the key is not in the ring or the text was changed or moved. */
export function decryptSecret(ring: SecretKeyring, text: string, context: string): string {
  const [version, keyId, body] = text.split(".");
  const key = keyId === undefined ? undefined : ring.byId.get(keyId);
  if (version !== "v1" || key === undefined || body === undefined)
    throw new AppError("internal", "A stored secret cannot be opened: its key is missing. Restore keys/secret.key from your backup.", {
      internal: `key ${keyId ?? "(none)"} for ${context}`,
    });
  const bytes = Buffer.from(body, "base64url");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key.key, bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(context, "utf8"));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new AppError("internal", "A stored secret cannot be opened: it was changed or belongs elsewhere.", { internal: context, cause });
  }
}

/** True when a newer key should encrypt it again. */
export const isOutdated = (ring: SecretKeyring, text: string): boolean => text.split(".")[1] !== ring.current.id;
