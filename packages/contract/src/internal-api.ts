import { z } from "zod";
import { ConsoleEndCode, ConsoleMode } from "./console";
import { PublicKey, SignedEnvelope } from "./envelope";
import { WireError } from "./errors";
import { MAX_USAGE_CHARACTERS } from "./host";
import { HostId, InstanceId, ShareId } from "./ids";
import { OverlayAddress, OverlayPrefix, UdpEndpoint } from "./overlay";
import { PublicOrigin } from "./relays";

/**
 * What a relay asks of web's internal API, over plain HTTP on a private listener: POST /internal/<name>, JSON, every request
 * and every response signed (packages/tunnel `signed-http`). Answers are `{ok: true, result}` or `{ok: false, error}`. What a relay says
 * of a host is believed where the host or the centre itself has signed it (docs/protocol.md, "Who trusts what").
 */
const fence = { hostId: HostId, linkEpoch: z.number().int().min(1) };

/** A `host-usage` envelope of bounded size. */
export const UsageEnvelope = SignedEnvelope.extend({ payload: z.string().max(MAX_USAGE_CHARACTERS) });

export const internalApi = {
  /** At the relay's start and every hour: registers its addresses and gets its certificate. `name` is unique per relay. */
  registerRelay: {
    input: z.object({
      name: z.string().max(100),
      publicKey: PublicKey,
      rpcUrl: z.url(),
      /** Where hosts and browsers reach it. Absent: where they reach web. */
      publicUrl: PublicOrigin.optional(),
      startedAt: z.number().int(),
      /** Its WireGuard key and where hosts reach it by UDP. Absent: it has no overlay. */
      overlay: z.object({ publicKey: PublicKey, endpoint: UdpEndpoint }).optional(),
    }),
    output: z.object({
      certificate: SignedEnvelope,
      centrePublicKey: PublicKey,
      overlay: z.object({ prefix: OverlayPrefix, address: OverlayAddress }).optional(),
    }),
  },
  /** Before the challenge: the nonce that a host of this key is to sign. Says nothing about whether there is one. */
  linkNonce: {
    input: z.object({ relayName: z.string().max(100), publicKey: PublicKey }),
    output: z.object({ nonce: z.base64().length(44) }),
  },
  /** After the challenge, with the host's own proof (LinkProof): claims the host for this relay and raises its link epoch. */
  connectHost: {
    input: z.object({
      relayName: z.string().max(100),
      publicKey: PublicKey,
      protocol: z.number().int(),
      agentVersion: z.string().max(50),
      remoteAddress: z.string().max(100),
      nonce: z.base64().length(44),
      agentNonce: z.base64().length(44),
      signature: z.base64().max(128),
    }),
    /** `claim`: a `link-claim` envelope, for the agent. */
    output: z.object({ hostId: HostId, linkEpoch: z.number().int().min(1), claim: SignedEnvelope }),
  },
  /** After a standby's challenge: whether the host may stand by at this relay. Nothing is written, and its proof (of another text) claims nothing. */
  standbyHost: {
    input: z.object({
      relayName: z.string().max(100),
      publicKey: PublicKey,
      protocol: z.number().int(),
      agentVersion: z.string().max(50),
      nonce: z.base64().length(44),
      agentNonce: z.base64().length(44),
      signature: z.base64().max(128),
    }),
    output: z.object({ hostId: HostId }),
  },
  /** Ignored unless relay and epoch still hold the host. */
  disconnectHost: { input: z.object(fence), output: z.object({}) },
  /**
   * Every 5 s, without hosts too: this relay is there, and takes links unless it is `draining`. Extends the leases, and answers which of them
   * this relay no longer holds, so that it drops them.
   */
  renewLeases: {
    input: z.object({
      relayName: z.string().max(100),
      hosts: z.array(z.object(fence)).max(20_000),
      draining: z.boolean().optional(),
      /** Of the list of relays that it has. */
      relaysRevision: z.string().max(64).optional(),
      /** Hosts that stand by there. */
      standbys: z.array(HostId).max(20_000).optional(),
    }),
    /** `overlayRevision` changes with the pairs of hosts: `overlayPairs` has them. `relays`: a `relay-list` envelope for agents, when the relay has another. `removed`: those of the standbys that are hosts no more. */
    output: z.object({
      lost: z.array(HostId),
      overlayRevision: z.number().int().min(0).optional(),
      relays: z.object({ revision: z.string().max(64), list: SignedEnvelope }).optional(),
      removed: z.array(HostId).optional(),
    }),
  },
  /** `offer`: an `overlay-offer` envelope of the host. `grant`: an `overlay-grant` envelope, for the agent. */
  joinOverlay: {
    input: z.object({ ...fence, offer: SignedEnvelope }),
    output: z.object({ publicKey: PublicKey, address: OverlayAddress, grant: SignedEnvelope }),
  },
  /** All pairs of hosts that may reach each other through relays. */
  overlayPairs: {
    input: z.object({}),
    output: z.object({ revision: z.number().int().min(0), pairs: z.array(z.tuple([OverlayAddress, OverlayAddress])).max(100_000) }),
  },
  /** `reports`: a `host-report` envelope as the host signed it. `ack`: a `report-ack` envelope, for the agent. */
  ingestReports: { input: z.object({ ...fence, reports: SignedEnvelope }), output: z.object({ ack: SignedEnvelope }) },
  ingestUsage: { input: z.object({ samples: z.array(z.object({ ...fence, usage: UsageEnvelope })).max(20_000) }), output: z.object({}) },
  /** A console stream began or ended, for the audit log. `ticket` as the centre signed it: each relay speaks of its own tickets only. */
  consoleEvent: {
    input: z.object({
      ticket: SignedEnvelope,
      event: z.enum(["opened", "closed", "refused"]),
      reason: z.string().max(300).nullable(),
      bytesOut: z.number().int().min(0),
    }),
    output: z.object({}),
  },
} as const;
export type InternalApiName = keyof typeof internalApi;

/** What web asks of a relay: POST <rpcUrl>/<name>, signed by the centre's key. */
export const relayApi = {
  /** One reverse tRPC call. `input` is superjson-serialized; `result` likewise. Refused when the epoch is not the link's. */
  call: {
    input: z.object({
      ...fence,
      type: z.enum(["query", "mutation"]),
      path: z.string().max(100),
      input: z.unknown(),
      timeoutMs: z.number().int().min(100).max(120_000),
    }),
    output: z.discriminatedUnion("ok", [
      z.object({ ok: z.literal(true), result: z.unknown() }),
      z.object({ ok: z.literal(false), error: z.unknown() }),
    ]),
  },
  /** Revocation and the like: drop this host's link now. */
  dropHost: { input: z.object({ hostId: HostId, reason: z.string().max(200) }), output: z.object({}) },
  /** End the open console streams that fit all of what is given (an instance, a user or a link at least), and their unused tickets. */
  endStreams: {
    input: z.object({
      instanceId: InstanceId.optional(),
      userId: z.string().max(40).optional(),
      shareId: ShareId.optional(),
      mode: ConsoleMode.optional(),
      reason: z.string().max(200),
      code: ConsoleEndCode.optional(),
    }),
    output: z.object({ ended: z.number().int() }),
  },
} as const;
export type RelayApiName = keyof typeof relayApi;

export const InternalReply = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), error: WireError }),
]);
export type InternalReply = z.infer<typeof InternalReply>;
