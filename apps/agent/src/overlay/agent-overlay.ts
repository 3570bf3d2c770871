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
const ECHO_EVERY_MS = 15_000;
const ECHO_TIMEOUT_MS = 5_000;
const MOVE_AGAIN_MS = 3_000;
/** Keeps a NAT's mapping also while heartbeats are far between. */
const KEEPALIVE_S = 15;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

interface Tunnel {
  readonly configuredAs: string;
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
  #echoAt = 0;
  #linkRoundTripMs: number | null = null;
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
    this.#linkRoundTripMs = null;
    this.#echoAt = 0;
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
      roundTripMs: rounded(overlay ? (heartbeat?.roundTripMs ?? null) : this.#linkRoundTripMs),
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
    const overlayUrl = `http://[${relay.address}]:${linkPort}`;
    const configuredAs = JSON.stringify([grant.relayName, address, prefix, relay.publicKey, relay.address, linkPort, heartbeatPort]);
    const peer = {
      publicKey: relay.publicKey,
      endpoint: await resolveEndpoint(relay.endpoint),
      keepalive: KEEPALIVE_S,
      allowedIps: [`${prefix}::/48`],
    };
    if (this.#tunnel?.configuredAs === configuredAs) {
      await this.#tunnel.device.wireguard.configure({ peers: [peer] });
      return;
    }
    await this.#takeDown();
    const services = DirectTunnels.services(prefix);
    const device = await openOverlayInterface({
      system: this.#options.system,
      name: this.#name,
      privateKey: this.#options.key.privateKey,
      listenPort: this.#options.listenPort ?? 0,
      address,
      routes: [`${prefix}::/48`],
      rules: { table: this.#name.replace("-", "_"), interfaceName: this.#name, address, services },
    });
    try {
      await device.wireguard.configure({ peers: [peer] });
      await this.#direct.up({ wireguard: device.wireguard, address, prefix });
      const heartbeat = await HeartbeatSender.open(address, { address: relay.address, port: heartbeatPort }, () => this.#heard());
      this.#tunnel = { configuredAs, device, heartbeat };
    } catch (thrown) {
      this.#direct.down();
      await device.close();
      throw thrown;
    }
    this.#overlayUrl = overlayUrl;
    this.#overlayRelay = grant.relayName;
    this.#choice.begin(performance.now());
    this.#askAgainMs = FIRST_ASK_AGAIN_MS;
    this.#complaint = "";
    this.#beatAt = 0;
    this.#options.log.info("overlay configured", { address, by: device.kind, endpoint: relay.endpoint });
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
    this.#measureLink(now);
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

  #measureLink(now: number): void {
    const link = this.#link;
    if (link === null || now - this.#echoAt < ECHO_EVERY_MS || !link.socket.connected) return;
    this.#echoAt = now;
    link.socket.timeout(ECHO_TIMEOUT_MS).emit("link:echo", (late: Error | null) => {
      if (late === null && link === this.#link) this.#linkRoundTripMs = performance.now() - now;
    });
  }
}

const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms * 100) / 100);
