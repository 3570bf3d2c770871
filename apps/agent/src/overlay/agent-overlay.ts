import { createHash } from "node:crypto";
import type { DesiredPeer, PeerPath } from "@indium/contract/direct";
import { toAppError } from "@indium/contract/errors";
import type { HostPath, OverlayGrant } from "@indium/contract/overlay";
import { type OverlayInterface, type OverlaySystem, openOverlayInterface } from "@indium/tunnel/overlay/interface";
import type { ReadyLink } from "../link/connection";
import type { Clock } from "../system/clock";
import { describeError } from "../system/log";
import { DirectTunnels } from "./direct-tunnels";
import { HeartbeatSender } from "./heartbeat-sender";
import type { HostOverlay, OverlayWiring } from "./host-overlay";
import { type Joining, joinOverlay } from "./join";
import { LinkEcho } from "./link-echo";
import { PathChoice } from "./path-choice";
import { resolveEndpoint } from "./resolve-endpoint";

/*
 * link ready ──overlay:join──▶ grant (the centre's) ──▶ interface up, relay its one peer ──▶ heartbeats ──▶ PathChoice ──▶ the link is moved
 *     ▲                          │ refused, or no answer                                                                        │
 *     │                          ▼                                                                                              │
 *     └────────────────── asked again in a minute ◀── interface lost                                                            │
 *     └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
 *
 * Invariants: nothing here ends a link: when the overlay fails, the link is moved to the websocket or redialled there by itself. The private
 * key stays in this process and its file. Only what the centre granted for this link is configured.
 */

export interface AgentOverlayOptions extends OverlayWiring, Joining {
  readonly stateDir: string;
  readonly system: OverlaySystem;
  readonly clock: Clock;
  /** WireGuard's UDP port on this host, for a NAT that forwards one; 0: any. */
  readonly listenPort?: number;
  /** Set by the operator: by which `<host>:<port>` other hosts reach that port. */
  readonly declaredEndpoint?: string | null;
}

const TICK_MS = 250;
/** A relay or a host that has no overlay is not likely to have one soon. */
const FIRST_ASK_AGAIN_MS = 60_000;
const LAST_ASK_AGAIN_MS = 1_800_000;
const CLOSE_PATIENCE_MS = 2_000;
const MOVE_AGAIN_MS = 3_000;
/** Keeps a NAT's mapping also while heartbeats are far between. */
const KEEPALIVE_S = 15;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

interface Tunnel {
  readonly configuredAs: string;
  readonly address: string;
  readonly prefix: string;
  readonly relayKey: string;
  readonly device: OverlayInterface;
  readonly heartbeat: HeartbeatSender;
}

export class AgentOverlay implements HostOverlay {
  readonly #options: AgentOverlayOptions;
  readonly #choice = new PathChoice();
  readonly #name: string;
  readonly #stopTicking: () => void;
  #link: ReadyLink | null = null;
  #publicUrl: string | null = null;
  #overlayUrl: string | null = null;
  #overlayRelay: string | null = null;
  #tunnel: Tunnel | null = null;
  /** One change of the interface at a time. */
  #changes: Promise<void> = Promise.resolve();
  #askAgainAt: number | null = null;
  #askAgainMs = FIRST_ASK_AGAIN_MS;
  #complaint = "";
  #beatAt = 0;
  #moveNotBefore = 0;
  #moving = false;
  readonly #echo = new LinkEcho();
  #closed = false;
  readonly #direct: DirectTunnels;

  constructor(options: AgentOverlayOptions) {
    this.#options = options;
    const { log, report, declaredEndpoint = null, clock } = options;
    this.#direct = new DirectTunnels({ log, report, declaredEndpoint, now: () => clock.now() });
    // UAPI sockets are not namespaced: the name is one on the machine.
    this.#name = `iova-${createHash("sha256").update(options.stateDir).digest("hex").slice(0, 8)}`;
    this.#stopTicking = options.clock.every(TICK_MS, () => this.#tick());
  }

  ready(link: ReadyLink): void {
    this.#link = link;
    this.#direct.linked(link);
    this.#echo.begin(link);
    if (link.relayUrl !== this.#overlayUrl) this.#publicUrl = link.relayUrl;
    if (this.#overlayRelay !== null && this.#overlayRelay !== link.relayName) {
      // Another relay: the tunnel leads to the one before.
      this.#overlayUrl = null;
      this.#choice.off("trying", null);
    }
    if (LOOPBACK.test(new URL(this.#publicUrl ?? link.relayUrl).hostname)) this.#choice.off("sameMachine", null);
    else this.#queue(() => this.#join(link));
  }

  path(): HostPath {
    const now = this.#options.clock.now();
    const { reason, detail } = this.#choice.view(performance.now());
    const overlay = this.#link !== null && this.#link.relayUrl === this.#overlayUrl;
    const heartbeat = this.#tunnel?.heartbeat;
    return {
      kind: overlay ? "overlay" : "websocket",
      reason,
      detail: detail?.slice(0, 300) ?? null,
      roundTripMs: rounded(overlay ? (heartbeat?.roundTripMs ?? null) : this.#echo.roundTripMs),
      overlayHeardAt: heartbeat?.heardAt == null ? null : Math.round(now - (performance.now() - heartbeat.heardAt)),
    };
  }

  peers(desired: readonly DesiredPeer[]): void {
    this.#direct.desired(desired);
  }

  peerPaths(): PeerPath[] {
    return this.#direct.paths();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTicking();
    await Promise.race([this.#changes, this.#options.clock.sleep(CLOSE_PATIENCE_MS)]);
    await this.#takeDown();
  }

  #queue(change: () => Promise<void>): void {
    this.#changes = this.#changes.then(async () => {
      if (this.#closed) return;
      try {
        await change();
      } catch (thrown) {
        const error = toAppError(thrown, "The overlay failed on this host; its log says why.");
        if (error.message !== this.#complaint) this.#options.log.warn("no overlay", describeError(thrown));
        this.#complaint = error.message;
        this.#off("hostOff", error.message);
      }
    });
  }

  #off(reason: "hostOff" | "relayOff" | "sameMachine", words: string | null): void {
    this.#choice.off(reason, words);
    this.#askLater();
  }

  #askLater(): void {
    this.#askAgainAt = performance.now() + this.#askAgainMs;
    this.#askAgainMs = Math.min(LAST_ASK_AGAIN_MS, this.#askAgainMs * 2);
  }

  async #join(link: ReadyLink): Promise<void> {
    if (link !== this.#link || !link.socket.connected) return;
    this.#askAgainAt = null;
    const joined = await joinOverlay(this.#options, link);
    switch (joined.kind) {
      case "unanswered":
        // Of a link that was lost meanwhile the next one asks.
        if (link.socket.connected) this.#off("relayOff", "The relay does not know the overlay; it is of an older version.");
        return;
      case "malformed":
        return this.#off("relayOff", "The relay's answer is malformed.");
      case "refused": {
        const { code, message } = joined.error;
        // A relay that only cannot ask the centre just now has not taken the tunnel away.
        if (this.#tunnel !== null && code !== "unsupported" && code !== "action_denied") return this.#askLater();
        await this.#takeDown();
        return code === "action_denied" ? this.#off("sameMachine", null) : this.#off("relayOff", message);
      }
      case "granted":
        return this.#configure(joined.grant, joined.linkPort, joined.heartbeatPort);
    }
  }

  async #configure(grant: OverlayGrant, linkPort: number, heartbeatPort: number): Promise<void> {
    const { address, prefix, relay } = grant;
    const configuredAs = JSON.stringify([grant.relayName, address, prefix, relay.publicKey, relay.address, linkPort, heartbeatPort]);
    const peer = {
      publicKey: relay.publicKey,
      endpoint: await resolveEndpoint(relay.endpoint),
      keepalive: KEEPALIVE_S,
      allowedIps: [`${prefix}::/48`],
    };
    const before = this.#tunnel;
    if (before?.configuredAs === configuredAs) {
      await before.device.wireguard.configure({ peers: [peer] });
      return;
    }
    // Of another relay on the same overlay only the peer is another: the interface stays, and direct tunnels with it.
    const kept = before?.address === address && before.prefix === prefix ? before : null;
    if (kept === null) await this.#takeDown();
    const device = kept?.device ?? (await this.#openDevice(address, prefix));
    try {
      await device.wireguard.configure({
        remove: kept === null || kept.relayKey === relay.publicKey ? [] : [kept.relayKey],
        peers: [peer],
      });
      if (kept === null) await this.#direct.up({ wireguard: device.wireguard, address, prefix });
      const heartbeat = await HeartbeatSender.open(address, { address: relay.address, port: heartbeatPort }, () => this.#heard());
      kept?.heartbeat.close();
      this.#tunnel = { configuredAs, address, prefix, relayKey: relay.publicKey, device, heartbeat };
    } catch (thrown) {
      await this.#takeDown();
      await device.close();
      throw thrown;
    }
    this.#overlayUrl = `http://[${relay.address}]:${linkPort}`;
    this.#overlayRelay = grant.relayName;
    this.#choice.begin(performance.now());
    this.#askAgainMs = FIRST_ASK_AGAIN_MS;
    this.#complaint = "";
    this.#beatAt = 0;
    this.#options.log.info("overlay configured", { address, by: device.kind, endpoint: relay.endpoint });
    if (kept === null) this.#watch(device);
  }

  #openDevice(address: string, prefix: string): Promise<OverlayInterface> {
    const { system, key, listenPort = 0 } = this.#options;
    return openOverlayInterface({
      ...{ system, name: this.#name, privateKey: key.privateKey, listenPort, address },
      routes: [`${prefix}::/48`],
      rules: {
        ...{ table: this.#name.replace("-", "_"), interfaceName: this.#name, address },
        services: DirectTunnels.services(prefix),
      },
    });
  }

  #watch(device: OverlayInterface): void {
    void device.lost.then((words) => {
      if (this.#tunnel?.device !== device || this.#closed) return;
      this.#options.log.warn("the overlay's program ended", { reason: words });
      this.#queue(async () => {
        await this.#takeDown();
        this.#off("hostOff", words);
      });
    });
  }

  async #takeDown(): Promise<void> {
    const tunnel = this.#tunnel;
    this.#tunnel = null;
    this.#direct.down();
    tunnel?.heartbeat.close();
    await tunnel?.device.close();
  }

  #heard(): void {
    this.#choice.answered(performance.now());
    this.#follow();
  }

  #tick(): void {
    const now = performance.now();
    const { heartbeat } = this.#tunnel ?? {};
    if (heartbeat !== undefined && now - this.#beatAt >= this.#choice.beatMs) {
      this.#beatAt = now;
      this.#choice.asked(now);
      heartbeat.send();
    }
    if (this.#askAgainAt !== null && now >= this.#askAgainAt) {
      const link = this.#link;
      this.#askAgainAt = null;
      if (link?.socket.connected === true) this.#queue(() => this.#join(link));
    }
    this.#direct.tick(now);
    this.#echo.tick(now);
    this.#follow();
  }

  /** The link takes the way that was chosen, once it holds. */
  #follow(): void {
    const link = this.#link;
    const now = performance.now();
    if (link === null || this.#moving || this.#closed || now < this.#moveNotBefore || !link.socket.connected) return;
    const { useOverlay } = this.#choice.view(now);
    const target = useOverlay ? this.#overlayUrl : this.#publicUrl;
    if (target === null || link.relayUrl === target) return;
    // Only a link over the overlay is moved away from it: of several public addresses each is as good.
    if (!useOverlay && link.relayUrl !== this.#overlayUrl) return;
    this.#moving = true;
    void this.#options
      .move(target)
      .then((words) => {
        this.#options.log.info("link moved", { to: useOverlay ? "overlay" : "websocket", ...(words === null ? {} : { failed: words }) });
        if (words !== null && useOverlay) this.#choice.linkFailed(performance.now(), words);
      })
      .finally(() => {
        this.#moving = false;
        this.#moveNotBefore = performance.now() + MOVE_AGAIN_MS;
      });
  }
}

const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms * 100) / 100);
