import type { Socket } from "node:dgram";
import { parseIp } from "@indium/domain/ip";
import { DHCP_MESSAGE, type DhcpMessage, parseDhcpMessage } from "../metadata/dhcp";
import { RateLimit } from "../metadata/rate-limit";

/** What a guest's talk with its DHCP server came to. */
export type LeaseNews = { readonly kind: "leased"; readonly address: string } | { readonly kind: "lost" };

/** Requests remembered: clients make a handful per lease. */
const MAX_ASKED = 16;
const SERVER_PORT = 67;
const GUEST_PORT = 68;

/**
 * Follows one guest's DHCP from copies of its messages. Believed is only an answer to what this guest has asked, by transaction and hardware
 * address: anybody on a LAN may send answers unasked.
 *
 * A lease's end is not watched for: an agent that was away may have missed its renewal, and would cut off a guest that did nothing wrong. The
 * address holds until the server says otherwise or the guest gives it back.
 */
export class LeaseSnoop {
  readonly #mac: string;
  readonly #asked: number[] = [];

  constructor(macAddress: string) {
    this.#mac = macAddress.toLowerCase();
  }

  /** `fromPort` tells who spoke: guests' rules let none of them send as a server. */
  hear(datagram: Uint8Array, fromPort: number): LeaseNews | null {
    const message = parseDhcpMessage(datagram);
    if (message === null || message.macAddress !== this.#mac) return null;
    if (fromPort === GUEST_PORT) return message.isRequest ? this.#guestSaid(message) : null;
    if (fromPort !== SERVER_PORT || message.isRequest || !this.#asked.includes(message.transactionId)) return null;
    switch (message.messageType) {
      case DHCP_MESSAGE.ack:
        return isUsable(message.yourAddress) && message.yourAddress !== message.serverIdentifier
          ? { kind: "leased", address: message.yourAddress }
          : null;
      case DHCP_MESSAGE.nak:
        return { kind: "lost" };
      default:
        return null;
    }
  }

  #guestSaid(message: DhcpMessage): LeaseNews | null {
    switch (message.messageType) {
      case DHCP_MESSAGE.request:
        this.#asked.push(message.transactionId);
        if (this.#asked.length > MAX_ASKED) this.#asked.shift();
        return null;
      case DHCP_MESSAGE.decline:
      case DHCP_MESSAGE.release:
        return { kind: "lost" };
      default:
        return null;
    }
  }
}

/** An INFORM's answer gives none (0.0.0.0); nobody is given a loopback, link-local, multicast or broadcast one. */
function isUsable(address: string): boolean {
  if (parseIp(address)?.family !== 4) return false;
  const [first = 0, second = 0] = address.split(".").map(Number);
  return first !== 0 && first !== 127 && first < 224 && !(first === 169 && second === 254);
}

/** Listens until the socket is closed. */
export function listenForLeases(
  socket: Socket,
  macAddress: string,
  options: { now: () => number; onNews: (news: LeaseNews) => void },
): void {
  const snoop = new LeaseSnoop(macAddress);
  const limit = new RateLimit({ perSecond: 20, burst: 100, now: options.now });
  socket.on("error", () => {});
  socket.on("message", (datagram, from) => {
    const news = limit.take() ? snoop.hear(datagram, from.port) : null;
    if (news !== null) options.onNews(news);
  });
}
