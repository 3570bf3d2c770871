import type { WireGuard } from "@indium/tunnel/overlay/wireguard";
import { isCarried } from "./carriers";
import { type KnownPeer, writePeers } from "./peers-file";

/** One look serves all hosts that ask within this. */
const FRESH_MS = 2_000;

/** Where peers are, as WireGuard sees them: kept for the relay's next start, and told to hosts that ask where they are seen. */
export class Whereabouts {
  readonly #peersFile: string;
  #written = "";
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> = Promise.resolve();

  constructor(peersFile: string) {
    this.#peersFile = peersFile;
  }

  /** Writes where they are now into `peers`, and into the file when it has changed. */
  async look(wireguard: WireGuard, peers: readonly (Omit<KnownPeer, "endpoint"> & { endpoint: string | null })[]): Promise<void> {
    const byKey = new Map((await wireguard.peers()).map((peer) => [peer.publicKey, peer]));
    for (const peer of peers) {
      const seen = byKey.get(peer.publicKey)?.endpoint ?? peer.endpoint;
      // A carrier's end is no place that anybody could send to, and another one's after the next start.
      peer.endpoint = isCarried(seen) ? null : seen;
    }
    const known = peers.map(({ hostId, publicKey, address, endpoint }) => ({ hostId, publicKey, address, endpoint }));
    const text = JSON.stringify(known);
    if (text === this.#written) return;
    await writePeers(this.#peersFile, known);
    this.#written = text;
  }

  /** Looks, unless that was just done. */
  lookAgain(look: () => Promise<void>): Promise<void> {
    const now = performance.now();
    if (now - this.#lookedAt > FRESH_MS) {
      this.#lookedAt = now;
      this.#looking = look();
    }
    return this.#looking;
  }
}
