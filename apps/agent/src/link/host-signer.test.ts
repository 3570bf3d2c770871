import { SignedUsage } from "@indium/contract/host";
import type { LinkClaim } from "@indium/contract/link";
import { newId } from "@indium/contract/plain/ids";
import { type ReportAck, SignedReports } from "@indium/contract/report";
import { openEnvelope, signEnvelope } from "@indium/tunnel/envelope";
import { generateSigningKeyPair } from "@indium/tunnel/keys";
import { describe, expect, it } from "vitest";
import { HostSigner } from "./host-signer";

const centre = generateSigningKeyPair();
const keys = generateSigningKeyPair();
const claim: LinkClaim = { hostId: newId("host"), relayName: "rome", linkEpoch: 4, agentNonce: Buffer.alloc(32).toString("base64") };
const ledgerId = newId("ledger");
const signer = () => new HostSigner({ keys, centrePublicKey: centre.publicKey, claim });
const usage = {
  at: 1,
  cpuFraction: 0,
  memoryUsedBytes: 0,
  storageUsedBytes: 0,
  networkReceivedBytesPerSecond: 0,
  networkSentBytesPerSecond: 0,
  instances: [],
};

describe("what a host says over a link", () => {
  it("is signed by it, for this link and no other purpose", () => {
    const body = { kind: "host.event" as const, level: "info" as const, code: "x", message: "x" };
    const reports = signer().reports({ ledgerId, items: [{ seq: 3, at: 1, body }] });
    const options = { purpose: "host-report", publicKeys: [keys.publicKey], schema: SignedReports } as const;
    expect(openEnvelope(reports, options)).toMatchObject({ hostId: claim.hostId, linkEpoch: 4, ledgerId, items: [{ seq: 3 }] });
    expect(() => openEnvelope({ ...reports, purpose: "host-usage" }, { ...options, purpose: "host-usage" })).toThrow("does not match");
    expect(() => openEnvelope({ ...reports, payload: reports.payload.replace('"seq":3', '"seq":4') }, options)).toThrow("does not match");
  });

  it("numbers the samples of a link", () => {
    const one = signer();
    const numbers = [usage, usage].map((sample) => {
      const options = { purpose: "host-usage", publicKeys: [keys.publicKey], schema: SignedUsage } as const;
      return openEnvelope(one.usage(sample), options).number;
    });
    expect(numbers).toEqual([1, 2]);
  });
});

describe("an acknowledgement", () => {
  const ack = (change: Partial<ReportAck> = {}, key = centre) =>
    signEnvelope("report-ack", { hostId: claim.hostId, linkEpoch: 4, ledgerId, ackedSeq: 9, ...change }, key.privateKey);

  it("is the centre's, for this host, this link and this ledger", () => {
    expect(signer().openAck(ack(), ledgerId).ackedSeq).toBe(9);
    expect(() => signer().openAck(ack({}, generateSigningKeyPair()), ledgerId)).toThrow("does not trust");
    expect(() => signer().openAck({ ackedSeq: 9 }, ledgerId)).toThrow("Not a signed report-ack");
    for (const change of [{ hostId: newId("host") }, { linkEpoch: 3 }, { ledgerId: newId("ledger") }])
      expect(() => signer().openAck(ack(change), ledgerId), JSON.stringify(change)).toThrow("something else");
  });
});
