import { z } from "zod";
import { PublicKey } from "./envelope";
import { HostId } from "./ids";
import { OverlayAddress } from "./overlay";

/**
 * Direct tunnels between the two hosts of an allowed pair (docs/protocol.md, "Direct tunnels"). Each host tells by its signed reports where it may be
 * reached, the centre tells each by its signed document who the other is, and what comes of it is told with the use.
 */

/** UDP, on each host's overlay address: where the hosts of a pair answer each other's heartbeats. */
export const PEER_HEARTBEAT_PORT = 7787;

export const MAX_CANDIDATES = 8;

/** An address and a port, never a name: no host looks up what another one wrote. */
export const IpEndpoint = z
  .string()
  .max(60)
  .refine((text) => {
    const [, v6, v4, port] = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):([1-9][0-9]{0,4})$/.exec(text) ?? [];
    if (Number(port ?? 65_536) > 65_535) return false;
    return v6 === undefined ? z.ipv4().safeParse(v4).success : z.ipv6().safeParse(v6).success;
  }, "must be <address>:<port>");
export type IpEndpoint = z.infer<typeof IpEndpoint>;

/** In the order in which they are tried: the host's own IPv4 (and local IPv6) addresses, its global IPv6 ones, what its relay sees, what an operator set. */
export const CandidateKind = z.enum(["lan", "ipv6", "observed", "declared"]);
export type CandidateKind = z.infer<typeof CandidateKind>;

export const Candidate = z.object({ kind: CandidateKind, endpoint: IpEndpoint });
export type Candidate = z.infer<typeof Candidate>;

/** What stands between a host and its relay, as far as ports tell: no NAT, one that keeps the port, one that gives each connection another. */
export const NatKind = z.enum(["none", "keepsPorts", "changesPorts"]);
export type NatKind = z.infer<typeof NatKind>;

const reachable = {
  candidates: z.array(Candidate).max(MAX_CANDIDATES),
  /** Null: not known. */
  nat: NatKind.nullable(),
};

/** Where this host may be reached. Told only by hosts that have a pair, and only what they can be reached at now. */
export const OverlayCandidates = z.object({ kind: z.literal("overlay.candidates"), ...reachable });
export type OverlayCandidates = z.infer<typeof OverlayCandidates>;

/** The same as the centre keeps it, and tells it to the other host. */
export const KeptCandidates = z.object(reachable);
export type KeptCandidates = z.infer<typeof KeptCandidates>;

/** In a host's document: another host that it may reach, by the key that host signed for. */
export const DesiredPeer = z.object({
  hostId: HostId,
  /** For logs and events. */
  name: z.string().max(253),
  publicKey: PublicKey,
  address: OverlayAddress,
  ...reachable,
});
export type DesiredPeer = z.infer<typeof DesiredPeer>;

/**
 * Why traffic with the other host takes the way it takes: `direct` all is well · `probing` candidates are being tried · `noCandidates` the other host has
 * told none · `unanswered` none of them answered · `natHere`, `natThere`, `natBoth` none answered, and the NAT in front of this host, the other, or
 * both gives each connection another port · `quiet` a direct way was there and went silent · `noTunnel` this host has no overlay now.
 */
export const PeerReason = z.enum([
  "direct",
  "probing",
  "noCandidates",
  "unanswered",
  "natHere",
  "natThere",
  "natBoth",
  "quiet",
  "noTunnel",
]);
export type PeerReason = z.infer<typeof PeerReason>;

/** By which way a host's traffic with another goes, as this host sees it. Times in ms since the epoch by its clock. */
export const PeerPath = z.object({
  hostId: HostId,
  /** While `probing`, and when `relayed`, traffic goes through the relay. */
  state: z.enum(["relayed", "probing", "direct"]),
  reason: PeerReason,
  /** Where the other host answers, when direct; the kind is null for a place that it has not told. */
  via: z.object({ kind: CandidateKind.nullable(), endpoint: z.string().max(60) }).nullable(),
  /** Since when traffic goes directly, or does not. */
  since: z.number().int().positive(),
  /** Of the direct tunnel; null without one. */
  lastHandshakeAt: z.number().int().positive().nullable(),
  /** When the other host answered last, by whichever way; null for never. */
  heardAt: z.number().int().positive().nullable(),
  /** Ms, of the way that is used. */
  roundTripMs: z.number().min(0).nullable(),
});
export type PeerPath = z.infer<typeof PeerPath>;
