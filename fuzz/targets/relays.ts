import { signEnvelope } from "@indium/tunnel/envelope";
import { RelayBook } from "../../apps/agent/src/link/relay-book";
import { retryAfterMs } from "../../apps/agent/src/link/retry-after";
import { parsed, type Target } from "../target";
import { fixedKeyPair, HOST, NOW } from "./honest";
import { isAppError } from "./signed";

/** What an agent is told of other relays, and of when to come back. */
const CENTRE = fixedKeyPair("ed25519", 1);
const HONEST = [
  { name: "rome", url: "https://rome.example:7780" },
  { name: "oslo", url: "https://oslo.example" },
];
const ORIGIN = "https://indium.example";
const membership = {
  ...{ formatVersion: 1 as const, hostId: HOST, centrePublicKey: CENTRE.publicKey },
  ...{ relayUrls: [ORIGIN], origin: ORIGIN, tlsPin: null },
};

const relayListTarget: Target = {
  name: "relay-list",
  seeds: [{ json: signEnvelope("relay-list", { issuedAt: NOW, relays: HONEST }, CENTRE.privateKey) }],
  run: (input) => {
    const book = new RelayBook({ membership });
    try {
      book.learn(parsed(input));
    } catch (thrown) {
      if (!isAppError(thrown)) throw thrown;
    }
    return book.relays;
  },
  check: (value) => {
    const text = JSON.stringify(value);
    return text === "[]" || text === JSON.stringify(HONEST) ? null : "believed a list that the centre did not sign";
  },
};

const retryAfterTarget: Target = {
  name: "retry-after",
  seeds: [{ bytes: "10" }, { bytes: "Sun, 22 Nov 2026 12:00:30 GMT" }],
  run: (input) => retryAfterMs(input.toString("latin1"), NOW),
  check: (value) => (value === null || (Number(value) >= 0 && Number(value) <= 600_000) ? null : `waits for ${String(value)} ms`),
};

export const RELAY_TARGETS: readonly Target[] = [relayListTarget, retryAfterTarget];
