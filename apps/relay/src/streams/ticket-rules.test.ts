import type { ConsoleTicket } from "@indium/contract/console";
import { newId } from "@indium/contract/plain/ids";
import { signEnvelope } from "@indium/tunnel/envelope";
import { generateSigningKeyPair } from "@indium/tunnel/keys";
import { NonceCache } from "@indium/tunnel/nonce-cache";
import { describe, expect, it } from "vitest";
import { TicketRefused, takeTicket } from "./ticket-rules";

const centre = generateSigningKeyPair();
const NOW = 1_000_000;
const rules = (change: object = {}) => ({
  relayName: "rome",
  centrePublicKey: centre.publicKey,
  startedAt: NOW - 60_000,
  now: NOW,
  used: new NonceCache(),
  ...change,
});
const text = (change: Partial<ConsoleTicket> = {}, key = centre) => {
  const ticket: ConsoleTicket = {
    id: newId("ticket"),
    instanceId: newId("instance"),
    hostId: newId("host"),
    userId: newId("user"),
    relayName: "rome",
    kind: "vnc",
    mode: "control",
    issuedAt: NOW - 1_000,
    expiresAt: NOW + 29_000,
    ...change,
  };
  return Buffer.from(JSON.stringify(signEnvelope("console-ticket", ticket, key.privateKey))).toString("base64url");
};
const refusal = (ticket: string | null, change: object = {}) => {
  try {
    takeTicket(ticket, rules(change));
    return "taken";
  } catch (thrown) {
    return thrown instanceof TicketRefused ? thrown.code : `not a refusal: ${String(thrown)}`;
  }
};

describe("a console ticket", () => {
  it("is taken when all is right", () => {
    expect(refusal(text())).toBe("taken");
  });

  it("is refused at the very moment it expires, and when it would live longer than 30 s", () => {
    expect(refusal(text({ issuedAt: NOW - 30_000, expiresAt: NOW }))).toBe("token_expired");
    expect(refusal(text({ issuedAt: NOW - 29_999, expiresAt: NOW + 1 }))).toBe("taken");
    expect(refusal(text({ expiresAt: NOW + 29_001 }))).toBe("token_expired");
    expect(refusal(text({ issuedAt: NOW + 20_000, expiresAt: NOW + 30_000 }))).toBe("token_expired");
  });

  it("is refused when it was issued before the relay started, whose memory of used ones began then", () => {
    expect(refusal(text(), { startedAt: NOW })).toBe("token_expired");
  });

  it("is refused for another relay, from another signer, before the centre's key is known, and when it is none", () => {
    expect(refusal(text({ relayName: "oslo" }))).toBe("forbidden");
    expect(refusal(text({}, generateSigningKeyPair()))).toBe("signature_invalid");
    expect(refusal(text(), { centrePublicKey: null })).toBe("forbidden");
    for (const none of [null, "", "%%%", "a".repeat(9_000), Buffer.from("[]").toString("base64url")])
      expect(refusal(none)).toBe("bad_request");
    expect(refusal(text({ hostId: "h-1/../.." as never }))).toBe("signature_invalid");
  });

  it("is taken once, and a refused try does not use it up", () => {
    const used = new NonceCache();
    const ticket = text();
    expect(refusal(ticket, { used, relayName: "oslo" })).toBe("forbidden");
    expect(refusal(ticket, { used })).toBe("taken");
    expect(refusal(ticket, { used })).toBe("token_used");
  });
});
