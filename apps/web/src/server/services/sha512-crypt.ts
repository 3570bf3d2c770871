import { createHash, randomBytes } from "node:crypto";

/**
 * SHA-512-crypt (`$6$`), as every Linux guest's /etc/shadow reads it. Written after Ulrich Drepper's "Unix crypt using SHA-256
 * and SHA-512" (version 0.6); the numbered comments are its steps. The default of 5,000 rounds is what `chpasswd` makes.
 */
const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DEFAULT_ROUNDS = 5_000;

export function sha512Crypt(password: string, salt: string = randomSalt(), rounds?: number): string {
  const key = Buffer.from(password, "utf8");
  const usedSalt = salt.slice(0, 16);
  const saltBytes = Buffer.from(usedSalt, "utf8");
  const usedRounds = rounds === undefined ? DEFAULT_ROUNDS : Math.min(999_999_999, Math.max(1_000, rounds));

  // Steps 4–8: digest B. 9–12: digest A, fed with as many bytes of B as the key is long, then by the bits of the key's length.
  const b = createHash("sha512").update(key).update(saltBytes).update(key).digest();
  const aHash = createHash("sha512").update(key).update(saltBytes).update(repeatTo(b, key.length));
  for (let bits = key.length; bits > 0; bits >>= 1) aHash.update(bits & 1 ? b : key);
  let digest: Buffer = aHash.digest();

  // 13–16: the P sequence.
  const dpHash = createHash("sha512");
  for (let index = 0; index < key.length; index++) dpHash.update(key);
  const p = repeatTo(dpHash.digest(), key.length);

  // 17–20: the S sequence.
  const dsHash = createHash("sha512");
  for (let index = 0; index < 16 + (digest[0] ?? 0); index++) dsHash.update(saltBytes);
  const s = repeatTo(dsHash.digest(), saltBytes.length);

  // 21: the rounds.
  for (let round = 0; round < usedRounds; round++) {
    const hash = createHash("sha512");
    hash.update(round & 1 ? p : digest);
    if (round % 3 !== 0) hash.update(s);
    if (round % 7 !== 0) hash.update(p);
    hash.update(round & 1 ? digest : p);
    digest = hash.digest();
  }
  return `$6$${rounds === undefined ? "" : `rounds=${usedRounds}$`}${usedSalt}$${encode(digest)}`;
}

function randomSalt(): string {
  return Array.from(randomBytes(16), (byte) => ALPHABET[byte & 63]).join("");
}

function repeatTo(block: Buffer, length: number): Buffer {
  const out = Buffer.alloc(length);
  for (let at = 0; at < length; at += block.length) block.copy(out, at, 0, Math.min(block.length, length - at));
  return out;
}

/** 22: groups of three bytes, in an order that walks 0,21,42 → 22,43,1 → 44,2,23 → …, six bits at a time, least first. */
function encode(digest: Buffer): string {
  let text = "";
  const put = (high: number, middle: number, low: number, characters: number) => {
    let word = ((digest[high] ?? 0) << 16) | ((digest[middle] ?? 0) << 8) | (digest[low] ?? 0);
    for (let index = 0; index < characters; index++) {
      text += ALPHABET[word & 63];
      word >>= 6;
    }
  };
  for (let group = 0; group < 21; group++) {
    const trio = [group, group + 21, group + 42] as const;
    if (group % 3 === 0) put(trio[0], trio[1], trio[2], 4);
    else if (group % 3 === 1) put(trio[1], trio[2], trio[0], 4);
    else put(trio[2], trio[0], trio[1], 4);
  }
  let last = digest[63] ?? 0;
  for (let index = 0; index < 2; index++) {
    text += ALPHABET[last & 63];
    last >>= 6;
  }
  return text;
}
