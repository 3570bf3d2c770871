import type { DesiredPeer, NatKind, PeerPath } from "@indium/contract/direct";
import { toAppError } from "@indium/contract/errors";
import { MAX_PEERS_TOLD } from "@indium/contract/host";
import type { HostId } from "@indium/contract/ids";
import type { ReportBody } from "@indium/contract/report";
import type { WireGuardConfig, WireGuardPeer } from "@indium/tunnel/overlay/uapi";
import type { WireGuard } from "@indium/tunnel/overlay/wireguard";
import { describeError, type Log } from "../system/log";
import { worthTrying } from "./candidates";
import { DirectPath, type DirectStep, type PeerSeen } from "./direct-path";

/** The interface that peers are added to, while it is there. */
export interface DirectTunnel {
  readonly wireguard: Pick<WireGuard, "configure" | "peers">;
  readonly heartbeats: { ask(address: string): void; close(): void };
}

export interface DirectPeersOptions {
  readonly log: Log;
  readonly report: (body: ReportBody) => void;
  /** Ms since the epoch. */
  readonly now: () => number;
}

interface Peer {
  desired: DesiredPeer;
  readonly path: DirectPath;
  seen: PeerSeen;
  wasDirect: boolean;
  /** Ms since the epoch, both. */
  since: number;
  heardAt: number | null;
  roundTripMs: number | null;
  beatAt: number | null;
}

const UNSEEN: PeerSeen = { handshakeAt: null, endpoint: null };
/** How often WireGuard is asked: while candidates are tried, while the other host may knock, and for what the page shows. */
const LOOK_PROBING_MS = 500;
const LOOK_RESTING_MS = 1_000;
const LOOK_DIRECT_MS = 10_000;
const AFTER_FAILURE_MS = 5_000;
/** Three heartbeats by the relay. */
const HEARD_MS = 15_000;
/** Seconds. Holds a NAT's mapping open, and makes WireGuard knock by itself. */
const KEEPALIVE_S = 5;

/**
 * The other hosts of this host's pairs, as peers of its interface. What is to be done is DirectPath's to say; here it is done, for all peers by one request, and
 * whoever is no longer desired is removed with the next one.
 */
export class DirectPeers {
  readonly #options: DirectPeersOptions;
  readonly #peers = new Map<HostId, Peer>();
  /** Public keys that WireGuard may still know. */
  readonly #leaving = new Set<string>();
  #tunnel: DirectTunnel | null = null;
  #own: readonly string[] = [];
  #nat: NatKind | null = null;
  #lookAt = 0;
  #pausedUntil = 0;
  #busy = false;
  #complaint = "";

  constructor(options: DirectPeersOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#peers.size;
  }

  /** Whether another host is reached by the relay, or not at all. */
  get needRelay(): boolean {
    return [...this.#peers.values()].some(({ path }) => !path.isDirect);
  }

  knows(address: string): boolean {
    return [...this.#peers.values()].some(({ desired }) => desired.address === address);
  }

  /** All of them: who is not among them is a peer no more. */
  desired(all: readonly DesiredPeer[]): void {
    const ids = new Set(all.map((peer) => peer.hostId));
    for (const [hostId, { desired }] of this.#peers) {
      const told = all.find((peer) => peer.hostId === hostId);
      // Another key or address is another peer.
      if (ids.has(hostId) && told?.publicKey === desired.publicKey && told.address === desired.address) continue;
      this.#leaving.add(desired.publicKey);
      this.#peers.delete(hostId);
    }
    for (const desired of all) {
      this.#leaving.delete(desired.publicKey);
      const known = this.#peers.get(desired.hostId);
      const peer = known ?? this.#fresh(desired);
      peer.desired = desired;
      peer.path.candidates(worthTrying(desired.candidates, this.#own));
      this.#peers.set(desired.hostId, peer);
    }
    this.#lookAt = 0;
  }

  /** This host's own addresses, and what stands in front of them. */
  surroundings(own: readonly string[], nat: NatKind | null): void {
    this.#nat = nat;
    if (JSON.stringify(own) === JSON.stringify(this.#own)) return;
    this.#own = own;
    for (const { desired, path } of this.#peers.values()) path.candidates(worthTrying(desired.candidates, own));
  }

  /** The interface is there, anew. */
  up(tunnel: DirectTunnel): void {
    this.down();
    this.#tunnel = tunnel;
    this.#leaving.clear();
    this.#lookAt = 0;
    this.#pausedUntil = 0;
  }

  /** It is gone, and all peers with it. */
  down(): void {
    this.#tunnel?.heartbeats.close();
    this.#tunnel = null;
    for (const peer of this.#peers.values()) this.#restart(peer);
  }

  answered(address: string, roundTripMs: number): void {
    for (const peer of this.#peers.values()) {
      if (peer.desired.address !== address) continue;
      peer.path.answered();
      peer.heardAt = this.#options.now();
      peer.roundTripMs = roundTripMs;
    }
  }

  /** Often. `now` by a clock that only grows. */
  tick(now: number): void {
    const tunnel = this.#tunnel;
    if (tunnel === null || this.#busy || now < this.#pausedUntil || (this.#peers.size === 0 && this.#leaving.size === 0)) return;
    for (const peer of this.#peers.values()) {
      if (peer.beatAt !== null && now - peer.beatAt < peer.path.beatMs) continue;
      peer.beatAt = now;
      peer.path.asked(now);
      tunnel.heartbeats.ask(peer.desired.address);
    }
    this.#busy = true;
    void this.#round(tunnel, now)
      .catch((thrown: unknown) => this.#complain(now, thrown))
      .finally(() => {
        this.#busy = false;
      });
  }

  paths(): PeerPath[] {
    const now = this.#options.now();
    return [...this.#peers.values()].slice(0, MAX_PEERS_TOLD).map(({ desired, path, since, heardAt, roundTripMs }) => ({
      hostId: desired.hostId,
      ...(this.#tunnel === null
        ? { state: "relayed" as const, reason: "noTunnel" as const, via: null, lastHandshakeAt: null }
        : path.view({ here: this.#nat, there: desired.nat })),
      since,
      heardAt,
      // What was measured long ago is not how it is.
      roundTripMs: roundTripMs === null || heardAt === null || now - heardAt > HEARD_MS ? null : Math.round(roundTripMs * 100) / 100,
    }));
  }

  async #round(tunnel: DirectTunnel, now: number): Promise<void> {
    if (now >= this.#lookAt) await this.#look(tunnel, now);
    const steps = [...this.#peers.values()].flatMap((peer) => {
      const step = peer.path.next(now, peer.seen);
      return step === null ? [] : [{ peer, step, publicKey: peer.desired.publicKey }];
    });
    const anew = steps.filter(({ step }) => step.kind !== "use").map(({ publicKey }) => publicKey);
    const leaving = [...this.#leaving];
    const config: WireGuardConfig = {
      remove: [...leaving, ...anew],
      peers: steps.map(({ peer, step }) => asWireGuardPeer(peer.desired, step)),
    };
    if (steps.length === 0 && leaving.length === 0) return;
    try {
      await tunnel.wireguard.configure(config);
    } catch (thrown) {
      // What they were to be is not what they are: from the beginning.
      for (const { peer } of steps) this.#restart(peer);
      throw thrown;
    }
    if (tunnel !== this.#tunnel) return;
    this.#complaint = "";
    for (const publicKey of leaving) this.#leaving.delete(publicKey);
    for (const { peer, step } of steps) {
      if (step.kind !== "use") peer.seen = UNSEEN;
      // Asked at once: the way is another one.
      peer.beatAt = null;
      this.#turn(peer);
    }
  }

  async #look(tunnel: DirectTunnel, now: number): Promise<void> {
    const byKey = new Map((await tunnel.wireguard.peers()).map((state) => [state.publicKey, state]));
    let every = LOOK_DIRECT_MS;
    for (const peer of this.#peers.values()) {
      const state = byKey.get(peer.desired.publicKey);
      peer.seen = state === undefined ? UNSEEN : { handshakeAt: state.lastHandshakeAt, endpoint: state.endpoint };
      if (!peer.path.isDirect) every = Math.min(every, peer.path.isProbing ? LOOK_PROBING_MS : LOOK_RESTING_MS);
    }
    this.#lookAt = now + every;
  }

  /** The same words once. */
  #complain(now: number, thrown: unknown): void {
    this.#pausedUntil = now + AFTER_FAILURE_MS;
    const { message } = toAppError(thrown, "Direct tunnels could not be set.");
    if (message !== this.#complaint) this.#options.log.warn("direct tunnels could not be set", describeError(thrown));
    this.#complaint = message;
  }

  #restart(peer: Peer): void {
    peer.path.begin();
    peer.seen = UNSEEN;
    this.#turn(peer);
  }

  /** Tells of it when traffic takes another way than before. */
  #turn(peer: Peer): void {
    const { path, desired } = peer;
    if (path.isDirect === peer.wasDirect) return;
    peer.wasDirect = path.isDirect;
    peer.since = this.#options.now();
    peer.roundTripMs = null;
    const { via } = path.view({ here: this.#nat, there: desired.nat });
    this.#options.log.info(path.isDirect ? "direct tunnel" : "direct tunnel gone", { host: desired.name, at: via?.endpoint ?? null });
    this.#options.report({
      kind: "host.event",
      level: "info",
      code: path.isDirect ? "pair_direct" : "pair_relayed",
      message: path.isDirect
        ? `Traffic with host ${desired.name} goes directly now, to ${via?.endpoint ?? "where it knocked from"}.`
        : `The direct tunnel to host ${desired.name} is gone.`,
    });
  }

  #fresh(desired: DesiredPeer): Peer {
    const common = { seen: UNSEEN, wasDirect: false, since: this.#options.now(), heardAt: null, roundTripMs: null, beatAt: null };
    return { desired, path: new DirectPath(), ...common };
  }
}

function asWireGuardPeer({ publicKey, address }: DesiredPeer, step: DirectStep): WireGuardPeer {
  switch (step.kind) {
    case "probe":
      return { publicKey, allowedIps: [], endpoint: step.endpoint, keepalive: KEEPALIVE_S };
    case "rest":
      return { publicKey, allowedIps: [] };
    case "use":
      return { publicKey, allowedIps: [`${address}/128`], keepalive: KEEPALIVE_S };
  }
}
