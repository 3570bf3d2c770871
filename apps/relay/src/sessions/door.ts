import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Refusals } from "../refusals";
import { RemoteAddresses } from "../remote-address";
import { HandshakeLimiter } from "./handshake-limiter";

/** A hello and a proof have less than one; socket.io's own framing is nothing beside it. */
const MAX_BYTES_BEFORE_PROOF = 64 * 1024;
const HELLO_MS = 10_000;
/** For the words that say why; ws itself would wait 30 s for the other side to close. */
const FAREWELL_MS = 2_000;

interface Waiting {
  /** Until the hello, then none, then until the refusal was read. */
  timer: NodeJS.Timeout | undefined;
  readonly done: () => void;
}

/**
 * What bounds those who want to link and have proved nothing yet: in number from their upgrade on, not from their hello on, because one who never
 * says it holds a connection too; in bytes, because a message may be megabytes once a host has proved itself; and in time at either end of the
 * handshake, whose own steps have their limits.
 *
 *   admit ──▶ waits for the hello ──greet──▶ proves itself ──pass──▶ (a link, not ours any more)
 *                    │ 10 s                        │ turnAway
 *                    ▼                             ▼ 2 s
 *                  cut                            cut
 *
 * Invariant: each one admitted is counted until it passes or its connection is closed, and then once given back.
 */
export class Door {
  readonly #limiter: HandshakeLimiter;
  readonly #addresses: RemoteAddresses;
  readonly #refusals: Refusals;
  readonly #inside = new Map<Socket, Waiting>();

  constructor(refusals: Refusals, addresses = new RemoteAddresses(), limiter = new HandshakeLimiter()) {
    this.#refusals = refusals;
    this.#addresses = addresses;
    this.#limiter = limiter;
  }

  /** How many have proved nothing yet. */
  get waiting(): number {
    return this.#inside.size;
  }

  /** Who really sent it. */
  addressOf(request: IncomingMessage): string {
    return this.#addresses.of(request);
  }

  /** False when there is no room. */
  admit(request: IncomingMessage): boolean {
    const { socket } = request;
    const leave = this.#limiter.enter(this.addressOf(request));
    if (leave === null) {
      this.#refusals.count("link_limit");
      return false;
    }
    let bytes = 0;
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= MAX_BYTES_BEFORE_PROOF) return;
      this.#refusals.count("link_bytes");
      socket.destroy();
      done();
    };
    const done = (): void => {
      clearTimeout(this.#inside.get(socket)?.timer);
      this.#inside.delete(socket);
      leave();
      socket.off("data", count);
      socket.off("close", done);
    };
    const timer = setTimeout(() => {
      this.#refusals.count("link_late");
      socket.destroy();
    }, HELLO_MS);
    this.#inside.set(socket, { timer, done });
    socket.once("close", done);
    // A moment later: a listener makes a stream flow, and the websocket's own is not there yet.
    setImmediate(() => {
      if (this.#inside.has(socket)) socket.on("data", count);
    });
    return true;
  }

  /** The hello is here; from now on the handshake keeps the time. */
  greet({ socket }: IncomingMessage): void {
    clearTimeout(this.#inside.get(socket)?.timer);
  }

  /** The host has proved itself. */
  pass({ socket }: IncomingMessage): void {
    this.#inside.get(socket)?.done();
  }

  /** Refused: it may read why, and is counted until it has gone. */
  turnAway({ socket }: IncomingMessage): void {
    const waiting = this.#inside.get(socket);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
  }
}
