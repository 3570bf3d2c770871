import { CandidateKind, type PeerPath, PeerReason } from "@indium/contract/direct";
import { newId } from "@indium/contract/plain/ids";
import { expect, it } from "vitest";
import type { Locale } from "@/lib/i18n/locale";
import { translatorFor } from "@/lib/i18n/testing";
import { pairWords } from "./pair-words";

const joined = { name: "lab-2", onOverlay: { here: true, there: true } };
const said = (path: Partial<PeerPath> | null, locale: Locale = "en", pair = joined) =>
  pairWords(
    pair,
    path === null
      ? null
      : {
          ...{ hostId: newId("host"), state: "relayed", reason: "unanswered", via: null, since: 1, lastHandshakeAt: null, heardAt: 1 },
          ...{ roundTripMs: 12, ...path },
        },
    translatorFor("hosts.pairs", locale),
  );
const direct = (kind: CandidateKind | null) => ({ state: "direct", reason: "direct", via: { kind, endpoint: "10.0.0.2:4000" } }) as const;

it("says that it is direct, and where the other host answers", () => {
  expect(said(direct("lan"))).toEqual({
    way: "Direct",
    tone: "good",
    active: false,
    why: "At the other host's own address, 10.0.0.2:4000.",
  });
});

it("says why the relay carries it, and whose NAT is in the way", () => {
  expect(said({ reason: "natThere" })).toMatchObject({ way: "Through the relay", why: expect.stringContaining("in front of lab-2") });
  expect(said({ state: "probing", reason: "probing" })).toMatchObject({ way: "Through the relay", active: true });
});

it("does not say that the relay carries what nobody answers", () => {
  expect(said({ roundTripMs: null })).toMatchObject({ way: "No answer", tone: "warn", why: expect.stringContaining("same relay") });
  expect(said({ state: "probing", reason: "probing", roundTripMs: null })).toMatchObject({ way: "Being tried", active: true });
});

it("says who has not joined the overlay, when neither says anything", () => {
  const why = (here: boolean, there: boolean) => said(null, "en", { name: "lab-2", onOverlay: { here, there } }).why;
  expect([why(false, true), why(true, false), why(false, false), why(true, true)]).toEqual([
    "This host is not on the WireGuard overlay.",
    "lab-2 is not on the WireGuard overlay.",
    "Neither of the two is on the WireGuard overlay.",
    "Neither of the two says anything of it now.",
  ]);
});

it("has words for every reason and every candidate, in every language", () => {
  for (const locale of ["en", "de"] as const) {
    for (const reason of PeerReason.options) expect(said({ reason }, locale).why).toMatch(/\.$/);
    for (const kind of [...CandidateKind.options, null]) expect(said(direct(kind), locale).why).toContain("10.0.0.2:4000");
  }
});
