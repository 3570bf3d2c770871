import type { RelayCertificate } from "@indium/contract/link";
import { signEnvelope } from "@indium/tunnel/envelope";
import { generateSigningKeyPair, type KeyPair, signText, verifyText } from "@indium/tunnel/keys";
import { describe, expect, it } from "vitest";
import { AgentHandshake } from "./handshake";
import { RedialRules } from "./redial-rules";

const centre = generateSigningKeyPair();
const relay = generateSigningKeyPair();
const host = generateSigningKeyPair();
const NOW = 1_000;
const nonce = Buffer.alloc(32, 3).toString("base64");
const make = () => new AgentHandshake({ keys: host, centrePublicKey: centre.publicKey, agentVersion: "1" });
const challenge = (
  handshake: AgentHandshake,
  change: { signer?: KeyPair; key?: KeyPair; agentNonce?: string; expiresAt?: number } = {},
) => {
  const certificate: RelayCertificate = { relayName: "rome", publicKey: relay.publicKey, expiresAt: change.expiresAt ?? NOW + 1 };
  return {
    certificate: signEnvelope("relay-certificate", certificate, (change.signer ?? centre).privateKey),
    nonce,
    relaySignature: signText(
      `indium:link-relay\nrome\n${change.agentNonce ?? handshake.hello.agentNonce}\n${nonce}`,
      (change.key ?? relay).privateKey,
    ),
  };
};

describe("the agent's handshake", () => {
  it("proves the host to a certified relay, bound to its name and both nonces", () => {
    const handshake = make();
    const { proof, relayName } = handshake.answer(challenge(handshake), NOW);
    expect(relayName).toBe("rome");
    expect(verifyText(`indium:link-host\nrome\n${nonce}\n${handshake.hello.agentNonce}`, proof.signature, host.publicKey)).toBe(true);
    expect(make().hello.agentNonce).not.toBe(handshake.hello.agentNonce);
  });

  it("signs nothing for a relay of another centre, an expired one, one without its key, or one replaying an old challenge", () => {
    const handshake = make();
    const answer = (change: Parameters<typeof challenge>[1]) => () => handshake.answer(challenge(handshake, change), NOW);
    expect(answer({ signer: generateSigningKeyPair() })).toThrow("does not trust");
    expect(answer({ expiresAt: NOW })).toThrow("expired");
    expect(answer({ key: generateSigningKeyPair() })).toThrow("pretends");
    expect(answer({ agentNonce: Buffer.alloc(32).toString("base64") })).toThrow("pretends");
    expect(() => handshake.answer({ nonce }, NOW)).toThrow("malformed");
  });
});

describe("dialling again", () => {
  it("backs off while nothing holds, starts anew after a steady link, and waits minutes after a final refusal", () => {
    const rules = new RedialRules(() => 0.5);
    expect([rules.afterLoss(0), rules.afterLoss(0), rules.afterLoss(0)]).toEqual([500, 1_000, 2_000]);
    expect(rules.afterLoss(1_000)).toBe(4_000);
    expect(rules.afterLoss(60_000)).toBe(500);
    expect(rules.afterRefusal(false)).toBe(300_000);
    expect(rules.afterRefusal(true)).toBe(1_000);
  });
});
