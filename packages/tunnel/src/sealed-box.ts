import { createCipheriv, createDecipheriv, diffieHellman, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { SealedBox } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import { generateSealingKeyPair, publicKeyFromRaw, rawPublicKey } from "./keys";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The ECDH output is not uniform: HKDF-SHA256 with both public keys as salt (RFC 7748 section 6.1 asks to bind them). */
function boxKey(shared: Buffer, ephemeral: string, recipient: string): Buffer {
  const salt = Buffer.concat([Buffer.from(ephemeral, "base64"), Buffer.from(recipient, "base64")]);
  return Buffer.from(hkdfSync("sha256", shared, salt, "indium:sealed-box:1", KEY_BYTES));
}

/**
 * Seals for the holder of one X25519 key. `context` says whose secret it is (`instance:<id>:password`): the box opens
 * with the same context only.
 */
export function seal(recipientPublicKey: string, plaintext: string | Buffer, context: string): SealedBox {
  const ephemeral = generateSealingKeyPair();
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: publicKeyFromRaw("x25519", recipientPublicKey) });
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", boxKey(shared, ephemeral.publicKey, recipientPublicKey), nonce);
  cipher.setAAD(Buffer.from(context, "utf8"));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return { version: 1, ephemeralKey: ephemeral.publicKey, nonce: nonce.toString("base64"), ciphertext: ciphertext.toString("base64") };
}

/** @throws AppError `signature_invalid` for another recipient, another context, or a changed box. */
export function open(privateKey: KeyObject, box: unknown, context: string): Buffer {
  const refused = () =>
    new AppError("signature_invalid", "A sealed secret could not be opened: it was sealed for another host or use, or changed.");
  const parsed = SealedBox.safeParse(box);
  if (!parsed.success) throw refused();
  const nonce = Buffer.from(parsed.data.nonce, "base64");
  const sealed = Buffer.from(parsed.data.ciphertext, "base64");
  if (nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES) throw refused();
  try {
    const shared = diffieHellman({ privateKey, publicKey: publicKeyFromRaw("x25519", parsed.data.ephemeralKey) });
    const key = boxKey(shared, parsed.data.ephemeralKey, rawPublicKey(privateKey));
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context, "utf8"));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw refused();
  }
}
