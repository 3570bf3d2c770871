import { isIPv6, type Socket } from "node:net";

/** Why the front turned somebody away. */
export const FRONT_REFUSALS = [
  /** No room for one more connection, in all. */
  "connections",
  /** None for one more of that address. */
  "address",
  /** Headers that did not come in time, or a connection that said nothing. */
  "slow_header",
  /** A request's body that came drop by drop. */
  "slow_body",
  /** Not HTTP, or headers too long. */
  "malformed",
  "tls",
] as const;
export type FrontRefusal = (typeof FRONT_REFUSALS)[number];

export interface BoundsOptions {
  /** Connections held at once; links of hosts and open consoles are connections too. */
  readonly connections: number;
  /** Of one IPv4 address, or of one /64 of IPv6. This machine's own are not counted: a proxy may stand there. */
  readonly perAddress: number;
}

export const USUAL_BOUNDS: BoundsOptions = { connections: 25_000, perAddress: 1_000 };

const OWN_ADDRESS = /^(?:127\.|::1$)/;
/** So many of those for whom there is no room may read why; the others are cut. */
const FAREWELLS = 64;
const FAREWELL_MS = 5_000;
/** Above this share connections are no longer kept for a next request. */
const NEARLY_FULL = 0.8;

/**
 * How many connections the front holds, in all and of each address, and what it turned away.
 *
 *   admit ──▶ held ──closed──▶ gone
 *     │ no room
 *     ├──▶ told why (503), cut after 5 s   (FAREWELLS at once)
 *     └──▶ cut
 *
 * Invariant: each one held is counted once, until it is closed.
 */
export class Bounds {
  readonly #options: BoundsOptions;
  readonly #perAddress = new Map<string, number>();
  /** By address and port: over TLS the request's socket is another than the one that was admitted. */
  readonly #leaving = new Set<string>();
  readonly #counts = new Map<FrontRefusal, number>();
  #held = 0;

  constructor(options: BoundsOptions = USUAL_BOUNDS) {
    this.#options = options;
  }

  get held(): number {
    return this.#held;
  }

  get nearlyFull(): boolean {
    return this.#held > this.#options.connections * NEARLY_FULL;
  }

  count(reason: FrontRefusal): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  /** Since the start. */
  get counts(): Readonly<Record<FrontRefusal, number>> {
    return Object.fromEntries(FRONT_REFUSALS.map((reason) => [reason, this.#counts.get(reason) ?? 0])) as Record<FrontRefusal, number>;
  }

  /** A new connection. False: it has been cut. */
  admit(socket: Socket): boolean {
    const address = addressGroup(socket.remoteAddress ?? "");
    const here = this.#perAddress.get(address) ?? 0;
    const full = this.#held >= this.#options.connections ? "connections" : null;
    const refusal = full ?? (here >= this.#options.perAddress && !OWN_ADDRESS.test(address) ? "address" : null);
    if (refusal !== null) return this.#turnAway(socket, refusal);
    this.#held += 1;
    this.#perAddress.set(address, here + 1);
    socket.once("close", () => {
      this.#held -= 1;
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, left);
    });
    return true;
  }

  /** Whether this request's connection is one for which there was no room. */
  isLeaving(socket: Pick<Socket, "remoteAddress" | "remotePort">): boolean {
    return this.#leaving.size > 0 && this.#leaving.has(nameOf(socket));
  }

  #turnAway(socket: Socket, reason: FrontRefusal): boolean {
    this.count(reason);
    if (this.#leaving.size >= FAREWELLS) {
      socket.destroy();
      return false;
    }
    const name = nameOf(socket);
    this.#leaving.add(name);
    const late = setTimeout(() => socket.destroy(), FAREWELL_MS);
    socket.once("close", () => {
      clearTimeout(late);
      this.#leaving.delete(name);
    });
    return true;
  }
}

const nameOf = ({ remoteAddress, remotePort }: Pick<Socket, "remoteAddress" | "remotePort">): string => `${remoteAddress} ${remotePort}`;

/** An IPv4 address by itself; of IPv6 the /64, which one customer has whole. */
export function addressGroup(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, "");
  if (!isIPv6(plain) || plain === "::1") return plain;
  const [before = "", after] = (plain.split("%")[0] ?? "").split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  const gap = after === undefined ? 0 : 8 - head.length - tail.length;
  const whole = [...head, ...Array.from({ length: Math.max(0, gap) }, () => "0"), ...tail];
  return `${whole
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
