import { signEnvelope } from "@indium/tunnel/envelope";
import { RelayBook } from "../../apps/agent/src/link/relay-book";
import { parsed, type Target } from "../target";
import { fixedKeyPair, HOST, NOW } from "./honest";
import { isAppError } from "./signed";

/** What a relay tells an agent of the other relays. */
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

export const RELAY_TARGETS: readonly Target[] = [relayListTarget];
