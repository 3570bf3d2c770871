import { generateSigningKeyPair } from "@indium/tunnel/keys";
import { describe, expect, it } from "vitest";
import { judgeLinkNonce, makeLinkNonce } from "./link-nonces";
import { signerOf } from "./signing";

const signer = signerOf(generateSigningKeyPair());
const NOW = 1_800_000_000_000;
const parts = { relayName: "rome", publicKey: generateSigningKeyPair().publicKey, linkEpoch: 7 };

describe("a link's nonce", () => {
  const nonce = makeLinkNonce(signer, parts, NOW);

  it("is good for its relay, its key and its epoch, for 30 s", () => {
    expect(Buffer.from(nonce, "base64")).toHaveLength(32);
    expect(judgeLinkNonce(signer, parts, nonce, NOW + 30_000)).toBe("good");
    expect(judgeLinkNonce(signer, parts, nonce, NOW + 30_001)).toBe("old");
    expect(judgeLinkNonce(signer, parts, nonce, NOW - 30_001)).toBe("old");
  });

  it("is worth nothing at another relay, for another key, after another link, or at another centre", () => {
    for (const other of [{ relayName: "oslo" }, { publicKey: generateSigningKeyPair().publicKey }, { linkEpoch: 8 }])
      expect(judgeLinkNonce(signer, { ...parts, ...other }, nonce, NOW), JSON.stringify(other)).toBe("crossed");
    expect(judgeLinkNonce(signerOf(generateSigningKeyPair()), parts, nonce, NOW)).toBe("crossed");
  });

  it("cannot be made up, nor given more time", () => {
    const later = Buffer.from(nonce, "base64");
    later.writeBigUInt64BE(BigInt(NOW + 60_000));
    expect(judgeLinkNonce(signer, parts, later.toString("base64"), NOW + 60_000)).toBe("crossed");
    for (const forged of [Buffer.alloc(32).toString("base64"), "", "AAAA"])
      expect(judgeLinkNonce(signer, parts, forged, NOW + 60_000)).toBe("old");
  });
});
