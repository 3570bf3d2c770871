import { createSocket, type Socket } from "node:dgram";
import { AppError } from "@indium/contract/errors";
import { decodeHeartbeat, encodeHeartbeat, roundTripOf } from "@indium/tunnel/overlay/heartbeat";

/** This host's heartbeats to its relay, in the tunnel. Times by `performance.now()`. */
export class HeartbeatSender {
  readonly #socket: Socket;
  readonly #relay: { readonly address: string; readonly port: number };
  /** The relay's newest stamp, echoed with the next heartbeat. */
  #received: { readonly stampMs: number; readonly at: number } | null = null;
  #roundTripMs: number | null = null;
  #heardAt: number | null = null;

  private constructor(socket: Socket, relay: { address: string; port: number }, onHeard: () => void) {
    this.#socket = socket;
    this.#relay = relay;
    socket.on("error", () => {});
    socket.on("message", (bytes, from) => {
      const now = performance.now();
      const heartbeat = from.address === relay.address && from.port === relay.port ? decodeHeartbeat(bytes) : null;
      if (heartbeat?.kind !== "answer") return;
      const roundTrip = roundTripOf(heartbeat, now);
      if (roundTrip === null) return;
      this.#received = { stampMs: heartbeat.stampMs, at: now };
      this.#roundTripMs = roundTrip;
      this.#heardAt = now;
      onHeard();
    });
  }

  /** @throws AppError `network_failed`. */
  static open(address: string, relay: { address: string; port: number }, onHeard: () => void): Promise<HeartbeatSender> {
    const socket = createSocket("udp6");
    return new Promise((resolve, reject) => {
      socket.once("error", (cause) => {
        socket.close();
        reject(new AppError("network_failed", `No heartbeat can be sent from ${address}: ${cause.message}.`, { cause }));
      });
      socket.bind(0, address, () => {
        socket.removeAllListeners("error");
        // A heartbeat alone must not keep a process alive that wants to end.
        socket.unref();
        resolve(new HeartbeatSender(socket, relay, onHeard));
      });
    });
  }

  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }

  /** By `performance.now()`. */
  get heardAt(): number | null {
    return this.#heardAt;
  }

  send(): void {
    const now = performance.now();
    const { stampMs = 0, at = now } = this.#received ?? {};
    const bytes = encodeHeartbeat({ kind: "ask", stampMs: now, echoMs: stampMs, heldMs: now - at });
    // What cannot be sent is not answered, and that is what counts.
    this.#socket.send(bytes, this.#relay.port, this.#relay.address, () => {});
  }

  close(): void {
    this.#socket.close();
  }
}
