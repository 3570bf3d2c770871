import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { Turnstile } from "@indium/tunnel/turnstile";
import type { Refusals } from "../refusals";
import { RemoteAddresses } from "../remote-address";
import { HandshakeLimiter } from "./handshake-limiter";

/** A hello and a proof have less than one; socket.io's own framing is nothing beside it. */
const MAX_BYTES_BEFORE_PROOF = 64 * 1024;
const HELLO_MS = 10_000;
/** For the words that say why; ws itself would wait 30 s for the other side to close. */
const FAREWELL_MS = 2_000;
/** Agents give up a dial after 15 s: they hear of it before. Those that can dial another relay instead go after 8 s by themselves. */
const WAIT_MS = 12_000;
/** Beside those who wait before the door, for whom nothing is kept but their connection. */
const MAX_INSIDE = 1_000;
/** Of a fleet that comes back together: those inside are few, so that what all of them cause at the same moment is little; who is silent keeps nobody out for long. */
const ENTERING = { turnMs: 8, atOnce: 64, patienceMs: 500 };

interface Waiting {
  /** Until it is let in, until the hello, then none, then until the refusal was read. */
  timer: NodeJS.Timeout | undefined;
  readonly done: () => void;
}

/** Settings that tests change. */
export interface DoorOptions {
  readonly addresses?: RemoteAddresses;
  readonly limiter?: HandshakeLimiter;
  readonly turnstile?: Turnstile;
  readonly maxInside?: number;
  readonly waitMs?: number;
}

/**
 * What bounds those who want to link and have proved nothing yet: in number from their upgrade on, not from their hello on, because one who never
 * says it holds a connection too; in bytes, because a message may be megabytes once a host has proved itself; and in time at either end of the
 * handshake, whose own steps have their limits.
 *
 *   admit ──▶ waits outside ──its turn──▶ waits for the hello ──greet──▶ proves itself ──pass──▶ (a link, not ours any more)
 *     │ no room    │ 12 s                          │ 10 s                        │ turnAway
 *     ▼            ▼                               ▼                             ▼ 2 s
 *   refused      refused                          cut                           cut
 *
 * A fleet that comes back at once waits outside, where each is a connection whose upgrade has not been answered, instead of dialling in vain. Who
 * says anything while it waits is cut: nothing is read for it, and no agent does.
 *
 * Invariant: each one admitted is counted until it passes, is refused or its connection is closed, and then once given back.
 */
export class Door {
  readonly #limiter: HandshakeLimiter;
  readonly #addresses: RemoteAddresses;
  readonly #refusals: Refusals;
  readonly #turnstile: Turnstile;
  readonly #maxInside: number;
  readonly #waitMs: number;
  readonly #inside = new Map<Socket, Waiting>();
  /** Whose turn it was while there was no room inside, and who came after them. */
  readonly #full = new Set<() => void>();
  #outside = 0;

  constructor(refusals: Refusals, options: DoorOptions = {}) {
    this.#refusals = refusals;
    this.#addresses = options.addresses ?? new RemoteAddresses();
    this.#limiter = options.limiter ?? new HandshakeLimiter();
    this.#turnstile = options.turnstile ?? new Turnstile(ENTERING);
    this.#maxInside = options.maxInside ?? MAX_INSIDE;
    this.#waitMs = options.waitMs ?? WAIT_MS;
  }

  /** How many have proved nothing yet. */
  get waiting(): number {
    return this.#inside.size + this.#outside;
  }

  /** Who really sent it. */
  addressOf(request: IncomingMessage): string {
    return this.#addresses.of(request);
  }

  /** `answer` is called once, within WAIT_MS, with false when there is no room; never when the other side has gone meanwhile. */
  admit(request: IncomingMessage, answer: (isRoom: boolean) => void): void {
    const { socket } = request;
    const leave = this.#limiter.enter(this.addressOf(request));
    if (leave === null) {
      this.#refusals.count("link_limit");
      answer(false);
      return;
    }
    this.#outside += 1;
    let waits = true;
    const stopWaiting = (): void => {
      waits = false;
      this.#outside -= 1;
      clearTimeout(late);
      // Whoever has gone leaves nothing behind, however long it stays full.
      this.#full.delete(enter);
      socket.off("readable", gone);
      socket.off("close", gone);
    };
    const gone = (): void => {
      stopWaiting();
      leave();
      socket.destroy();
    };
    const refused = (): void => {
      stopWaiting();
      leave();
      this.#refusals.count("link_limit");
      answer(false);
    };
    const late = setTimeout(refused, this.#waitMs);
    // Its end, too, or a byte that nobody asked for.
    socket.once("readable", gone);
    socket.once("close", gone);
    const enter = (): void => {
      if (waits && this.#inside.size < this.#maxInside) {
        stopWaiting();
        this.#enter(socket, leave);
        // A moment later: a stream forgets only then that it was read by `readable`, and before would not flow for the websocket.
        setImmediate(() => {
          if (this.#inside.has(socket)) answer(true);
        });
        return;
      }
      this.#turnstile.through();
      if (waits) this.#full.add(enter);
      else this.#callNext();
    };
    if (this.#full.size > 0) this.#full.add(enter);
    else this.#turnstile.pass(enter);
  }

  #callNext(): void {
    const next = this.#full.values().next();
    if (next.done === true) return;
    this.#full.delete(next.value);
    this.#turnstile.pass(next.value);
  }

  #enter(socket: Socket, leave: () => void): void {
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
      if (this.#inside.delete(socket)) {
        this.#turnstile.through();
        this.#callNext();
      }
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
    // Later than the answer: a listener makes a stream flow, and the websocket's own is not there yet.
    setImmediate(() => {
      setImmediate(() => {
        if (this.#inside.has(socket)) socket.on("data", count);
      });
    });
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
