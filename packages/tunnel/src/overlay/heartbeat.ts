/**
 * Heartbeats in the tunnel: one UDP datagram each way. The agent asks every few seconds and the relay answers at once, so that either side knows by
 * what it read, and not by what it wrote, that the tunnel carries.
 *
 *   byte 0      version (1)         1      kind: 1 ask, 2 answer
 *   2..10       stamp: the sender's, echoed in the answer
 *   10..18      echo: the stamp of the last datagram received from the other side, 0 for none
 *   18..22      held: ms between that one's arrival and this one's sending (RFC 3550 section 6.4.1 measures round trips so)
 *
 * Stamps are opaque to the other side: ms of a clock of the sender's own that only grows.
 */
export interface Heartbeat {
  readonly kind: "ask" | "answer";
  readonly stampMs: number;
  readonly echoMs: number;
  readonly heldMs: number;
}

export const HEARTBEAT_BYTES = 22;
const VERSION = 1;
const KINDS = ["ask", "answer"] as const;
/** Microseconds on the wire: a round trip within one machine is a fraction of a millisecond. */
const PER_MS = 1_000;

export function encodeHeartbeat(heartbeat: Heartbeat): Buffer {
  const bytes = Buffer.alloc(HEARTBEAT_BYTES);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeUInt8(KINDS.indexOf(heartbeat.kind) + 1, 1);
  bytes.writeBigUInt64BE(BigInt(Math.max(0, Math.round(heartbeat.stampMs * PER_MS))), 2);
  bytes.writeBigUInt64BE(BigInt(Math.max(0, Math.round(heartbeat.echoMs * PER_MS))), 10);
  bytes.writeUInt32BE(Math.min(0xffff_ffff, Math.max(0, Math.round(heartbeat.heldMs * PER_MS))), 18);
  return bytes;
}

/** Null for anything else. */
export function decodeHeartbeat(bytes: Buffer): Heartbeat | null {
  if (bytes.length !== HEARTBEAT_BYTES || bytes.readUInt8(0) !== VERSION) return null;
  const kind = KINDS[bytes.readUInt8(1) - 1];
  const stamp = bytes.readBigUInt64BE(2);
  const echo = bytes.readBigUInt64BE(10);
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  if (kind === undefined || stamp > limit || echo > limit) return null;
  return { kind, stampMs: Number(stamp) / PER_MS, echoMs: Number(echo) / PER_MS, heldMs: bytes.readUInt32BE(18) / PER_MS };
}

/** The round trip that a heartbeat proves, ms; null when it echoes nothing, or what was never sent. */
export function roundTripOf({ echoMs, heldMs }: Heartbeat, nowMs: number): number | null {
  if (echoMs === 0) return null;
  const roundTrip = nowMs - echoMs - heldMs;
  return roundTrip >= -1 && roundTrip < 600_000 ? Math.max(0, roundTrip) : null;
}
