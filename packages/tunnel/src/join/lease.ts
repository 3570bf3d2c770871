import type { Duplex } from "node:stream";
import { CountReader, countRecord, type JoinedBytes, NO_BYTES } from "./wire";

/*
 * The connection of a dial-back between front and relay, once the front has joined the two ends itself:
 *
 *   front ── counts, each second or, when nothing has passed, every 5 s ──▶ relay
 *         ◀── a byte for each that was read ──
 *
 * Invariants: the two ends are joined no longer than the lease is there, whoever ends it and however (closed, reset, 15 s of silence); the relay
 * hears the end with the last counts.
 */

const COUNT_MS = 1_000;
const IDLE_COUNT_MS = 5_000;
/** As of a host's link. */
const SILENCE_MS = 15_000;
/** For the last counts to arrive. */
const FAREWELL_MS = 5_000;
const TAKEN = 0x06;
/** What waits for a peer that reads nothing: a minute's worth, and it has 15 s. */
const MAX_WAITING_BYTES = 1_024;

export interface HeldLease {
  /** Both ends are gone: tells the last counts and gives the lease back. */
  end(): void;
}

/** The front's side. `lost` is called once, unless `end` was before: the relay wants the ends cut, or is gone. */
export function holdLease(relay: Duplex, counts: () => JoinedBytes, lost: () => void): HeldLease {
  let over = false;
  let told = NO_BYTES;
  let toldAt = performance.now();
  let heardAt = toldAt;
  const tell = () => {
    // What a connection says it has written falls when it is closed.
    const { toViewer, toHost } = counts();
    const now = { toViewer: Math.max(told.toViewer, toViewer), toHost: Math.max(told.toHost, toHost) };
    if (!over && now.toViewer === told.toViewer && now.toHost === told.toHost && performance.now() - toldAt < IDLE_COUNT_MS) return;
    told = now;
    toldAt = performance.now();
    if (relay.writable && relay.writableLength < MAX_WAITING_BYTES) relay.write(countRecord(told));
  };
  const lose = () => {
    relay.destroy();
    if (over) return;
    over = true;
    clearInterval(timer);
    lost();
  };
  const timer = setInterval(() => (performance.now() - heardAt > SILENCE_MS ? lose() : tell()), COUNT_MS);
  relay.on("data", (chunk: Buffer) => {
    heardAt = performance.now();
    if (chunk.some((byte) => byte !== TAKEN)) lose();
  });
  for (const event of ["end", "error", "close"]) relay.once(event, lose);
  relay.resume();
  return {
    end: () => {
      if (over) return;
      over = true;
      clearInterval(timer);
      tell();
      relay.end();
      const late = setTimeout(() => relay.destroy(), FAREWELL_MS);
      relay.once("close", () => clearTimeout(late));
    },
  };
}

/** The relay's side, on the connection of the dial-back: destroying it ends the console. `done` is called once, when it is closed. */
export function grantLease(front: Duplex, done: (bytes: JoinedBytes) => void): void {
  const reader = new CountReader();
  let heardAt = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - heardAt > SILENCE_MS) front.destroy();
  }, COUNT_MS);
  front.on("data", (chunk: Buffer) => {
    heardAt = performance.now();
    reader.push(chunk);
    if (front.writable && front.writableLength < MAX_WAITING_BYTES) front.write(Buffer.of(TAKEN));
  });
  front.once("end", () => front.destroy());
  front.once("error", () => front.destroy());
  front.once("close", () => {
    clearInterval(timer);
    done(reader.bytes);
  });
  front.resume();
}
