import { createHash } from "node:crypto";
import type { DesiredPeer, PeerPath } from "@indium/contract/direct";
import { toAppError } from "@indium/contract/errors";
import type { HostPath, OverlayGrant } from "@indium/contract/overlay";
import type { OverlayInterface } from "@indium/tunnel/overlay/interface";
import type { ReadyLink } from "../link/connection";
import { describeError } from "../system/log";
import { Carriage } from "./carriage";
import { DirectTunnels } from "./direct-tunnels";
import { HeartbeatSender } from "./heartbeat-sender";
import type { AgentOverlayOptions, HostOverlay } from "./host-overlay";
import { type HostTunnel, openHostDevice, relayPeer } from "./host-tunnel";
import { joinOverlay } from "./join";
import { LinkEcho } from "./link-echo";
import { PathChoice } from "./path-choice";

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

const TICK_MS = 250;
/** Who has no overlay is not likely to have one soon. */
const FIRST_ASK_AGAIN_MS = 60_000;
const LAST_ASK_AGAIN_MS = 1_800_000;
const CLOSE_PATIENCE_MS = 2_000;
const MOVE_AGAIN_MS = 3_000;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

export class AgentOverlay implements HostOverlay {
  readonly #options: AgentOverlayOptions;
  readonly #choice = new PathChoice();
  readonly #name: string;
  readonly #stopTicking: () => void;
  #link: ReadyLink | null = null;
  #publicUrl: string | null = null;
  #overlayUrl: string | null = null;
  #overlayRelay: string | null = null;
  #tunnel: HostTunnel | null = null;
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
  readonly #carriage: Carriage;
  /** When the relay answered last by UDP. */
  #udpHeardAt: number | null = null;

  constructor(options: AgentOverlayOptions) {
    this.#options = options;
    const { log, report, declaredEndpoint = null, clock, dial } = options;
    this.#direct = new DirectTunnels({ log, report, declaredEndpoint, now: () => clock.now() });
    this.#carriage = new Carriage({
      ...{ log, dial },
      beat: () => this.#tunnel?.heartbeat.send(),
      onUdpBack: () => {
        if (this.#isSilent()) this.#choice.begin(performance.now());
      },
    });
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
    const now = performance.now();
    const { reason, detail } = this.#choice.view(now);
    const overlay = this.#link !== null && this.#link.relayUrl === this.#overlayUrl;
    const inTunnelMs = rounded(this.#tunnel?.heartbeat.roundTripMs ?? null);
    const carrier = this.#carriage.view(now, inTunnelMs);
    return {
      kind: overlay ? "overlay" : "websocket",
      reason,
      detail: detail?.slice(0, 300) ?? null,
      roundTripMs: overlay ? inTunnelMs : rounded(this.#echo.roundTripMs),
      overlayHeardAt: this.#udpHeardAt === null ? null : Math.round(this.#options.clock.now() - (now - this.#udpHeardAt)),
      ...(carrier === undefined ? {} : { carrier }),
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
    const { relayName, address, prefix, relay } = grant;
    const configuredAs = JSON.stringify([relayName, address, prefix, relay.publicKey, relay.address, linkPort, heartbeatPort]);
    const peer = await relayPeer(grant);
    const before = this.#tunnel;
    if (before?.configuredAs === configuredAs) {
      const { wireguard } = before.device;
      this.#carriage.up({ wireguard, peer });
      return wireguard.configure({ peers: [{ ...peer, endpoint: this.#carriage.endpoint ?? peer.endpoint }] });
    }
    // Of another relay on the same overlay only the peer is another: the interface stays, and direct tunnels with it.
    const kept = before?.address === address && before.prefix === prefix ? before : null;
    if (kept === null) await this.#takeDown();
    const device = kept?.device ?? (await openHostDevice({ ...this.#options, name: this.#name, address, prefix }));
    this.#carriage.down();
    try {
      await device.wireguard.configure({
        remove: kept === null || kept.relayKey === relay.publicKey ? [] : [kept.relayKey],
        peers: [peer],
      });
      if (kept === null) await this.#direct.up({ wireguard: device.wireguard, address, prefix });
      const heartbeat = await HeartbeatSender.open(address, { address: relay.address, port: heartbeatPort }, () => this.#heard());
      kept?.heartbeat.close();
      this.#tunnel = { configuredAs, address, prefix, relayKey: relay.publicKey, device, heartbeat };
      this.#carriage.up({ wireguard: device.wireguard, peer });
    } catch (thrown) {
      await this.#takeDown();
      await device.close();
      throw thrown;
    }
    this.#overlayUrl = `http://[${relay.address}]:${linkPort}`;
    this.#overlayRelay = relayName;
    this.#choice.begin(performance.now());
    this.#askAgainMs = FIRST_ASK_AGAIN_MS;
    this.#complaint = "";
    this.#beatAt = 0;
    this.#options.log.info("overlay configured", { address, by: device.kind, endpoint: relay.endpoint });
    if (kept === null) this.#watch(device);
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
    this.#carriage.down();
    this.#direct.down();
    tunnel?.heartbeat.close();
    await tunnel?.device.close();
  }

  #heard(): void {
    const now = performance.now();
    if (this.#carriage.isCarried) this.#carriage.heard(now);
    else {
      this.#udpHeardAt = now;
      this.#choice.answered(now);
      this.#follow();
    }
  }

  #tick(): void {
    const now = performance.now();
    const { heartbeat } = this.#tunnel ?? {};
    const { isCarried, beatMs } = this.#carriage;
    if (heartbeat !== undefined && now - this.#beatAt >= (isCarried ? beatMs : this.#choice.beatMs)) {
      this.#beatAt = now;
      // What comes by the carrier says nothing of UDP.
      if (!isCarried) this.#choice.asked(now);
      heartbeat.send();
    }
    if (this.#askAgainAt !== null && now >= this.#askAgainAt) {
      const link = this.#link;
      this.#askAgainAt = null;
      if (link?.socket.connected === true) this.#queue(() => this.#join(link));
    }
    this.#carry(now);
    this.#direct.tick(now);
    this.#echo.tick(now);
    this.#follow();
  }

  /** Where UDP does not pass, what goes between hosts takes a stream. The link never does: TCP in TCP makes both wait. */
  #carry(now: number): void {
    const link = this.#link?.relayUrl === this.#overlayUrl ? null : this.#link;
    this.#carriage.tick(now, link, { silent: this.#isSilent(), needed: this.#direct.needRelay });
    this.#direct.carried(this.#carriage.isCarried);
  }

  #isSilent = (): boolean => this.#choice.view(performance.now()).reason === "silent";

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
