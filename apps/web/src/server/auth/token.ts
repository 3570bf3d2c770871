import { createHash, randomBytes } from "node:crypto";

/** 256 random bits for a link that somebody is given once; only `hashToken` of it is kept. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** SHA-256 in hex. The token is random enough to need no salt and no slow hash. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
