import { createSocket, type Socket } from "node:dgram";
import { decodeHeartbeat, encodeHeartbeat, roundTripOf } from "@indium/tunnel/overlay/heartbeat";

/** A host is taken for healthy when it was heard within this: three heartbeats, as on the control link. */
const HEALTHY_MS = 15_000;

export interface PeerHealth {
  readonly healthy: boolean;
  /** Ms; null before the host echoed anything. */
  readonly roundTripMs: number | null;
}

interface Heard {
  readonly at: number;
  readonly roundTripMs: number | null;
}

/** Answers hosts' heartbeats in the tunnel, and remembers whom it heard when. WireGuard vouches for the senders' addresses. */
export class Heartbeats {
  readonly #socket: Socket;
  readonly #heard = new Map<string, Heard>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("message", (bytes, from) => {
      const now = performance.now();
      const heartbeat = decodeHeartbeat(bytes);
      if (heartbeat?.kind !== "ask") return;
      this.#heard.set(from.address, {
        at: now,
        roundTripMs: roundTripOf(heartbeat, now) ?? this.#heard.get(from.address)?.roundTripMs ?? null,
      });
      const answer = encodeHeartbeat({ kind: "answer", stampMs: now, echoMs: heartbeat.stampMs, heldMs: 0 });
      socket.send(answer, from.port, from.address, () => {});
    });
  }

  static open(address: string, port: number): Promise<Heartbeats> {
    const socket = createSocket("udp6");
    return new Promise((resolve, reject) => {
      socket.once("error", (error) => {
        socket.close();
        reject(error);
      });
      socket.bind(port, address, () => {
        socket.removeAllListeners("error");
        socket.unref();
        resolve(new Heartbeats(socket));
      });
    });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  health(address: string): PeerHealth {
    const heard = this.#heard.get(address);
    return {
      healthy: heard !== undefined && performance.now() - heard.at < HEALTHY_MS,
      roundTripMs: heard?.roundTripMs ?? null,
    };
  }

  forget(address: string): void {
    this.#heard.delete(address);
  }

  /** A datagram that says nothing: WireGuard greets whom it has something for, and an idle host then answers from where it is now. */
  greet(address: string): void {
    this.#socket.send(Buffer.alloc(1), this.port, address, () => {});
  }

  close(): void {
    this.#socket.close();
  }
}
