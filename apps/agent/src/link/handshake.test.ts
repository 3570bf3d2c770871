import type { LinkClaim, RelayCertificate } from "@indium/contract/link";
import { newId } from "@indium/contract/plain/ids";
import { signEnvelope } from "@indium/tunnel/envelope";
import { generateSigningKeyPair, type KeyPair } from "@indium/tunnel/keys";
import { signRelayProof, verifyHostProof } from "@indium/tunnel/link-proof";
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
    relaySignature: signRelayProof(
      { relayName: "rome", agentNonce: change.agentNonce ?? handshake.hello.agentNonce, nonce },
      (change.key ?? relay).privateKey,
    ),
  };
};

describe("a standby's handshake", () => {
  const standby = () => new AgentHandshake({ keys: host, centrePublicKey: centre.publicKey, agentVersion: "1", standby: true });

  it("proves nothing that a link is made of, and the other way round", () => {
    for (const [handshake, use, other] of [
      [standby(), "standby", "host"],
      [make(), "host", "standby"],
    ] as const) {
      const { proof, relayName } = handshake.answer({ ...challenge(handshake), standby: true }, NOW);
      const parts = { ...handshake.hello, relayName, nonce };
      expect(verifyHostProof(parts, proof.signature, host.publicKey, use)).toBe(true);
      expect(verifyHostProof(parts, proof.signature, host.publicKey, other)).toBe(false);
    }
  });

  it("tells a relay of before by its challenge, and proves nothing to it", () => {
    const handshake = standby();
    expect(() => handshake.answer(challenge(handshake), NOW)).toThrow(expect.objectContaining({ code: "unsupported" }));
  });
});

describe("the agent's handshake", () => {
  it("proves the host to a certified relay, bound to its name and both nonces", () => {
    const handshake = make();
    const { proof, relayName } = handshake.answer(challenge(handshake), NOW);
    expect(relayName).toBe("rome");
    const parts = { ...handshake.hello, relayName, nonce };
    expect(verifyHostProof(parts, proof.signature, host.publicKey)).toBe(true);
    for (const other of [{ relayName: "oslo" }, { nonce: "" }, { agentNonce: "" }, { protocol: 9 }, { agentVersion: "2" }])
      expect(verifyHostProof({ ...parts, ...other }, proof.signature, host.publicKey), JSON.stringify(other)).toBe(false);
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

describe("the word that a link is up", () => {
  it("is the centre's, for this connection, and not the relay's", () => {
    const handshake = make();
    const claim: LinkClaim = { hostId: newId("host"), relayName: "rome", linkEpoch: 3, agentNonce: handshake.hello.agentNonce };
    const ready = (change: Partial<LinkClaim> = {}, key = centre) => ({
      claim: signEnvelope("link-claim", { ...claim, ...change }, key.privateKey),
    });
    expect(handshake.ready(ready(), "rome")).toEqual(claim);
    expect(() => handshake.ready(ready({}, relay), "rome")).toThrow("does not trust");
    expect(() => handshake.ready(ready({ relayName: "oslo" }), "rome")).toThrow("another connection");
    expect(() => handshake.ready(ready({ agentNonce: make().hello.agentNonce }), "rome")).toThrow("another connection");
    expect(() => handshake.ready({ hostId: claim.hostId, linkEpoch: 9 }, "rome")).toThrow("malformed");
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
