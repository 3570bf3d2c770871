import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { RELAY_PATHS } from "@indium/contract/protocol";
import { holdLease } from "@indium/tunnel/join/lease";
import { JOIN_HEADER, type JoinOffer, offerText, readAnswer } from "@indium/tunnel/join/wire";
import { splice } from "@indium/tunnel/splice";
import { Held } from "./held";

/*
 * Upgraded connections and what is behind them, byte for byte.
 *
 *   viewer, dial-back ──▶ held: asked, and nothing read on until the relay answers
 *      │ any other upgrade           │ to the dial-back: join it with that viewer    │ anything else
 *      ▼                             ▼                                               ▼
 *   spliced ◀─────────────────────── │ ─────────────────────────────────────────── spliced with the relay
 *                                  joined: the two ends are spliced with each other; the viewer's connection to the relay is closed,
 *                                          the dial-back's is the lease (tunnel/join/lease)
 *
 * Invariants: of a held end the relay has been sent its request and no byte more, so that nothing can be lost or doubled when it is joined; a connection
 * is joined by the relay it was asked of and by no other, because only that one knows its id.
 */

export interface Upstream {
  readonly host: string;
  readonly port: number;
}

/** One of the two ends of a console, which the relay may have this front join. */
export interface JoinableEnd extends JoinOffer {
  readonly kind: "viewer" | "dialBack";
}

interface Leg {
  readonly socket: Socket;
  readonly upstream: Socket;
  /** What the end said too early. */
  readonly said: Held;
  /** What the relay has answered. */
  readonly answered: Held;
}

export class Junction {
  readonly #front = randomBytes(16).toString("hex");
  readonly #viewers = new Map<string, Leg>();

  endOf(url: string): JoinableEnd | null {
    const path = url.split("?")[0] ?? "";
    const kind = path === RELAY_PATHS.console ? "viewer" : path.startsWith(`${RELAY_PATHS.stream}/`) ? "dialBack" : null;
    return kind === null ? null : { kind, front: this.#front, connection: randomBytes(16).toString("hex") };
  }

  /** @returns what the relay is told of it: name, value. */
  static headersOf(end: JoinableEnd | null): readonly string[] {
    return end === null ? [] : [JOIN_HEADER, offerText(end)];
  }

  /** `request`: what goes to `to` first; `head`: what was read of the connection behind it. `carried` is called when the request is on its way. */
  carry(
    socket: Socket,
    to: Upstream,
    { request, head }: { request: Buffer; head: Buffer },
    end: JoinableEnd | null,
    carried: () => void = () => {},
  ): void {
    const upstream = connect({ ...to, noDelay: true });
    upstream.once("error", () => {
      if (upstream.bytesWritten === 0) socket.end("HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      upstream.destroy();
    });
    socket.once("close", () => {
      if (upstream.connecting) upstream.destroy();
    });
    upstream.once("connect", () => {
      if (socket.destroyed) return void upstream.destroy();
      upstream.write(request);
      carried();
      if (end !== null) return this.#hold(socket, upstream, head, end);
      if (head.length > 0) upstream.write(head);
      splice(socket, upstream, () => {});
    });
  }

  #hold(socket: Socket, upstream: Socket, head: Buffer, end: JoinableEnd): void {
    // Whoever leaves before there is an answer leaves for good.
    const said = new Held(socket, { gone: () => this.#leave(end, leg) }, head);
    const answered = new Held(upstream, {
      more: () => (end.kind === "viewer" ? this.#serve(end, leg) : this.#heed(end, leg)),
      gone: () => {
        const rest = answered.bytes;
        this.#release(end, leg);
        socket.end(rest, () => socket.destroy());
        upstream.destroy();
      },
    });
    const leg: Leg = { socket, upstream, said, answered };
    if (end.kind === "viewer") this.#viewers.set(end.connection, leg);
  }

  #heed(end: JoinableEnd, leg: Leg): void {
    const answer = readAnswer(leg.answered.bytes);
    switch (answer.kind) {
      case "more":
        break;
      case "plain":
        this.#serve(end, leg);
        break;
      case "broken":
        this.#leave(end, leg);
        break;
      case "join": {
        const viewer = this.#viewers.get(answer.viewer);
        this.#viewers.delete(answer.viewer);
        if (viewer === undefined) this.#leave(end, leg);
        else joinEnds(viewer, leg, answer.first);
        break;
      }
      default:
        answer satisfies never;
    }
  }

  /** The relay carries it. */
  #serve(end: JoinableEnd, leg: Leg): void {
    this.#release(end, leg);
    splice(leg.socket, leg.upstream, () => {});
    for (const stream of [leg.socket, leg.upstream]) stream.resume();
  }

  #leave(end: JoinableEnd, leg: Leg): void {
    this.#release(end, leg);
    leg.socket.destroy();
    leg.upstream.destroy();
  }

  #release(end: JoinableEnd, leg: Leg): void {
    this.#viewers.delete(end.connection);
    leg.said.giveBack();
    leg.answered.giveBack();
  }
}

/** `first`: what the host is told before the viewer's bytes. */
function joinEnds(viewer: Leg, host: Leg, first: Buffer): void {
  for (const leg of [viewer, host]) {
    leg.said.giveBack();
    leg.answered.drop();
  }
  viewer.upstream.destroy();
  const before = { toViewer: viewer.socket.bytesWritten, toHost: host.socket.bytesWritten };
  const counts = () => ({ toViewer: viewer.socket.bytesWritten - before.toViewer, toHost: host.socket.bytesWritten - before.toHost });
  const lease = holdLease(host.upstream, counts, () => {
    viewer.socket.destroy();
    host.socket.destroy();
  });
  host.socket.write(first);
  splice(host.socket, viewer.socket, () => lease.end());
  for (const { socket } of [viewer, host]) socket.resume();
}
