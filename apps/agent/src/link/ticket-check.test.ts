import type { ConsoleTicket } from "@indium/contract/console";
import { newId } from "@indium/contract/plain/ids";
import { signEnvelope } from "@indium/tunnel/envelope";
import { generateSigningKeyPair } from "@indium/tunnel/keys";
import { describe, expect, it } from "vitest";
import { TicketCheck } from "./ticket-check";

const centre = generateSigningKeyPair();
const hostId = newId("host");
const NOW = 10_000_000;
const check = () => new TicketCheck({ hostId, centrePublicKey: centre.publicKey, startedAt: NOW - 3_600_000 });
const ticket = (change: Partial<ConsoleTicket> = {}): ConsoleTicket => ({
  id: newId("ticket"),
  instanceId: newId("instance"),
  hostId,
  userId: newId("user"),
  relayName: "rome",
  kind: "vnc",
  mode: "view",
  issuedAt: NOW,
  expiresAt: NOW + 30_000,
  ...change,
});
const signed = (change: Partial<ConsoleTicket> = {}, signer = centre) => signEnvelope("console-ticket", ticket(change), signer.privateKey);

describe("a console ticket, on the host", () => {
  it("is taken once, with the mode and the instance it names", () => {
    const held = ticket();
    const envelope = signEnvelope("console-ticket", held, centre.privateKey);
    const tickets = check();
    expect(tickets.take(envelope, "rome", NOW)).toEqual(held);
    expect(() => tickets.take(envelope, "rome", NOW + 1)).toThrow(expect.objectContaining({ code: "token_used" }));
    // Also at the end of all tolerance: it is forgotten no sooner than it has expired.
    expect(() => tickets.take(envelope, "rome", NOW + 89_999)).toThrow(expect.objectContaining({ code: "token_used" }));
    expect(() => tickets.take(envelope, "rome", NOW + 90_000)).toThrow(expect.objectContaining({ code: "token_expired" }));
  });

  it.each([
    ["of another host", signed({ hostId: newId("host") }), "forbidden"],
    ["for another relay", signed({ relayName: "milan" }), "forbidden"],
    ["not signed by the centre", signed({}, generateSigningKeyPair()), "signature_invalid"],
    ["whose mode was changed", { ...signed(), payload: JSON.stringify(ticket({ mode: "control" })) }, "signature_invalid"],
    ["that is another signed thing", signEnvelope("command", ticket(), centre.privateKey), "signature_invalid"],
    ["older than this agent", signed({ issuedAt: NOW - 3_700_000, expiresAt: NOW }), "token_expired"],
    ["from the future", signed({ issuedAt: NOW + 60_001, expiresAt: NOW + 90_000 }), "token_expired"],
  ] as const)("%s is refused", (_name, envelope, code) => {
    expect(() => check().take(envelope, "rome", NOW)).toThrow(expect.objectContaining({ code }));
  });

  it("is taken from a centre whose clock is up to a minute off, either way", () => {
    for (const skew of [-59_000, 59_000])
      expect(check().take(signed({ issuedAt: NOW + skew, expiresAt: NOW + skew + 30_000 }), "rome", NOW).mode).toBe("view");
  });
});
