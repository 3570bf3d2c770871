import { z } from "zod";
import { ConsoleEndCode } from "./console";
import { PublicKey, SignedEnvelope } from "./envelope";
import { WireError } from "./errors";
import { HostId, StreamId } from "./ids";
import type { OverlayCarryAnswer, OverlayJoinAnswer } from "./overlay";

/**
 * The control link's handshake over socket.io (websocket transport only). See docs/protocol.md.
 *
 *   agent → relay   auth payload of the connect: LinkHello
 *   relay → agent   "link:challenge" LinkChallenge     (ack: LinkProof)
 *   relay → agent   "link:ready" LinkReady  |  "link:refused" LinkRefused and a disconnect
 *
 * With `standby` in the hello the third message is "link:standby", and the proof is one that links nothing. Later:
 *
 *   agent → relay   "link:promote" LinkPromote, and the handshake from the challenge on, for a link like any other
 */
export const LinkHello = z.object({
  protocol: z.number().int(),
  agentVersion: z.string().max(50),
  publicKey: PublicKey,
  agentNonce: z.base64().length(44),
  /** This link takes the place of one that still holds: calls under way move to it. Unsigned: it is about this host's own links only. */
  moving: z.boolean().optional(),
  /** Not a link yet: kept ready for when the host's link, on another relay, is lost. A relay of before does not say `standby` in its challenge. */
  standby: z.boolean().optional(),
});
export type LinkHello = z.infer<typeof LinkHello>;

/** Payload of the centre's `relay-certificate` envelope. */
export const RelayCertificate = z.object({ relayName: z.string().max(100), publicKey: PublicKey, expiresAt: z.number().int() });
export type RelayCertificate = z.infer<typeof RelayCertificate>;

export const LinkChallenge = z.object({
  certificate: SignedEnvelope,
  /** The centre's, for this host's key, this relay and the host's present epoch. */
  nonce: z.base64().length(44),
  /** The relay's signature over `indium:link-relay\n<relayName>\n<agentNonce>\n<nonce>`. */
  relaySignature: z.base64().max(128),
  /** The relay has understood that this is to be a standby. */
  standby: z.boolean().optional(),
});
export type LinkChallenge = z.infer<typeof LinkChallenge>;

/** The host key's signature over `indium:link-host\n<relayName>\n<nonce>\n<agentNonce>\n<protocol>\n<agentVersion>`; of a standby `indium:link-standby\n…`. */
export const LinkProof = z.object({ signature: z.base64().max(128) });
export type LinkProof = z.infer<typeof LinkProof>;

/** Payload of the centre's `link-claim` envelope: this relay holds this host from this epoch on. `agentNonce` is the hello's. */
export const LinkClaim = z.object({
  hostId: HostId,
  relayName: z.string().max(100),
  linkEpoch: z.number().int().min(1),
  agentNonce: z.base64().length(44),
});
export type LinkClaim = z.infer<typeof LinkClaim>;

/** `claim` is signed by the centre: that a link is up, and under which epoch, is not the relay's word. */
export const LinkReady = z.object({ claim: SignedEnvelope });
export type LinkReady = z.infer<typeof LinkReady>;

/** `retry: false` (revoked, unknown key, unsupported protocol) makes the agent slow down to one try in five minutes. */
export const LinkRefused = z.object({
  error: WireError,
  retry: z.boolean(),
  /** This relay wants to be left alone for so long; another may be dialled at once. Agents of before go by their own backoff. */
  retryAfterMs: z.number().int().min(0).max(600_000).optional(),
});
export type LinkRefused = z.infer<typeof LinkRefused>;

/** agent → relay, by a standby: it shall be the host's link now. `agentNonce` is a new one. */
export const LinkPromote = z.object({ agentNonce: z.base64().length(44) });
export type LinkPromote = z.infer<typeof LinkPromote>;

/** relay → agent: dial back `/relay/stream/<streamId>` and serve the websocket that arrives there. */
export const StreamOpen = z.object({ streamId: StreamId, ticket: SignedEnvelope });
export type StreamOpen = z.infer<typeof StreamOpen>;

/** relay → agent: end these open streams now (revoked user, deleted share). */
export const StreamClose = z.object({
  streamId: StreamId,
  reason: z.string().max(200),
  /** The viewer's close code; an agent of before says `endedByAdministrator`. */
  code: ConsoleEndCode.optional(),
});

/** Reverse tRPC. `id` is the caller's. The router runs on the agent. */
export const RpcRequest = z.object({
  id: z.number().int().positive(),
  type: z.enum(["query", "mutation", "subscription"]),
  path: z.string().regex(/^[a-zA-Z0-9.]{1,100}$/),
  input: z.unknown(),
  /** The same when the call is sent again over a link that took the place of another: it is carried out once. Absent from relays of before. */
  key: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
});
export type RpcRequest = z.infer<typeof RpcRequest>;

export interface RelayToAgentEvents {
  "link:challenge": (challenge: LinkChallenge, answer: (proof: LinkProof) => void) => void;
  "link:ready": (ready: LinkReady) => void;
  /** The standby is there. */
  "link:standby": () => void;
  "link:refused": (refused: LinkRefused) => void;
  /** A `relay-list` envelope: after each `link:ready`, and when it has changed. */
  "link:relays": (list: SignedEnvelope) => void;
  /** This relay will end: link to another one, then let this link go. Without another it stays until it is lost. */
  "link:leave": () => void;
  "stream:open": (open: StreamOpen, answer: (result: { ok: true } | { ok: false; error: WireError }) => void) => void;
  "stream:close": (close: z.infer<typeof StreamClose>) => void;
  "trpc:req": (request: RpcRequest) => void;
  "trpc:stop": (id: number) => void;
}

export interface AgentToRelayEvents {
  "trpc:res": (id: number, kind: "data" | "done" | "error", message: unknown, ack?: () => void) => void;
  /** A `host-report` envelope (SignedReports). Acknowledged after the centre's commit, by a `report-ack` envelope. */
  report: (reports: SignedEnvelope, ack: (result: { ok: true; ack: SignedEnvelope } | { ok: false; error: WireError }) => void) => void;
  /** A `host-usage` envelope (SignedUsage). Volatile. `taken` is the relay's word that the centre took it; relays of before say nothing. */
  usage: (usage: SignedEnvelope, taken: () => void) => void;
  /** An `overlay-offer` envelope (OverlayOffer). Relays of before do not answer. */
  "overlay:join": (offer: SignedEnvelope, answer: (answer: OverlayJoinAnswer) => void) => void;
  /** Where the relay's WireGuard sees this host: an endpoint, or null. Relays of before do not answer. */
  "overlay:observed": (answer: (endpoint: string | null) => void) => void;
  /** Asks for a stream that carries this host's WireGuard, because UDP does not pass. Relays of before do not answer. */
  "overlay:carry": (answer: (answer: OverlayCarryAnswer) => void) => void;
  /** Answered at once, for the round-trip time. */
  "link:echo": (answer: () => void) => void;
  "link:promote": (promote: LinkPromote) => void;
}
