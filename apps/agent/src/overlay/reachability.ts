import { networkInterfaces } from "node:os";
import { IpEndpoint } from "@indium/contract/direct";
import type { ReportBody } from "@indium/contract/report";
import type { WireGuard } from "@indium/tunnel/overlay/wireguard";
import type { ReadyLink } from "../link/connection";
import { describeError, type Log } from "../system/log";
import { ownAddresses, type Reachable, reachableAt } from "./candidates";
import { resolveEndpoint } from "./resolve-endpoint";

export interface ReachabilityOptions {
  readonly log: Log;
  readonly report: (body: ReportBody) => void;
  /** Set by the operator: `<host>:<port>` by which others reach this host's WireGuard. */
  readonly declared: string | null;
  readonly onKnown: (own: readonly string[], nat: Reachable["nat"]) => void;
  readonly interfaces?: typeof networkInterfaces;
}

const LOOK_EVERY_MS = 5_000;
/** A NAT may give another port tomorrow, and a name lead elsewhere. */
const ASK_AGAIN_MS = 60_000;
const ASK_TIMEOUT_MS = 5_000;

interface Asked {
  readonly observed: string | null;
  readonly declared: string | null;
  readonly until: number;
}

/** Tells the centre where this host may be reached by the others of its pairs, as often as that changes and with each new link. */
export class Reachability {
  /** WireGuard reaches the relay by a carrier: where that comes from is nowhere that others could send to. */
  carried = false;
  readonly #options: ReachabilityOptions;
  #tunnel: { readonly wireguard: Pick<WireGuard, "listenPort">; readonly prefix: string } | null = null;
  #link: ReadyLink | null = null;
  #asked: Asked = { observed: null, declared: null, until: 0 };
  #told = "";
  #lookAt = 0;
  #busy = false;

  constructor(options: ReachabilityOptions) {
    this.#options = options;
  }

  /** A new link: the centre may have lost what it was told, and another relay sees this host elsewhere. */
  linked(link: ReadyLink): void {
    this.#link = link;
    this.#again();
  }

  up(wireguard: Pick<WireGuard, "listenPort">, prefix: string): void {
    this.#tunnel = { wireguard, prefix };
    this.#again();
  }

  down(): void {
    this.#tunnel = null;
  }

  /** Often, while this host has a pair: nobody else is told where it is. */
  tick(now: number): void {
    if (this.#busy || now < this.#lookAt || this.#tunnel === null) return;
    this.#busy = true;
    this.#lookAt = now + LOOK_EVERY_MS;
    void this.#look(now)
      .catch((thrown: unknown) => this.#options.log.warn("where this host may be reached is not known", describeError(thrown)))
      .finally(() => {
        this.#busy = false;
      });
  }

  #again(): void {
    this.#told = "";
    this.#asked = { ...this.#asked, until: 0 };
    this.#lookAt = 0;
  }

  async #look(now: number): Promise<void> {
    const { interfaces = networkInterfaces, onKnown, report } = this.#options;
    const tunnel = this.#tunnel;
    const port = await tunnel?.wireguard.listenPort();
    if (port == null) return;
    if (now >= this.#asked.until) this.#asked = await this.#ask(now);
    if (tunnel === null || tunnel !== this.#tunnel) return;
    const around = interfaces();
    const { observed, declared } = this.#asked;
    const { candidates, nat } = reachableAt({ interfaces: around, port, observed, declared, overlayPrefix: tunnel.prefix });
    onKnown(ownAddresses(around, tunnel.prefix), nat);
    const told = JSON.stringify([candidates, nat]);
    if (told === this.#told) return;
    this.#told = told;
    report({ kind: "overlay.candidates", candidates: [...candidates], nat });
  }

  async #ask(now: number): Promise<Asked> {
    const [observed, declared] = await Promise.all([this.#observed(), this.#declared()]);
    // Before the first handshake the relay does not see it either.
    return { observed, declared, until: observed === null ? 0 : now + ASK_AGAIN_MS };
  }

  async #observed(): Promise<string | null> {
    const link = this.#link;
    if (link === null || !link.socket.connected || this.carried) return null;
    try {
      return IpEndpoint.safeParse(await link.socket.timeout(ASK_TIMEOUT_MS).emitWithAck("overlay:observed")).data ?? null;
    } catch {
      // A relay of before does not answer.
      return null;
    }
  }

  async #declared(): Promise<string | null> {
    const { declared, log } = this.#options;
    if (declared === null) return null;
    return resolveEndpoint(declared).catch((thrown: unknown) => {
      log.warn("the declared endpoint leads nowhere", describeError(thrown));
      return null;
    });
  }
}
