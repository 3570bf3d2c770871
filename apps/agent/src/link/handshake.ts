import { randomBytes } from "node:crypto";
import { AppError } from "@indium/contract/errors";
import { LinkChallenge, LinkClaim, type LinkHello, type LinkProof, LinkReady, RelayCertificate } from "@indium/contract/link";
import { PROTOCOL_VERSION } from "@indium/contract/protocol";
import { openEnvelope } from "@indium/tunnel/envelope";
import type { KeyPair } from "@indium/tunnel/keys";
import { signHostProof, verifyRelayProof } from "@indium/tunnel/link-proof";

/** The agent's half of the handshake in contract/link.ts, for one link or one standby; a standby's promotion is a handshake of its own. */
export class AgentHandshake {
  readonly hello: LinkHello;
  readonly #keys: KeyPair;
  readonly #centrePublicKey: string;

  constructor(options: { keys: KeyPair; centrePublicKey: string; agentVersion: string; standby?: boolean }) {
    this.#keys = options.keys;
    this.#centrePublicKey = options.centrePublicKey;
    this.hello = {
      protocol: PROTOCOL_VERSION,
      agentVersion: options.agentVersion,
      publicKey: options.keys.publicKey,
      agentNonce: randomBytes(32).toString("base64"),
      ...(options.standby === true ? { standby: true } : {}),
    };
  }

  /**
   * Verifies that the other side is a relay of the pinned centre and proves this host to it.
   * @throws AppError `signature_invalid` for a relay the centre did not certify, `bad_request` for garbage, `unsupported` for a relay of before, which
   *   would take a standby for the host's link.
   */
  answer(raw: unknown, now: number): { proof: LinkProof; relayName: string } {
    const challenge = LinkChallenge.safeParse(raw);
    if (!challenge.success) throw new AppError("bad_request", "The relay's challenge is malformed.");
    const { certificate, nonce, relaySignature } = challenge.data;
    const relay = openEnvelope(certificate, {
      purpose: "relay-certificate",
      publicKeys: [this.#centrePublicKey],
      schema: RelayCertificate,
    });
    if (relay.expiresAt <= now) {
      throw new AppError(
        "signature_invalid",
        `The certificate of the relay ${relay.relayName} has expired, or this host's clock is wrong.`,
      );
    }
    const { agentNonce, protocol, agentVersion } = this.hello;
    const { relayName } = relay;
    if (!verifyRelayProof({ relayName, agentNonce, nonce }, relaySignature, relay.publicKey)) {
      throw new AppError("signature_invalid", `Something pretends to be the relay ${relay.relayName}: it does not hold that relay's key.`);
    }
    const standby = this.hello.standby === true;
    if (standby && challenge.data.standby !== true)
      throw new AppError("unsupported", `The relay ${relayName} is of before there were standbys.`);
    const parts = { relayName, nonce, agentNonce, protocol, agentVersion };
    const signature = signHostProof(parts, this.#keys.privateKey, standby ? "standby" : "host");
    return { proof: { signature }, relayName };
  }

  /**
   * The centre's claim in a `link:ready`: made for this connection, through the relay that was answered.
   * @throws AppError `signature_invalid`, `forbidden` or `bad_request`.
   */
  ready(raw: unknown, relayName: string): LinkClaim {
    const ready = LinkReady.safeParse(raw);
    if (!ready.success) throw new AppError("bad_request", "The relay's word that the link is up is malformed.");
    const claim = openEnvelope(ready.data.claim, { purpose: "link-claim", publicKeys: [this.#centrePublicKey], schema: LinkClaim });
    if (claim.relayName !== relayName || claim.agentNonce !== this.hello.agentNonce)
      throw new AppError("forbidden", "The relay shows a claim that the centre made for another connection.");
    return claim;
  }
}
