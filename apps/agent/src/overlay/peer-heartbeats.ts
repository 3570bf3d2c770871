import { createSocket, type Socket } from "node:dgram";
import { PEER_HEARTBEAT_PORT } from "@indium/contract/direct";
import { AppError } from "@indium/contract/errors";
import { decodeHeartbeat, encodeHeartbeat, roundTripOf } from "@indium/tunnel/overlay/heartbeat";

/**
 * Heartbeats between the hosts of pairs, by whichever way WireGuard sends them: each asks, and answers those it knows. WireGuard and the relay vouch for
 * the senders' addresses. Times by `performance.now()`.
 */
export class PeerHeartbeats {
  readonly #socket: Socket;

  private constructor(socket: Socket, isKnown: (address: string) => boolean, onAnswer: (address: string, roundTripMs: number) => void) {
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("message", (bytes, { address, port }) => {
      const now = performance.now();
      const heartbeat = port === PEER_HEARTBEAT_PORT && isKnown(address) ? decodeHeartbeat(bytes) : null;
      if (heartbeat === null) return;
      if (heartbeat.kind === "ask") return this.#send(address, { kind: "answer", stampMs: now, echoMs: heartbeat.stampMs, heldMs: 0 });
      const roundTripMs = roundTripOf(heartbeat, now);
      if (roundTripMs !== null) onAnswer(address, roundTripMs);
    });
  }

  /** `own`: this host's overlay address. @throws AppError `network_failed`. */
  static open(
    own: string,
    isKnown: (address: string) => boolean,
    onAnswer: (address: string, roundTripMs: number) => void,
  ): Promise<PeerHeartbeats> {
    const socket = createSocket("udp6");
    return new Promise((resolve, reject) => {
      socket.once("error", (cause) => {
        socket.close();
        reject(new AppError("network_failed", `Heartbeats of paired hosts cannot be answered at ${own}: ${cause.message}.`, { cause }));
      });
      socket.bind(PEER_HEARTBEAT_PORT, own, () => {
        socket.removeAllListeners("error");
        socket.unref();
        resolve(new PeerHeartbeats(socket, isKnown, onAnswer));
      });
    });
  }

  ask(address: string): void {
    this.#send(address, { kind: "ask", stampMs: performance.now(), echoMs: 0, heldMs: 0 });
  }

  close(): void {
    this.#socket.close();
  }

  #send(address: string, heartbeat: Parameters<typeof encodeHeartbeat>[0]): void {
    // What cannot be sent is not answered, and that is what counts.
    this.#socket.send(encodeHeartbeat(heartbeat), PEER_HEARTBEAT_PORT, address, () => {});
  }
}
