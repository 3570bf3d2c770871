import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** EC2's session tokens (IMDSv2): asked for by PUT with a life in seconds, good for one NIC, kept by nobody. */
const MAX_TTL_SECONDS = 21_600;

export class SessionTokens {
  /** New at each start of the agent: a client whose token is refused asks for another. */
  readonly #key = randomBytes(32);
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Null when the asked life is not 1 to 21600 seconds. */
  issue(nicId: string, ttlHeader: string | undefined): string | null {
    if (ttlHeader === undefined || !/^[0-9]{1,5}$/.test(ttlHeader)) return null;
    const ttl = Number(ttlHeader);
    if (ttl < 1 || ttl > MAX_TTL_SECONDS) return null;
    const expiry = Buffer.alloc(8);
    expiry.writeBigUInt64BE(BigInt(Math.floor(this.#now()) + ttl * 1_000));
    return Buffer.concat([expiry, this.#sign(nicId, expiry)]).toString("base64url");
  }

  accepts(nicId: string, token: string): boolean {
    const bytes = Buffer.from(token, "base64url");
    if (bytes.length !== 40) return false;
    const expiry = bytes.subarray(0, 8);
    return timingSafeEqual(bytes.subarray(8), this.#sign(nicId, expiry)) && expiry.readBigUInt64BE() > BigInt(Math.floor(this.#now()));
  }

  #sign(nicId: string, expiry: Buffer): Buffer {
    return createHmac("sha256", this.#key).update(nicId).update("\0").update(expiry).digest();
  }
}
