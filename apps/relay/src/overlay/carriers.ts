import { createSocket, type Socket as Datagrams } from "node:dgram";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type HostId, StreamId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import { RELAY_PATHS, STREAM_UPGRADE } from "@indium/contract/protocol";
import { Carrier } from "@indium/tunnel/overlay/carrier";
import type { Log } from "../log";
import type { Refusals } from "../refusals";
import { prepareSocket } from "../streams/prepare-socket";

/*
 *   nothing ──overlay:carry, over the host's link──▶ offered ──GET /relay/stream/<id>──▶ carrying ──closed, garbage, silence, host removed──▶ nothing
 *      ▲                                               │ nobody came for it, or another was asked for
 *      └───────────────────────────────────────────────┘
 *
 * Invariants: a host has one offer and one carrier at most, and a newer one takes the older one's place; the id of an offer is random, told over that host's link alone, and
 * good once; what a carrier brings goes to this relay's own WireGuard and nowhere else, which takes it for whose key it bears: a carrier opens nothing that
 * UDP would not.
 */

const OFFER_MS = 15_000;
/** Hosts' WireGuard is seen at 127.64.0.0/10, each at an address of its own: WireGuard bounds handshakes by address, and one host must not use up the others' share. */
const FIRST_ADDRESS = 0x7f400000;
const ADDRESSES = 0x400000;

interface Offer {
  readonly id: StreamId;
  readonly timer: NodeJS.Timeout;
}

interface Carrying {
  readonly carrier: Carrier;
  readonly datagrams: Datagrams;
}

export interface CarriersOptions {
  /** Where this relay's WireGuard listens. */
  readonly wireguardPort: number;
  readonly refusals: Pick<Refusals, "count">;
  readonly log: Log;
  readonly offerMs?: number;
}

/** WireGuard of hosts that UDP does not reach, over a stream of their own each. */
export class Carriers {
  readonly #options: CarriersOptions;
  readonly #offers = new Map<HostId, Offer>();
  readonly #carrying = new Map<HostId, Carrying>();
  #lastAddress = 0;

  constructor(options: CarriersOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#carrying.size;
  }

  /** The id under which this host may dial. */
  offer(hostId: HostId): StreamId {
    this.#withdraw(hostId);
    const id = newId("stream");
    const timer = setTimeout(() => this.#withdraw(hostId), this.#options.offerMs ?? OFFER_MS);
    timer.unref();
    this.#offers.set(hostId, { id, timer });
    return id;
  }

  /** A dial-back to `/relay/stream/<id>`. False when it is none of a carrier's, and nothing was done with it. */
  accept(request: IncomingMessage, socket: Socket, head: Buffer): boolean {
    const [path = ""] = (request.url ?? "").split("?");
    const id = StreamId.safeParse(path.slice(RELAY_PATHS.stream.length + 1));
    const hostId = id.success ? [...this.#offers].find(([, offer]) => offer.id === id.data)?.[0] : undefined;
    if (hostId === undefined || request.headers.upgrade !== STREAM_UPGRADE) return false;
    this.#withdraw(hostId);
    prepareSocket(socket);
    this.#carry(hostId, socket, head);
    return true;
  }

  end(hostId: HostId): void {
    this.#withdraw(hostId);
    this.#carrying.get(hostId)?.carrier.close();
  }

  endAll(): void {
    for (const hostId of [...this.#offers.keys(), ...this.#carrying.keys()]) this.end(hostId);
  }

  #withdraw(hostId: HostId): void {
    clearTimeout(this.#offers.get(hostId)?.timer);
    this.#offers.delete(hostId);
  }

  #carry(hostId: HostId, socket: Socket, head: Buffer): void {
    this.#carrying.get(hostId)?.carrier.close();
    const { log, refusals, wireguardPort } = this.#options;
    const datagrams = createSocket({ type: "udp4" });
    let isConnected = false;
    const carrier = new Carrier({
      stream: socket,
      // Lost when WireGuard is gone, as anywhere else.
      toWireGuard: (datagram) => void (isConnected && datagrams.send(datagram, () => {})),
      onEnd: (reason, garbage) => {
        if (garbage) refusals.count("carrier");
        datagrams.close();
        if (this.#carrying.get(hostId)?.carrier === carrier) this.#carrying.delete(hostId);
        log(garbage ? "warning" : "info", "a host's WireGuard goes by its stream no more", { hostId, reason, ...carrier.counts });
      },
    });
    // Port unreachable: WireGuard is not there, or not yet again.
    datagrams.on("error", () => {});
    datagrams.on("message", (datagram) => carrier.fromWireGuard(datagram));
    datagrams.bind({ address: this.#nextAddress(), port: 0 }, () =>
      datagrams.connect(wireguardPort, "127.0.0.1", () => {
        isConnected = true;
      }),
    );
    datagrams.unref();
    this.#carrying.set(hostId, { carrier, datagrams });
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${STREAM_UPGRADE}\r\n\r\n`);
    // unshift, not a push of our own: these bytes then pass through the same pipe, in order.
    if (head.length > 0) socket.unshift(head);
    log("info", "a host's WireGuard goes by a stream: UDP does not reach it", { hostId });
  }

  #nextAddress(): string {
    this.#lastAddress = (this.#lastAddress + 1) % (ADDRESSES - 1);
    const address = FIRST_ADDRESS + 1 + this.#lastAddress;
    return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
  }
}

/** What WireGuard says of a host that it hears by a carrier: not where that host is. */
export const isCarried = (endpoint: string | null): boolean => endpoint !== null && /^127\./.test(endpoint);
