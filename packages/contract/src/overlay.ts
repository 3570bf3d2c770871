import { z } from "zod";
import { PublicKey, SignedEnvelope } from "./envelope";
import { WireError } from "./errors";
import { HostId, StreamId } from "./ids";

/**
 * The WireGuard overlay between hosts and their relay (docs/protocol.md, "Overlay"). Each installation has a ULA /48: relays live in its
 * subnet 1, hosts in its subnet 2, one /128 each, given by the centre.
 */
export const OVERLAY_MTU = 1280;

/** The first three groups of the /48: `fdab:12:3c4d`, without leading zeros. */
export const OverlayPrefix = z.string().regex(/^fd[0-9a-f]{2}(:(0|[1-9a-f][0-9a-f]{0,3})){2}$/);
export type OverlayPrefix = z.infer<typeof OverlayPrefix>;

/** Lower case and compressed, as the kernel and WireGuard print it: addresses are compared as text. */
export const OverlayAddress = z
  .string()
  .regex(/^fd[0-9a-f]{2}(:(0|[1-9a-f][0-9a-f]{0,3})){2}:[12]::[1-9a-f][0-9a-f]{0,3}(:(0|[1-9a-f][0-9a-f]{0,3}))?$/);
export type OverlayAddress = z.infer<typeof OverlayAddress>;

/** `index` from 1, unique among relays and hosts of the installation. */
export function overlayAddress(prefix: OverlayPrefix, kind: "relay" | "host", index: number): OverlayAddress {
  const low = (index & 0xffff).toString(16);
  const high = Math.floor(index / 0x1_0000).toString(16);
  return OverlayAddress.parse(`${prefix}:${kind === "relay" ? 1 : 2}::${high === "0" ? low : `${high}:${low}`}`);
}

/** `relay.example:7785`, `192.0.2.1:7785` or `[2001:db8::1]:7785`. */
export const UdpEndpoint = z.string().regex(/^(\[[0-9a-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253}):[1-9][0-9]{0,4}$/, "must be <host>:<port>");

/** Payload of an `overlay-offer` envelope, which the host signs: its WireGuard key, for one link. */
export const OverlayOffer = z.object({ hostId: HostId, linkEpoch: z.number().int().min(1), publicKey: PublicKey });
export type OverlayOffer = z.infer<typeof OverlayOffer>;

/**
 * Payload of an `overlay-grant` envelope, which the centre signs for the host: who it is on the overlay, and by what key it knows its relay.
 * `publicKey` is the host's own as the centre has it: a relay that put another in its place is found out by the host.
 */
export const OverlayGrant = z.object({
  hostId: HostId,
  linkEpoch: z.number().int().min(1),
  relayName: z.string().max(100),
  publicKey: PublicKey,
  address: OverlayAddress,
  prefix: OverlayPrefix,
  relay: z.object({ publicKey: PublicKey, address: OverlayAddress, endpoint: UdpEndpoint }),
});
export type OverlayGrant = z.infer<typeof OverlayGrant>;

/** The answer to `overlay:join`. The ports are the relay's own, on its overlay address: where it takes links, and where it answers heartbeats. */
const port = z.number().int().min(1).max(65_535);
export const OverlayJoinAnswer = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), grant: SignedEnvelope, linkPort: port, heartbeatPort: port }),
  z.object({ ok: z.literal(false), error: WireError }),
]);
export type OverlayJoinAnswer = z.infer<typeof OverlayJoinAnswer>;

/** The answer to `overlay:carry`: the host may dial `/relay/stream/<streamId>` and send WireGuard's datagrams there, within 15 s and once. */
export const OverlayCarryAnswer = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), streamId: StreamId }),
  z.object({ ok: z.literal(false), error: WireError }),
]);
export type OverlayCarryAnswer = z.infer<typeof OverlayCarryAnswer>;

/**
 * Why a host's traffic takes the way it takes:
 * `healthy` the overlay answers · `trying` it has not answered often enough yet · `silent` it does not answer (UDP is blocked, most likely) ·
 * `unsteady` it answers again, and is waited for · `unlinked` its answer is fine, a link over it did not come up · `sameMachine` host and relay are one
 * machine · `simulated` · `relayOff` the relay has none · `hostOff` this host cannot (detail says why).
 */
export const PathReason = z.enum([
  "healthy",
  "trying",
  "silent",
  "unsteady",
  "unlinked",
  "sameMachine",
  "simulated",
  "relayOff",
  "hostOff",
]);
export type PathReason = z.infer<typeof PathReason>;

/** WireGuard inside the websocket's connection, because UDP does not pass: for what goes between hosts, never for the link. */
export const CarrierPath = z.object({
  /** `opening` it was asked for, or nothing has answered through it yet · `carrying` · `failed` it is tried again; detail says why. */
  state: z.enum(["opening", "carrying", "failed"]),
  detail: z.string().max(300).nullable(),
  roundTripMs: z.number().min(0).nullable(),
});
export type CarrierPath = z.infer<typeof CarrierPath>;

/** By which way a host is linked, as the host itself measures it. Times in ms; `at` since the epoch by the host's clock. */
export const HostPath = z.object({
  kind: z.enum(["overlay", "websocket"]),
  reason: PathReason,
  detail: z.string().max(300).nullable(),
  /** Of the way that is used. */
  roundTripMs: z.number().min(0).nullable(),
  /** When the overlay answered last by UDP; null for never. */
  overlayHeardAt: z.number().int().positive().nullable(),
  /** Absent: nothing needs one, or an agent of before. */
  carrier: CarrierPath.optional(),
});
export type HostPath = z.infer<typeof HostPath>;
