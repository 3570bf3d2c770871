import type { HostPath } from "@indium/contract/overlay";
import { PathReason } from "@indium/contract/overlay";
import { expect, it } from "vitest";
import type { Locale } from "@/lib/i18n/locale";
import { testFormat, translatorFor } from "@/lib/i18n/testing";
import { pathWords, relayWords } from "./path-words";

const NOW = Date.UTC(2026, 0, 1);
const words = (path: Partial<HostPath>, locale: Locale = "en") =>
  pathWords(
    { kind: "websocket", reason: "trying", detail: null, roundTripMs: null, overlayHeardAt: null, ...path },
    translatorFor("hosts.path", locale),
    testFormat(locale),
    NOW,
  );

it("says the way and its round trip, and nothing more when all is well", () => {
  expect(words({ kind: "overlay", reason: "healthy", roundTripMs: 0.42 })).toEqual({ way: "WireGuard overlay, 0.4 ms", why: null });
  expect(words({ kind: "overlay", reason: "healthy", roundTripMs: 0.42 }, "de")).toEqual({ way: "WireGuard-Overlay, 0,4 ms", why: null });
});

it("says why it is not the overlay, with when that answered last", () => {
  expect(words({ reason: "silent", roundTripMs: 12 })).toEqual({
    way: "Websocket, 12 ms",
    why: "UDP to the relay seems to be blocked: the overlay has never answered.",
  });
  expect(words({ reason: "silent", overlayHeardAt: NOW - 180_000 }).why).toContain("answered last 3 minutes ago");
  expect(words({ reason: "relayOff", detail: "no wireguard-go" }).why).toBe("The relay has no WireGuard overlay: no wireguard-go");
});

it("says what becomes of WireGuard where UDP does not pass", () => {
  const carried = (carrier: HostPath["carrier"], locale: Locale = "en") => words({ reason: "silent", carrier }, locale).why;
  expect(carried({ state: "carrying", detail: null, roundTripMs: 2.5 })).toBe(
    "UDP to the relay seems to be blocked: the overlay has never answered. What goes to paired hosts takes WireGuard inside websocket, 2.5 ms.",
  );
  expect(carried({ state: "carrying", detail: null, roundTripMs: 2.5 }, "de")).toMatch(/Websocket, 2,5 ms\.$/);
  for (const state of ["opening", "carrying"] as const)
    expect(carried({ state, detail: null, roundTripMs: null })).toContain("inside websocket is being tried");
  expect(carried({ state: "failed", detail: "The relay is old.", roundTripMs: null })).toMatch(/failed: The relay is old\.$/);
});

it("has words for every reason, in every language", () => {
  for (const locale of ["en", "de"] as const)
    for (const reason of PathReason.options) expect(words({ reason, detail: "x", overlayHeardAt: NOW }, locale).why).not.toBe("");
});

it("says by which relay, and which one stands by where there are several", () => {
  const t = translatorFor("hosts.path", "en");
  expect(relayWords("local", undefined, t)).toBe("by relay local");
  expect(relayWords("local", "local-2", t)).toBe("by relay local; local-2 stands by");
  expect(relayWords("local", null, t)).toBe("by relay local; none stands by just now");
  // Its last word is of before the promotion.
  expect(relayWords("local-2", "local-2", t)).toBe("by relay local-2");
  expect(relayWords("local", "local-2", translatorFor("hosts.path", "de"))).toBe("über Relay local; local-2 steht bereit");
});
