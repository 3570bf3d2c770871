import { createSocket, type Socket as Datagrams } from "node:dgram";
import type { Socket } from "node:net";
import { AppError } from "@indium/contract/errors";
import { Carrier, type CarrierCounts } from "@indium/tunnel/overlay/carrier";
import { isWireGuard, isWireGuardData } from "@indium/tunnel/overlay/carrier-frames";

/** How long datagrams go both ways, and how many of them at most. */
const PROBE_MS = 250;
const MAX_PROBE_DATAGRAMS = 64;
const LOOPBACK = "127.0.0.1";

export interface OverlayCarrierOptions {
  /** To the relay, from its 101 on. */
  readonly stream: Socket;
  /** This host's WireGuard. */
  readonly wireguardPort: number;
  /** The relay's, `<address>:<port>`: where probes are sent. */
  readonly relayEndpoint: string;
  readonly onEnd: (reason: string, counts: CarrierCounts) => void;
  /** A datagram of the relay's WireGuard has come by UDP. */
  readonly onUdp: () => void;
  /** A probe is over, and nothing came by UDP. */
  readonly onUnanswered: () => void;
}

/**
 * What WireGuard takes for the relay: a UDP port on loopback, behind which datagrams take a stream. WireGuard's own port alone is listened to.
 *
 * A probe sends datagrams of WireGuard's by UDP first and by the stream as well: the relay's WireGuard takes what comes first, answers where that came from, and drops
 * the other, so nothing is lost or late, whichever way is open. What the relay sends by UDP is handed to WireGuard like the rest.
 */
export class OverlayCarrier {
  readonly #options: OverlayCarrierOptions;
  readonly #carrier: Carrier;
  readonly #local: Datagrams;
  #isOver = false;
  #probing: NodeJS.Timeout | null = null;
  #probes = 0;

  private constructor(options: OverlayCarrierOptions, local: Datagrams, udp: Datagrams) {
    this.#options = options;
    this.#local = local;
    const toWireGuard = (datagram: Buffer) => local.send(datagram, () => {});
    this.#carrier = new Carrier({
      stream: options.stream,
      toWireGuard,
      onEnd: (reason) => {
        this.#isOver = true;
        this.#endProbe();
        local.close();
        udp.close();
        options.onEnd(reason, this.#carrier.counts);
      },
    });
    local.on("message", (datagram) => {
      if (this.#probing !== null && this.#probes < MAX_PROBE_DATAGRAMS && isWireGuardData(datagram)) {
        this.#probes += 1;
        udp.send(datagram, () => {});
      }
      this.#carrier.fromWireGuard(datagram);
    });
    udp.on("message", (datagram) => {
      if (!isWireGuard(datagram)) return;
      this.#endProbe();
      toWireGuard(datagram);
      options.onUdp();
    });
  }

  /** @throws AppError `network_failed`; the stream is closed then. */
  static async open(options: OverlayCarrierOptions): Promise<OverlayCarrier> {
    const [address, port] = splitEndpoint(options.relayEndpoint);
    const sockets: Datagrams[] = [];
    try {
      const local = await connected(LOOPBACK, LOOPBACK, options.wireguardPort, sockets);
      const udp = await connected(null, address, port, sockets);
      if (options.stream.destroyed) throw new Error("the stream was closed");
      return new OverlayCarrier(options, local, udp);
    } catch (cause) {
      for (const socket of sockets) socket.close();
      options.stream.destroy();
      throw new AppError("network_failed", `WireGuard's carrier could not be set up: ${cause instanceof Error ? cause.message : cause}.`);
    }
  }

  /** What WireGuard is to take for the relay's endpoint. */
  get endpoint(): string {
    return `${LOOPBACK}:${this.#local.address().port}`;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** From now on, for a moment. Something that is answered is to be sent in it. */
  probe(): void {
    this.#endProbe();
    this.#probes = 0;
    this.#probing = setTimeout(() => {
      this.#probing = null;
      this.#options.onUnanswered();
    }, PROBE_MS);
    this.#probing.unref();
  }

  close(): void {
    this.#carrier.close();
  }

  #endProbe(): void {
    if (this.#probing !== null) clearTimeout(this.#probing);
    this.#probing = null;
  }
}

/** Hears and reaches that one address and port only. */
function connected(from: string | null, address: string, port: number, made: Datagrams[]): Promise<Datagrams> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  made.push(socket);
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ port: 0, ...(from === null ? {} : { address: from }) }, () =>
      socket.connect(port, address, (error?: Error) => {
        if (error !== undefined && error !== null) return reject(error);
        socket.removeAllListeners("error");
        // Port unreachable: nobody is there now.
        socket.on("error", () => {});
        socket.unref();
        resolve(socket);
      }),
    );
  });
}

function splitEndpoint(endpoint: string): [string, number] {
  const at = endpoint.lastIndexOf(":");
  return [endpoint.slice(0, at).replace(/^\[|\]$/g, ""), Number(endpoint.slice(at + 1))];
}
