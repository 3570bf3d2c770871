import { type DesiredPeer, PEER_HEARTBEAT_PORT, type PeerPath } from "@indium/contract/direct";
import type { ReportBody } from "@indium/contract/report";
import type { WireGuard } from "@indium/tunnel/overlay/wireguard";
import type { ReadyLink } from "../link/connection";
import type { Log } from "../system/log";
import { DirectPeers } from "./direct-peers";
import { PeerHeartbeats } from "./peer-heartbeats";
import { Reachability } from "./reachability";

export interface DirectTunnelsOptions {
  readonly log: Log;
  readonly report: (body: ReportBody) => void;
  readonly declaredEndpoint: string | null;
  readonly now: () => number;
}

/** This host's direct tunnels, put together: where it is, who the others are, and their heartbeats. The interface is the overlay's. */
export class DirectTunnels {
  readonly #peers: DirectPeers;
  readonly #reachability: Reachability;

  constructor({ log, report, declaredEndpoint, now }: DirectTunnelsOptions) {
    this.#peers = new DirectPeers({ log, report, now });
    const onKnown = this.#peers.surroundings.bind(this.#peers);
    this.#reachability = new Reachability({ log, report, declared: declaredEndpoint, onKnown });
  }

  /** What the other hosts may begin: heartbeats, and of these only the ones of this host's pairs are answered. As nft says it. */
  static services(prefix: string): readonly string[] {
    return [`ip6 saddr ${prefix}:2::/64 udp dport ${PEER_HEARTBEAT_PORT}`];
  }

  linked(link: ReadyLink): void {
    this.#reachability.linked(link);
  }

  desired(all: readonly DesiredPeer[]): void {
    this.#peers.desired(all);
  }

  paths(): PeerPath[] {
    return this.#peers.paths();
  }

  get needRelay(): boolean {
    return this.#peers.needRelay;
  }

  /** Whether WireGuard's way to the relay is not UDP: then the relay does not see where this host is. */
  carried(isCarried: boolean): void {
    this.#reachability.carried = isCarried;
  }

  /** The interface is there, anew. @throws AppError `network_failed`. */
  async up({ wireguard, address, prefix }: { wireguard: WireGuard; address: string; prefix: string }): Promise<void> {
    const peers = this.#peers;
    const heartbeats = await PeerHeartbeats.open(
      address,
      (from) => peers.knows(from),
      (from, roundTripMs) => peers.answered(from, roundTripMs),
    );
    peers.up({ wireguard, heartbeats });
    this.#reachability.up(wireguard, prefix);
  }

  down(): void {
    this.#peers.down();
    this.#reachability.down();
  }

  /** Often. By a clock that only grows. */
  tick(now: number): void {
    // Where this host is, is told to nobody before it has a pair.
    if (this.#peers.size > 0) this.#reachability.tick(now);
    this.#peers.tick(now);
  }
}
