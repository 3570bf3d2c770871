import { createHmac, hkdfSync, type KeyObject, timingSafeEqual } from "node:crypto";
import type { Signer } from "./signing";

/**
 * The nonce a host signs to link: 8 bytes of time, 24 of an HMAC under a key that only the centre can derive. It is kept nowhere, so that
 * asking for one costs and changes nothing, and every replica of web knows every other's. The HMAC covers the host's present link epoch,
 * which each link raises: a nonce serves one link, and none after another has been made. Only the centre's clock matters.
 */
const TTL_MS = 30_000;
const TIME_BYTES = 8;
const MAC_BYTES = 24;

export interface LinkNonceParts {
  readonly relayName: string;
  /** Raw base64. */
  readonly publicKey: string;
  /** The host's, before the link. */
  readonly linkEpoch: number;
}

const keys = new WeakMap<KeyObject, Buffer>();
function keyOf(signer: Signer): Buffer {
  const { privateKey } = signer.keyPair;
  const known = keys.get(privateKey);
  if (known !== undefined) return known;
  const key = Buffer.from(hkdfSync("sha256", privateKey.export({ format: "der", type: "pkcs8" }), "", "indium:link-nonce:1", 32));
  keys.set(privateKey, key);
  return key;
}

function mac(signer: Signer, parts: LinkNonceParts, time: Buffer): Buffer {
  const text = `indium:link-nonce\n${parts.relayName}\n${parts.publicKey}\n${parts.linkEpoch}\n${time.toString("hex")}`;
  return createHmac("sha256", keyOf(signer)).update(text).digest().subarray(0, MAC_BYTES);
}

/** 32 bytes, base64. */
export function makeLinkNonce(signer: Signer, parts: LinkNonceParts, nowMs: number): string {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(nowMs));
  return Buffer.concat([time, mac(signer, parts, time)]).toString("base64");
}

/**
 * `good`: made by this centre for this relay, this key and this epoch within the last 30 s. `crossed`: of now, but not for these; two links
 * of one host that cross end like this. `old`: of another time, which no handshake takes.
 */
export function judgeLinkNonce(signer: Signer, parts: LinkNonceParts, nonce: string, nowMs: number): "good" | "crossed" | "old" {
  const bytes = Buffer.from(nonce, "base64");
  if (bytes.length !== TIME_BYTES + MAC_BYTES) return "old";
  const time = bytes.subarray(0, TIME_BYTES);
  // Both ways: another replica's clock may be a little ahead.
  if (Math.abs(nowMs - Number(time.readBigUInt64BE())) > TTL_MS) return "old";
  return timingSafeEqual(bytes.subarray(TIME_BYTES), mac(signer, parts, time)) ? "good" : "crossed";
}
