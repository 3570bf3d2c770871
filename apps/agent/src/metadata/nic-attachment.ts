import type { Socket as DatagramSocket } from "node:dgram";
import type { Socket } from "node:net";
import type { InstanceId, NicId } from "@indium/contract/ids";
import type { Refusal } from "@indium/domain/nic-counters";
import { RateLimit } from "./rate-limit";
import type { NicSockets } from "./types";

/** Open connections per NIC; cloud-init uses one at a time. */
const MAX_CONNECTIONS = 64;
/** From the connection, or from a request, until its answer has been taken and the next request has come. */
const REQUEST_DEADLINE_MS = 15_000;
const REQUESTS = { perSecond: 200, burst: 400 };
const DATAGRAMS = { perSecond: 10, burst: 50 };

/**
 * One NIC's sockets and what its guest may do with them. A connection belongs to the NIC whose socket accepted it; nothing a
 * guest sends has a say in that.
 */
export class NicAttachment {
  readonly nicId: NicId;
  readonly instanceId: InstanceId;
  readonly requests: RateLimit;
  readonly #refused = new Map<Refusal, number>();
  readonly #sockets: NicSockets;
  readonly #connections = new Map<Socket, { readonly deadline: NodeJS.Timeout; readBefore: number }>();

  constructor(options: {
    nicId: NicId;
    instanceId: InstanceId;
    sockets: NicSockets;
    now: () => number;
    onConnection: (socket: Socket) => void;
    onDatagram: (datagram: Buffer, socket: DatagramSocket) => void;
    onError: (error: Error) => void;
  }) {
    this.nicId = options.nicId;
    this.instanceId = options.instanceId;
    this.#sockets = options.sockets;
    this.requests = new RateLimit({ ...REQUESTS, now: options.now });
    for (const server of options.sockets.http) {
      server.on("error", options.onError);
      server.on("connection", (socket) => {
        if (this.#connections.size >= MAX_CONNECTIONS) {
          this.refuse("metadataConnections");
          socket.destroy();
          return;
        }
        socket.on("error", () => socket.destroy());
        socket.once("close", () => {
          clearTimeout(this.#connections.get(socket)?.deadline);
          this.#connections.delete(socket);
        });
        this.touch(socket);
        options.onConnection(socket);
      });
    }
    const { dhcp } = options.sockets;
    if (dhcp === null) return;
    const datagrams = new RateLimit({ ...DATAGRAMS, now: options.now });
    dhcp.on("error", options.onError);
    dhcp.on("message", (datagram) => {
      if (datagrams.take()) options.onDatagram(datagram, dhcp);
      else this.refuse("droppedFlood");
    });
  }

  /** Counted, for the NIC's page. */
  refuse(why: Refusal): void {
    this.#refused.set(why, (this.#refused.get(why) ?? 0) + 1);
  }

  get refusals(): Readonly<Partial<Record<Refusal, number>>> {
    return Object.fromEntries(this.#refused);
  }

  /** A request has come: what follows on its connection has a deadline of its own. node:http's own time limits need a server that listens itself. */
  touch(socket: Socket): void {
    const known = this.#connections.get(socket);
    if (known !== undefined) {
      known.readBefore = socket.bytesRead;
      known.deadline.refresh();
      return;
    }
    const deadline = setTimeout(() => {
      // Kept alive after a request is no offence.
      if (connection.readBefore === 0 || socket.bytesRead > connection.readBefore) this.refuse("metadataSlow");
      socket.destroy();
    }, REQUEST_DEADLINE_MS);
    deadline.unref();
    const connection = { deadline, readBefore: socket.bytesRead };
    this.#connections.set(socket, connection);
  }

  /** Resolves when the listening sockets are given back and can be bound anew. */
  async close(): Promise<void> {
    const closed = [
      ...this.#sockets.http.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
      ...(this.#sockets.dhcp === null ? [] : [closeDatagram(this.#sockets.dhcp)]),
    ];
    for (const socket of [...this.#connections.keys()]) socket.destroy();
    await Promise.all(closed);
  }
}

/** Resolves when the port is free again. */
export function closeDatagram(socket: DatagramSocket): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket.close(() => resolve());
    } catch {
      // Closed already by an error.
      resolve();
    }
  });
}
