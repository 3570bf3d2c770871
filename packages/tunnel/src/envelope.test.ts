import { AppError } from "@indium/contract/errors";
import { describe, expect, it } from "vitest";
import { openEnvelope, signEnvelope } from "./envelope";
import { generateSigningKeyPair, keyId, keyPairFromPem, privateKeyToPem, publicKeyFromPem, publicKeyToPem } from "./keys";
import type { Schema } from "./schema";

const centre = generateSigningKeyPair();
const other = generateSigningKeyPair();
const schema: Schema<{ host: string }> = {
  safeParse: (value) =>
    typeof value === "object" && value !== null && "host" in value && typeof value.host === "string"
      ? { success: true, data: { host: value.host } }
      : { success: false, error: { issues: [{ path: ["host"], message: "is missing" }] } },
};
const options = { purpose: "command", publicKeys: [centre.publicKey], schema } as const;
const codeOf = (act: () => unknown): string => {
  try {
    act();
    return "nothing thrown";
  } catch (thrown) {
    return thrown instanceof AppError ? thrown.code : `not an AppError: ${String(thrown)}`;
  }
};

describe("signed envelopes", () => {
  const envelope = signEnvelope("command", { host: "h-1" }, centre.privateKey);

  it("open with the signer's key and survive JSON", () => {
    expect(openEnvelope(JSON.parse(JSON.stringify(envelope)), options)).toEqual({ host: "h-1" });
    expect(envelope.keyId).toBe(keyId(centre.publicKey));
  });

  it("are refused when the payload, the purpose or the signature was changed, or the key is not trusted", () => {
    expect(codeOf(() => openEnvelope({ ...envelope, payload: '{"host":"h-2"}' }, options))).toBe("signature_invalid");
    expect(codeOf(() => openEnvelope({ ...envelope, purpose: "console-ticket" }, { ...options, purpose: "console-ticket" }))).toBe(
      "signature_invalid",
    );
    expect(codeOf(() => openEnvelope(envelope, { ...options, purpose: "desired-document" }))).toBe("signature_invalid");
    expect(codeOf(() => openEnvelope({ ...envelope, signature: "AAAA" }, options))).toBe("signature_invalid");
    expect(codeOf(() => openEnvelope(signEnvelope("command", { host: "h-1" }, other.privateKey), options))).toBe("signature_invalid");
    expect(
      codeOf(() => openEnvelope({ ...signEnvelope("command", { host: "h" }, other.privateKey), keyId: envelope.keyId }, options)),
    ).toBe("signature_invalid");
  });

  it("are refused when they are not envelopes at all", () => {
    for (const garbage of [null, 3, "x", {}, [], { ...envelope, keyId: "nonsense" }]) {
      expect(codeOf(() => openEnvelope(garbage, options))).toBe("signature_invalid");
    }
  });

  it("say bad_request for a rightly signed payload of another shape", () => {
    expect(codeOf(() => openEnvelope(signEnvelope("command", { hst: 1 }, centre.privateKey), options))).toBe("bad_request");
  });
});

describe("keys", () => {
  it("come back from PEM the same", () => {
    const again = keyPairFromPem("ed25519", privateKeyToPem(centre.privateKey));
    expect(again.publicKey).toBe(centre.publicKey);
    expect(publicKeyFromPem("ed25519", publicKeyToPem("ed25519", centre.publicKey))).toBe(centre.publicKey);
    expect(() => keyPairFromPem("x25519", privateKeyToPem(centre.privateKey))).toThrow("Expected a x25519 key");
  });
});
