import type { SignedEnvelope } from "@indium/contract/envelope";
import { UsageEnvelope } from "@indium/contract/internal-api";
import type { Centre } from "../centre";
import type { Session } from "../sessions/session";

export const USAGE_INTERVAL_MS = 2_000;

/** The newest sample of each host as the host signed it, sent on together. Volatile: what the centre does not take is gone. */
export class UsageBatcher {
  readonly #samples = new Map<string, { session: Session; usage: SignedEnvelope }>();
  readonly #centre: Pick<Centre, "call">;
  #underWay = false;

  constructor(centre: Pick<Centre, "call">) {
    this.#centre = centre;
  }

  listen(session: Session): void {
    session.socket.on("usage", (raw) => {
      const usage = UsageEnvelope.safeParse(raw);
      if (usage.success) this.#samples.set(session.hostId, { session, usage: usage.data });
    });
  }

  async flush(): Promise<void> {
    if (this.#underWay || this.#samples.size === 0) return;
    const samples = [...this.#samples.values()].map(({ session, usage }) => ({
      hostId: session.hostId,
      linkEpoch: session.linkEpoch,
      usage,
    }));
    this.#samples.clear();
    this.#underWay = true;
    try {
      await this.#centre.call("ingestUsage", { samples });
    } catch {
      // The next sample is two seconds away.
    } finally {
      this.#underWay = false;
    }
  }
}
