import { AppError, toAppError } from "@indium/contract/errors";
import type { Centre } from "../centre";
import type { Log } from "../log";
import type { RelayOverlay } from "../overlay/overlay";
import type { Session } from "./session";
import type { Sessions } from "./sessions";

export const LEASE_INTERVAL_MS = 5_000;
/** Less than the interval, so that the next turn, and with it the next worker, comes before the leases (15 s) have run out. */
const LEASE_TIMEOUT_MS = 4_000;

/**
 * Extends the leases of all linked hosts. While the centre is away nothing is dropped: links outlive its restarts.
 * A host the centre says is another's by now is dropped, unless it has linked anew since the question was sent.
 */
export class Leases {
  readonly #sessions: Sessions;
  readonly #centre: Pick<Centre, "call">;
  readonly #overlay: Pick<RelayOverlay, "pairsAre">;
  readonly #relayName: string;
  readonly #log: Log;
  readonly #spared = new WeakSet<Session>();
  #underWay = false;
  #failing = false;

  constructor(options: {
    sessions: Sessions;
    centre: Pick<Centre, "call">;
    overlay: Pick<RelayOverlay, "pairsAre">;
    relayName: string;
    log: Log;
  }) {
    this.#sessions = options.sessions;
    this.#centre = options.centre;
    this.#overlay = options.overlay;
    this.#relayName = options.relayName;
    this.#log = options.log;
  }

  async renew(): Promise<void> {
    if (this.#underWay) return;
    this.#underWay = true;
    try {
      const asked = new Map(this.#sessions.registry.all().map(({ hostId, linkEpoch }) => [hostId, linkEpoch]));
      if (asked.size === 0) return;
      const hosts = [...asked].map(([hostId, linkEpoch]) => ({ hostId, linkEpoch }));
      const { lost, overlayRevision } = await this.#centre.call("renewLeases", { relayName: this.#relayName, hosts }, LEASE_TIMEOUT_MS);
      this.#overlay.pairsAre(overlayRevision);
      for (const hostId of lost) {
        const session = this.#sessions.registry.get(hostId);
        if (session === undefined || session.linkEpoch !== asked.get(hostId)) continue;
        // One that is being moved: its new link's epoch is the centre's already, and the link a moment away. Once only, because whoever
        // names this host's key may say that it is moving.
        if (this.#sessions.isProving(session.publicKey) && !this.#spared.has(session)) {
          this.#spared.add(session);
          continue;
        }
        this.#sessions.drop(hostId, new AppError("conflict", "The centre no longer counts this link as the host's."), true);
      }
      if (this.#failing) this.#log("info", "leases are renewed again");
      this.#failing = false;
    } catch (thrown) {
      const error = toAppError(thrown, "Renewing the leases failed.");
      if (!this.#failing) this.#log("warning", `leases not renewed: ${error.message}`, { code: error.code });
      this.#failing = true;
    } finally {
      this.#underWay = false;
    }
  }
}
