import { AppError, toAppError } from "@indium/contract/errors";
import type { HostId } from "@indium/contract/ids";
import type { Centre } from "../centre";
import type { Log } from "../log";
import type { RelayOverlay } from "../overlay/overlay";
import type { RelayListTeller } from "./relay-list";
import type { Session } from "./session";
import type { Sessions } from "./sessions";

export const LEASE_INTERVAL_MS = 5_000;
/** Less than the interval, so that the next turn, and with it the next worker, comes before the leases (15 s) have run out. */
const LEASE_TIMEOUT_MS = 4_000;

export interface LeasesOptions {
  readonly sessions: Sessions;
  readonly centre: Pick<Centre, "call">;
  readonly overlay: Pick<RelayOverlay, "pairsAre">;
  readonly relays: Pick<RelayListTeller, "revision" | "given">;
  readonly relayName: string;
  readonly log: Log;
}

/**
 * Extends the leases of all linked hosts; without hosts it still says that this relay is there. While the centre is away nothing is dropped:
 * links outlive its restarts. A host the centre says is another's by now is dropped, unless it has linked anew since the question was sent.
 */
export class Leases {
  readonly #options: LeasesOptions;
  readonly #spared = new WeakSet<Session>();
  #underWay = false;
  #failing = false;

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  async renew(): Promise<void> {
    if (this.#underWay) return;
    this.#underWay = true;
    const { sessions, centre, overlay, relays, relayName, log } = this.#options;
    try {
      const asked = new Map(sessions.registry.all().map(({ hostId, linkEpoch }) => [hostId, linkEpoch]));
      const hosts = [...asked].map(([hostId, linkEpoch]) => ({ hostId, linkEpoch }));
      const draining = sessions.draining;
      const standbys = sessions.standbys.hosts();
      const answer = await centre.call(
        "renewLeases",
        {
          ...{ relayName, hosts },
          ...(draining ? { draining } : {}),
          ...(standbys.length === 0 ? {} : { standbys }),
          ...(relays.revision === undefined ? {} : { relaysRevision: relays.revision }),
        },
        LEASE_TIMEOUT_MS,
      );
      overlay.pairsAre(answer.overlayRevision);
      relays.given(answer.relays);
      for (const hostId of answer.lost) this.#lost(hostId, asked.get(hostId));
      for (const hostId of answer.removed ?? []) sessions.dropStandby(hostId, new AppError("host_revoked", "This host was removed."));
      if (this.#failing) log("info", "leases are renewed again");
      this.#failing = false;
    } catch (thrown) {
      const error = toAppError(thrown, "Renewing the leases failed.");
      if (!this.#failing) log("warning", `leases not renewed: ${error.message}`, { code: error.code });
      this.#failing = true;
    } finally {
      this.#underWay = false;
    }
  }

  #lost(hostId: HostId, askedEpoch: number | undefined): void {
    const { sessions } = this.#options;
    const session = sessions.registry.get(hostId);
    if (session === undefined || session.linkEpoch !== askedEpoch) return;
    // One that is being moved: its new link's epoch is the centre's already, and the link a moment away. Once only, because whoever
    // names this host's key may say that it is moving.
    if (sessions.isProving(session.publicKey) && !this.#spared.has(session)) {
      this.#spared.add(session);
      return;
    }
    // One that was asked to leave has linked elsewhere: what was asked by this link is still answered by it.
    if (sessions.draining && session.rpc.active > 0) return;
    sessions.drop(hostId, new AppError("conflict", "The centre no longer counts this link as the host's."), true);
  }
}
