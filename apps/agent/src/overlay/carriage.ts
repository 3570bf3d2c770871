import type { Socket } from "node:net";
import { AppError, toAppError } from "@indium/contract/errors";
import type { StreamId } from "@indium/contract/ids";
import { type CarrierPath, OverlayCarryAnswer } from "@indium/contract/overlay";
import type { WireGuardPeer } from "@indium/tunnel/overlay/uapi";
import type { WireGuard } from "@indium/tunnel/overlay/wireguard";
import type { ReadyLink } from "../link/connection";
import { describeError, type Log } from "../system/log";
import { CarrierChoice, type CarrierNeed } from "./carrier-choice";
import { OverlayCarrier } from "./overlay-carrier";

export interface CarriageOptions {
  readonly log: Log;
  /** A stream of its own to the link's relay. */
  readonly dial: (link: ReadyLink, streamId: StreamId) => Promise<Socket>;
  /** Sends a heartbeat at once. */
  readonly beat: () => void;
  /** UDP passes again, and WireGuard takes it. */
  readonly onUdpBack: () => void;
}

/** The interface and its relay, while both are there. */
export interface CarriedTunnel {
  readonly wireguard: Pick<WireGuard, "configure" | "listenPort">;
  /** With where the relay is by UDP. */
  readonly peer: WireGuardPeer & { readonly endpoint: string };
}

const ASK_TIMEOUT_MS = 10_000;
const BEAT_MS = 5_000;
/** Three heartbeats. */
const HEARD_MS = 15_000;

/** WireGuard's way to the relay where UDP does not pass: when there is one is CarrierChoice's to say, here it is opened, used and left. */
export class Carriage {
  readonly #options: CarriageOptions;
  readonly #choice = new CarrierChoice();
  #tunnel: CarriedTunnel | null = null;
  #carrier: OverlayCarrier | null = null;
  #heardAt: number | null = null;

  constructor(options: CarriageOptions) {
    this.#options = options;
  }

  /** Whether WireGuard sends to the relay by a carrier now, and heartbeats say nothing of UDP. */
  get isCarried(): boolean {
    return this.#carrier !== null;
  }

  /** Where WireGuard is to take the relay to be; null for its own place. */
  get endpoint(): string | null {
    return this.#carrier?.endpoint ?? null;
  }

  get beatMs(): number {
    return BEAT_MS;
  }

  /** The tunnel of this relay: another than before ends the carrier. */
  up(tunnel: CarriedTunnel): void {
    const { wireguard, peer } = this.#tunnel ?? {};
    const isSame = wireguard === tunnel.wireguard && peer?.publicKey === tunnel.peer.publicKey && peer.endpoint === tunnel.peer.endpoint;
    if (!isSame) this.down();
    this.#tunnel = isSame ? this.#tunnel : tunnel;
  }

  down(): void {
    this.#tunnel = null;
    this.#choice.reset();
    this.#drop();
  }

  heard(now: number): void {
    this.#heardAt = now;
  }

  /** Often. */
  tick(now: number, link: ReadyLink | null, need: CarrierNeed): void {
    const tunnel = this.#tunnel;
    if (tunnel === null || (this.#carrier === null && link?.socket.connected !== true)) return;
    switch (this.#choice.next(now, need)) {
      case "open":
        if (link !== null) void this.#open(tunnel, link);
        break;
      case "probe":
        this.#carrier?.probe();
        this.#options.beat();
        break;
      case "close":
        this.#drop();
        void this.#toUdp(tunnel);
        break;
      case "leave":
        this.#drop();
        void this.#toUdp(tunnel).then(this.#options.onUdpBack);
        break;
      case null:
    }
  }

  /** Undefined: nothing needs one. */
  view(now: number, roundTripMs: number | null): CarrierPath | undefined {
    const { state, detail } = this.#choice;
    if (state === "off") return undefined;
    if (state === "waiting" || (state === "opening" && detail !== null))
      return { state: "failed", detail: detail?.slice(0, 300) ?? null, roundTripMs: null };
    const heard = this.#heardAt !== null && now - this.#heardAt < HEARD_MS;
    return heard ? { state: "carrying", detail: null, roundTripMs } : { state: "opening", detail: null, roundTripMs: null };
  }

  async #open(tunnel: CarriedTunnel, link: ReadyLink): Promise<void> {
    const { log, dial, beat } = this.#options;
    let stream: Socket | null = null;
    try {
      const streamId = await ask(link);
      stream = await dial(link, streamId);
      const wireguardPort = await tunnel.wireguard.listenPort();
      if (wireguardPort === null) throw new AppError("network_failed", "WireGuard does not listen on this host.");
      if (tunnel !== this.#tunnel) return void stream.destroy();
      const carrier = await OverlayCarrier.open({
        stream,
        wireguardPort,
        relayEndpoint: tunnel.peer.endpoint,
        onEnd: (reason, counts) => {
          log.info("WireGuard goes by a stream no more", { reason, ...counts });
          if (this.#carrier === carrier) this.#lost(tunnel, reason);
        },
        onUdp: () => this.#choice.probeAnswered(performance.now()),
        // Where UDP passes one way only, the relay sends there now: whatever comes by the carrier tells it better.
        onUnanswered: beat,
      });
      if (tunnel !== this.#tunnel) return carrier.close();
      const { peer } = tunnel;
      // Made anew it knocks at once, and not when the next of its tries is due.
      await tunnel.wireguard.configure({ remove: [peer.publicKey], peers: [{ ...peer, endpoint: carrier.endpoint }] });
      if (tunnel !== this.#tunnel) return carrier.close();
      if (carrier.isOver) return this.#lost(tunnel, "it was closed at once");
      this.#carrier = carrier;
      this.#heardAt = null;
      this.#choice.opened(performance.now());
      log.info("WireGuard goes by a stream: UDP does not pass", { relay: link.relayName });
      beat();
    } catch (thrown) {
      stream?.destroy();
      if (tunnel !== this.#tunnel) return;
      const { message } = toAppError(thrown, "WireGuard could not be carried by a stream; the log says why.");
      // The same words once.
      if (message !== this.#choice.detail) log.warn("WireGuard is not carried", describeError(thrown));
      this.#choice.failed(performance.now(), message);
    }
  }

  /** It has ended by itself. UDP is listened for meanwhile. */
  #lost(tunnel: CarriedTunnel, reason: string): void {
    this.#carrier = null;
    this.#choice.failed(performance.now(), `Its connection ended: ${reason}.`);
    void this.#toUdp(tunnel);
  }

  /** Nothing more of it reaches WireGuard, which would take the carrier for the relay's newest place. */
  #drop(): void {
    const carrier = this.#carrier;
    this.#carrier = null;
    carrier?.close();
  }

  async #toUdp(tunnel: CarriedTunnel): Promise<void> {
    try {
      await tunnel.wireguard.configure({ peers: [tunnel.peer] });
    } catch (thrown) {
      this.#options.log.warn("WireGuard could not be led back to UDP", describeError(thrown));
    }
  }
}

async function ask(link: ReadyLink): Promise<StreamId> {
  let raw: unknown;
  try {
    raw = await link.socket.timeout(ASK_TIMEOUT_MS).emitWithAck("overlay:carry");
  } catch {
    throw new AppError("unsupported", "The relay did not answer; it is of an older version, most likely.");
  }
  const answer = OverlayCarryAnswer.safeParse(raw);
  if (!answer.success) throw new AppError("unsupported", "The relay's answer is malformed.");
  if (!answer.data.ok) throw AppError.fromWire(answer.data.error);
  return answer.data.streamId;
}
