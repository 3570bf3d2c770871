import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { join } from "node:path";
import { SignedEnvelope } from "@indium/contract/envelope";
import { AppError, toAppError } from "@indium/contract/errors";
import type { HostId } from "@indium/contract/ids";
import type { OverlayAddress, OverlayJoinAnswer, OverlayPrefix } from "@indium/contract/overlay";
import { pause } from "@indium/tunnel/backoff";
import { loadOrCreateKeyPair } from "@indium/tunnel/key-files";
import type { KeyPair } from "@indium/tunnel/keys";
import { loadRules, type OverlaySystem } from "@indium/tunnel/overlay/interface";
import { renderPairs } from "@indium/tunnel/overlay/rules";
import type { Centre } from "../centre";
import type { OverlayEnv } from "../env";
import type { Log } from "../log";
import type { Refusals } from "../refusals";
import type { Session } from "../sessions/session";
import { asWireGuardPeer, bringUp, type Up } from "./bring-up";
import { Carriers } from "./carriers";
import { allowForwarding } from "./forwarding";
import type { PeerHealth } from "./heartbeats";
import { type KnownPeer, readPeers } from "./peers-file";
import { Whereabouts } from "./whereabouts";

/*
 *  off (why) ◀── cannot ──┐
 *     │ a minute later    │
 *     ▼                   │
 *  registered ──▶ interface, rules, address ──▶ peers of before, greeted ──▶ listeners ──▶ up ──▶ peers join, pairs come and go
 *     ▲                                                                                    │
 *     └──────────────────────────── wireguard-go ended ◀───────────────────────────────────┘
 *
 * Invariants: rules are there before the interface is up; a peer has one /128, the one the centre gave its host; nothing of the overlay is
 * needed for links over websocket, and none of its failures reaches them.
 */

const LOOK_EVERY_MS = 15_000;
const TRY_AGAIN_MS = 60_000;
const CLOSE_PATIENCE_MS = 2_000;
/** Hosts wait 10 s for an answer. */
const START_PATIENCE_MS = 5_000;
/** A peer of before whose host has not joined since: it was removed meanwhile, most likely. */
const UNCONFIRMED_MS = 900_000;

interface Peer extends Omit<KnownPeer, "endpoint"> {
  endpoint: string | null;
  confirmed: boolean;
}

export interface RelayOverlayOptions {
  readonly env: OverlayEnv;
  readonly relayName: string;
  readonly keysDirectory: string;
  readonly system: OverlaySystem;
  readonly centre: Pick<Centre, "call">;
  readonly log: Log;
  readonly refusals: Pick<Refusals, "count">;
  /** A connection of a host over the overlay, as if it had come to the public port. */
  readonly accept: (socket: Socket) => void;
}

export class RelayOverlay {
  /** Of hosts that UDP does not reach. */
  readonly carriers: Carriers;
  readonly #options: RelayOverlayOptions;
  readonly #name: string;
  readonly #peers = new Map<HostId, Peer>();
  readonly #key: Promise<KeyPair>;
  #off: string;
  #given: { prefix: OverlayPrefix; address: OverlayAddress } | null = null;
  #up: Up | null = null;
  /** One change of the interface at a time. */
  #changes: Promise<void> = Promise.resolve();
  #pairsRevision: number | null = null;
  readonly #whereabouts: Whereabouts;
  readonly #timers: NodeJS.Timeout[] = [];
  #retry: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: RelayOverlayOptions) {
    this.#options = options;
    const { env, keysDirectory, relayName, refusals, log } = options;
    this.carriers = new Carriers({ wireguardPort: env.port, refusals, log });
    this.#whereabouts = new Whereabouts(env.peersFile);
    // UAPI sockets are not namespaced: the name is one on the machine.
    this.#name = `iovr-${createHash("sha256").update(`${keysDirectory}\n${relayName}`).digest("hex").slice(0, 8)}`;
    this.#off = env.off ?? "The relay has not reached the centre yet.";
    // Not among relays' keys: whatever lies there signs.
    this.#key =
      env.off === null ? loadOrCreateKeyPair(join(keysDirectory, "overlay", relayName), "x25519") : Promise.reject(new Error(env.off));
    this.#key.catch(() => {});
    if (env.off !== null) log("info", `no overlay: ${env.off}`);
  }

  /** Why hosts cannot use it now; null when they can. */
  get off(): string | null {
    return this.#up === null ? this.#off : null;
  }

  health(hostId: HostId): PeerHealth | null {
    const peer = this.#peers.get(hostId);
    return peer === undefined || this.#up === null ? null : this.#up.heartbeats.health(peer.address);
  }

  /** What the centre is told of it; undefined without one. */
  async offer(): Promise<{ publicKey: string; endpoint: string } | undefined> {
    const { off, endpoint } = this.#options.env;
    if (off !== null || endpoint === null) return undefined;
    return { publicKey: (await this.#key).publicKey, endpoint };
  }

  /** The centre has given this relay its address: brings the overlay up, once. */
  registered(given: { prefix: OverlayPrefix; address: OverlayAddress } | undefined): void {
    if (given === undefined || this.#options.env.off !== null) return;
    if (this.#given?.address === given.address) return;
    this.#given = given;
    this.#queue(() => this.#start());
  }

  /** A link: its host may join. */
  listen(session: Session): void {
    session.socket.on("link:echo", (answer: unknown) => {
      if (typeof answer === "function") answer();
    });
    session.socket.on("overlay:observed", (answer: unknown) => {
      if (typeof answer !== "function") return;
      const look = this.#whereabouts.lookAgain(() => this.#look());
      const endpoint = () => answer(this.#up === null ? null : (this.#peers.get(session.hostId)?.endpoint ?? null));
      look.then(endpoint, () => answer(null));
    });
    session.socket.on("overlay:carry", (answer: unknown) => {
      if (typeof answer !== "function") return;
      const error = this.off ?? (this.#peers.has(session.hostId) ? null : "This host is not on the overlay.");
      if (error === null) answer({ ok: true, streamId: this.carriers.offer(session.hostId) });
      else answer({ ok: false, error: new AppError("unsupported", error).toWire() });
    });
    session.socket.on("overlay:join", (raw: unknown, answer: unknown) => {
      if (typeof answer !== "function") return;
      this.#join(session, raw).then(
        (granted) => answer(granted),
        (thrown: unknown) => answer({ ok: false, error: toAppError(thrown, "The relay failed at this; its log says why.").toWire() }),
      );
    });
  }

  /** A host that was removed. */
  forget(hostId: HostId): void {
    this.carriers.end(hostId);
    const peer = this.#peers.get(hostId);
    if (peer === undefined) return;
    this.#peers.delete(hostId);
    this.#up?.heartbeats.forget(peer.address);
    this.#queue(async () => this.#up?.device.wireguard.configure({ remove: [peer.publicKey] }));
  }

  /** The centre's word with each renewal of leases: pairs are asked for when they have changed. */
  pairsAre(revision: number | undefined): void {
    if (revision === undefined || revision === this.#pairsRevision || this.#up === null) return;
    this.#queue(() => this.#loadPairs());
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    if (this.#retry !== null) clearTimeout(this.#retry);
    await Promise.race([this.#changes, pause(CLOSE_PATIENCE_MS)]);
    await this.#look().catch(() => {});
    await this.#stop();
  }

  #queue(change: () => Promise<unknown>): void {
    this.#changes = this.#changes.then(async () => {
      if (this.#closed) return;
      try {
        await change();
      } catch (thrown) {
        const error = toAppError(thrown, "The overlay failed on the relay; its log says why.");
        this.#options.log("warning", `overlay: ${error.internal ?? error.message}`, { code: error.code });
      }
    });
  }

  async #start(): Promise<void> {
    const { log } = this.#options;
    const given = this.#given;
    if (given === null) return;
    await this.#stop();
    try {
      this.#up = await this.#bringUp(given);
    } catch (thrown) {
      const words = toAppError(thrown, thrown instanceof Error ? thrown.message : String(thrown)).message;
      // The same words once a minute are no news.
      if (words !== this.#off) log("warning", `no overlay: ${words}`);
      this.#off = words;
      this.#startLater();
      return;
    }
    const { device } = this.#up;
    log("info", "overlay up", { address: given.address, by: device.kind, interface: this.#name, peers: this.#peers.size });
    void device.lost.then((words) => {
      if (this.#up?.device !== device || this.#closed) return;
      log("warning", `overlay lost: ${words}`);
      this.#off = words;
      this.#queue(() => this.#stop());
      this.#startLater();
    });
    if (this.#timers.length === 0) this.#timers.push(setInterval(() => this.#queue(() => this.#look()), LOOK_EVERY_MS));
    const unconfirmed = setTimeout(() => this.#forgetUnconfirmed(), UNCONFIRMED_MS);
    unconfirmed.unref();
    this.#pairsRevision = null;
    await this.#loadPairs();
  }

  #startLater(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => this.#queue(() => this.#start()), TRY_AGAIN_MS);
    this.#retry.unref();
  }

  async #bringUp(given: { prefix: OverlayPrefix; address: OverlayAddress }): Promise<Up> {
    const { env, system, accept } = this.#options;
    const { privateKey } = await this.#key;
    for (const known of await readPeers(env.peersFile)) {
      if (!this.#peers.has(known.hostId) && known.address.startsWith(`${given.prefix}:`))
        this.#peers.set(known.hostId, { ...known, confirmed: false });
    }
    return bringUp({
      ...given,
      system,
      name: this.#name,
      table: this.#table,
      privateKey,
      port: env.port,
      peers: [...this.#peers.values()],
      accept,
    });
  }

  get #table(): string {
    return this.#name.replace("-", "_");
  }

  async #stop(): Promise<void> {
    const up = this.#up;
    this.#up = null;
    this.carriers.endAll();
    if (up === null) return;
    up.heartbeats.close();
    up.listener.close();
    await up.device.close();
  }

  async #join(session: Session, raw: unknown): Promise<OverlayJoinAnswer> {
    const offer = SignedEnvelope.safeParse(raw);
    if (!offer.success) throw new AppError("bad_request", "The offer is malformed.");
    // It is coming up, after this relay's own start: a host that is refused takes its tunnel down.
    if (this.off !== null && this.#given !== null) await Promise.race([this.#changes, pause(START_PATIENCE_MS)]);
    if (this.off !== null) throw new AppError("unsupported", this.off);
    const { hostId, linkEpoch } = session;
    const { publicKey, address, grant } = await this.#options.centre.call("joinOverlay", { hostId, linkEpoch, offer: offer.data });
    const before = this.#peers.get(hostId);
    const endpoint = before?.publicKey === publicKey ? before.endpoint : null;
    const peer: Peer = { hostId, publicKey, address, endpoint, confirmed: true };
    const changed = before === undefined || before.publicKey !== publicKey || before.address !== address;
    this.#peers.set(hostId, peer);
    const up = this.#up;
    if (up === null) throw new AppError("unsupported", this.#off);
    if (changed) {
      const remove = before === undefined || before.publicKey === publicKey ? [] : [before.publicKey];
      await up.device.wireguard.configure({ remove, peers: [asWireGuardPeer(peer)] });
    }
    return { ok: true, grant, linkPort: up.linkPort, heartbeatPort: up.heartbeats.port };
  }

  async #loadPairs(): Promise<void> {
    if (this.#up === null) return;
    const { revision, pairs } = await this.#options.centre.call("overlayPairs", {});
    if (pairs.length > 0) await allowForwarding(this.#options.log);
    await loadRules(this.#options.system, renderPairs(this.#table, pairs));
    this.#pairsRevision = revision;
    this.#options.log("info", "pairs of hosts that may reach each other", { pairs: pairs.length, revision });
  }

  /** Where peers are now, kept for the next start. */
  async #look(): Promise<void> {
    if (this.#up === null) return;
    await this.#whereabouts.look(this.#up.device.wireguard, [...this.#peers.values()]);
  }

  #forgetUnconfirmed(): void {
    for (const [hostId, peer] of this.#peers) if (!peer.confirmed) this.forget(hostId);
  }
}
