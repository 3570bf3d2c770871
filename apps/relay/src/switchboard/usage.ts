import type { SignedEnvelope } from "@indium/contract/envelope";
import { UsageEnvelope } from "@indium/contract/internal-api";
import { pause } from "@indium/tunnel/backoff";
import type { Centre } from "../centre";
import type { Session } from "../sessions/session";

export const USAGE_INTERVAL_MS = 2_000;
/** Of payloads in one call; quoted as JSON they grow by a third, and the centre reads 24 MiB. */
const MAX_CALL_CHARACTERS = 8_000_000;
/** Hosts are told in small groups: thousands of words at once would hold up whatever else goes through here, and the front behind it. */
const TOLD_AT_ONCE = 32;
const TOLD_EVERY_MS = 5;

interface Sample {
  readonly session: Session;
  readonly usage: SignedEnvelope;
  /** Tells the host that the centre took it. */
  readonly taken: () => void;
}

/**
 * The newest sample of each host as the host signed it, sent on together. Volatile: what the centre does not take is gone, and the host is not
 * told that it was taken, so that it sends what it keeps (metrics) again.
 */
export class UsageBatcher {
  readonly #samples = new Map<string, Sample>();
  readonly #centre: Pick<Centre, "call">;
  #underWay = false;

  constructor(centre: Pick<Centre, "call">) {
    this.#centre = centre;
  }

  listen(session: Session): void {
    session.socket.on("usage", (raw: unknown, ack: unknown) => {
      const usage = UsageEnvelope.safeParse(raw);
      // Agents of before wait for no word.
      const taken = typeof ack === "function" ? () => void ack() : () => {};
      if (usage.success) this.#samples.set(session.hostId, { session, usage: usage.data, taken });
    });
  }

  async flush(): Promise<void> {
    if (this.#underWay || this.#samples.size === 0) return;
    const calls = inCalls([...this.#samples.values()]);
    this.#samples.clear();
    this.#underWay = true;
    try {
      for (const samples of calls) await this.#send(samples);
    } finally {
      this.#underWay = false;
    }
  }

  async #send(samples: readonly Sample[]): Promise<void> {
    try {
      await this.#centre.call("ingestUsage", {
        samples: samples.map(({ session, usage }) => ({ hostId: session.hostId, linkEpoch: session.linkEpoch, usage })),
      });
      for (const [index, { taken }] of samples.entries()) {
        if (index > 0 && index % TOLD_AT_ONCE === 0) await pause(TOLD_EVERY_MS);
        taken();
      }
    } catch {
      // The next sample is two seconds away.
    }
  }
}

/** After a break every host brings what it kept: one call that the centre finds too long would lose all of it, again and again. */
function inCalls(samples: readonly Sample[]): Sample[][] {
  const calls: Sample[][] = [];
  let room = 0;
  for (const sample of samples) {
    room -= sample.usage.payload.length;
    if (room < 0 || calls.length === 0) {
      calls.push([]);
      room = MAX_CALL_CHARACTERS - sample.usage.payload.length;
    }
    calls.at(-1)?.push(sample);
  }
  return calls;
}
