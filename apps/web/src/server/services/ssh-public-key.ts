import { createHash } from "node:crypto";
import { AppError } from "@indium/contract/errors";

/**
 * OpenSSH public keys, one line as in `id_ed25519.pub`: type, base64 blob, comment. The blob is read as RFC 4253 (section 6.6),
 * RFC 5656, RFC 8709 and OpenSSH's PROTOCOL.u2f lay it out, so that what guests get is a key and nothing else.
 */
export interface SshPublicKey {
  /** Type, blob and comment, with single spaces. */
  readonly line: string;
  readonly comment: string;
  /** As `ssh-keygen -l` prints it: `SHA256:` and unpadded base64. */
  readonly fingerprint: string;
}

const CURVE_POINT_BYTES = { "ecdsa-sha2-nistp256": 65, "ecdsa-sha2-nistp384": 97, "ecdsa-sha2-nistp521": 133 } as const;

const refuse = (message: string) => new AppError("bad_request", message, { field: "publicKey" });

/** @throws AppError `bad_request` on the field `publicKey`, saying what is wrong with it. */
export function parseSshPublicKey(given: string): SshPublicKey {
  const text = given.trim();
  if (/-----BEGIN|PuTTY-User-Key-File/.test(text))
    throw refuse(
      "This is not a public key line; it may be your private key, which never leaves your machine. Paste the file that ends in .pub.",
    );
  if (/[\r\n]/.test(text)) throw refuse("Paste one key on one line; add each further key on its own.");
  const match = /^([a-z0-9@.-]+) +([A-Za-z0-9+/]+={0,2})(?: +(.*))?$/.exec(text);
  const [, type, base64, rest = ""] = match ?? [];
  if (type === undefined || base64 === undefined)
    throw refuse("This is not an OpenSSH public key. It begins with ssh-ed25519, ssh-rsa or ecdsa-sha2-…, without options before it.");
  const blob = Buffer.from(base64, "base64");
  checkBlob(type, blob);
  // Control characters would reach terminals and authorized_keys.
  const comment = rest
    .replace(/[^\x20-\x7e\u00a0-\uffff]/g, "")
    .trim()
    .slice(0, 200);
  const canonical = blob.toString("base64");
  return {
    line: comment === "" ? `${type} ${canonical}` : `${type} ${canonical} ${comment}`,
    comment,
    fingerprint: fingerprint(blob),
  };
}

const fingerprint = (blob: Buffer): string => `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;

/** Of a line that was parsed before. */
export const fingerprintOf = (line: string): string => fingerprint(Buffer.from(line.split(" ")[1] ?? "", "base64"));

function checkBlob(type: string, blob: Buffer): void {
  const fields = readStrings(blob);
  const broken = refuse("The key is cut off or damaged. Copy the whole line again.");
  if (fields === null || fields[0]?.toString("latin1") !== type) throw broken;
  const lengths = fields.slice(1).map((field) => field.length);
  switch (type) {
    case "ssh-ed25519":
      if (lengths.length !== 1 || lengths[0] !== 32) throw broken;
      return;
    case "sk-ssh-ed25519@openssh.com":
      if (lengths.length !== 2 || lengths[0] !== 32) throw broken;
      return;
    case "ecdsa-sha2-nistp256":
    case "ecdsa-sha2-nistp384":
    case "ecdsa-sha2-nistp521":
      if (lengths.length !== 2 || fields[1]?.toString("latin1") !== type.slice(11) || lengths[1] !== CURVE_POINT_BYTES[type]) throw broken;
      return;
    case "sk-ecdsa-sha2-nistp256@openssh.com":
      if (lengths.length !== 3 || fields[1]?.toString("latin1") !== "nistp256" || lengths[1] !== 65) throw broken;
      return;
    case "ssh-rsa": {
      if (lengths.length !== 2) throw broken;
      const modulus = fields[2] ?? Buffer.alloc(0);
      const bits = bitLength(modulus);
      if (bits < 2_048) throw refuse(`This RSA key has ${bits} bits; guests refuse fewer than 2048. Make a new one: ssh-keygen -t ed25519`);
      if (bits > 16_384) throw broken;
      return;
    }
    case "ssh-dss":
      throw refuse("DSA keys are no longer accepted by guests. Make a new one: ssh-keygen -t ed25519");
    default:
      throw refuse(`Keys of the type ${type.slice(0, 60)} are not supported. Use ssh-ed25519, ssh-rsa or ecdsa-sha2-nistp256.`);
  }
}

/** The blob as a sequence of length-prefixed strings; null when it is not exactly that. */
function readStrings(blob: Buffer): Buffer[] | null {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < blob.length) {
    if (at + 4 > blob.length) return null;
    const length = blob.readUInt32BE(at);
    if (at + 4 + length > blob.length) return null;
    fields.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}

/** Of an mpint: a leading zero byte only keeps it positive. */
function bitLength(mpint: Buffer): number {
  const start = mpint.findIndex((byte) => byte !== 0);
  if (start < 0) return 0;
  return (mpint.length - start) * 8 - Math.clz32(mpint[start] ?? 0) + 24;
}
