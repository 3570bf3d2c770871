import type { Server, Socket } from "node:net";

/**
 * Lets so many in per turn of the event loop, in order. When thousands come at the same moment, what each costs (a TLS handshake, an upgrade, their
 * signatures) is spread over many turns, and whoever is inside already is served in between.
 */
export class Turnstile {
  readonly #perTurn: number;
  readonly #waiting: (() => void)[] = [];
  #left: number;
  #turning = false;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
    this.#left = perTurn;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Calls `enter` now if this turn has room, else in a later one. */
  pass(enter: () => void): void {
    if (this.#left > 0 && this.#waiting.length === 0) {
      this.#left -= 1;
      enter();
    } else this.#waiting.push(enter);
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#left = this.#perTurn;
    const entering = this.#waiting.splice(0, this.#perTurn);
    this.#left -= entering.length;
    // Before they enter: one that throws must not leave the others standing.
    this.#turning = entering.length > 0;
    if (this.#turning) setImmediate(() => this.#turn());
    for (const enter of entering) enter();
  }
}

/** A server's new connections go through a turnstile before the server itself looks at them. `admits` false: it has taken the socket over, or ended it. */
export function pace(server: Server, turnstile: Turnstile, admits: (socket: Socket) => boolean = () => true): void {
  const listeners = server.listeners("connection");
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    // One that is reset while it waits must not end the process.
    socket.on("error", () => {});
    if (!admits(socket)) return;
    turnstile.pass(() => {
      if (!socket.destroyed) for (const listener of listeners) listener.call(server, socket);
    });
  });
}
