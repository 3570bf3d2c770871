import { type HostPath, PathReason } from "@indium/contract/overlay";
import { expect, it } from "vitest";
import { pathSentence } from "./path-sentence";

const SILENT: HostPath = { kind: "websocket", reason: "silent", detail: null, roundTripMs: 12.34, overlayHeardAt: null };

it("says the way, its round trip, and why it is not the better one", () => {
  expect(pathSentence({ ...SILENT, kind: "overlay", reason: "healthy" })).toBe("WireGuard overlay, 12.3 ms");
  expect(pathSentence(SILENT)).toBe("websocket, 12.3 ms; UDP to the relay seems to be blocked");
  expect(pathSentence({ ...SILENT, reason: "hostOff", detail: "no nft" })).toBe(
    "websocket, 12.3 ms; this host cannot use the WireGuard overlay; no nft",
  );
  for (const reason of PathReason.options) expect(pathSentence({ ...SILENT, reason })).not.toContain("undefined");
});

it("says what becomes of WireGuard meanwhile", () => {
  const carried = (carrier: HostPath["carrier"]) => pathSentence({ ...SILENT, carrier });
  expect(carried({ state: "carrying", detail: null, roundTripMs: 2 })).toBe(
    "websocket, 12.3 ms; UDP to the relay seems to be blocked; WireGuard inside websocket for paired hosts, 2.0 ms",
  );
  expect(carried({ state: "opening", detail: null, roundTripMs: null })).toContain("is being tried");
  expect(carried({ state: "failed", detail: "no.", roundTripMs: null })).toMatch(/failed: no\.$/);
});
