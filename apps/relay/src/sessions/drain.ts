import { pause } from "@indium/tunnel/backoff";
import type { Log } from "../log";
import type { RelayListTeller } from "./relay-list";
import type { Sessions } from "./sessions";

/*
 *  open ──drain──▶ no more links; the centre knows ──▶ hosts told to leave, one after another ──▶ waiting for links, calls and consoles ──▶ over
 *                                                                                                   │ the time is over               ▲
 *                                                                                                   └────────────────────────────────┘
 *
 * Hosts that only stand by here are told too: they stand by elsewhere. A host links elsewhere before it lets go, so that it is never without a link. Calls that were asked here are answered here (leases.ts).
 */

/** Each newcomer costs another relay a signature and the centre a transaction: 500 a second is what they do beside their work. */
const BETWEEN_HOSTS_MS = 2;
const LOOK_EVERY_MS = 250;
const RENEW_EVERY_MS = 1_000;

export interface DrainOptions {
  readonly sessions: Sessions;
  readonly streams: { readonly size: number };
  readonly relays: Pick<RelayListTeller, "others">;
  readonly relayName: string;
  readonly boundMs: number;
  readonly renew: () => Promise<void>;
  readonly log: Log;
}

export async function drain(options: DrainOptions): Promise<void> {
  const { sessions, streams, relays, relayName, boundMs, renew, log } = options;
  const deadline = performance.now() + boundMs;
  if (boundMs === 0 || !relays.others(relayName)) return;
  sessions.drain();
  log("info", "draining", { links: sessions.registry.size, consoles: streams.size, seconds: boundMs / 1_000 });
  // The list that hosts then have names this relay no more.
  await renew();
  const leaving = sessions.leaving();
  const apartMs = Math.min(BETWEEN_HOSTS_MS, boundMs / 2 / Math.max(1, leaving.length));
  const begun = performance.now();
  for (const [at, socket] of leaving.entries()) {
    const early = begun + at * apartMs - performance.now();
    if (early >= 1) await pause(early);
    socket.emit("link:leave");
  }
  let renewedAt = performance.now();
  while ((sessions.registry.size > 0 || streams.size > 0) && performance.now() < deadline) {
    await pause(LOOK_EVERY_MS);
    if (performance.now() - renewedAt < RENEW_EVERY_MS) continue;
    renewedAt = performance.now();
    await renew();
  }
  log("info", "drained", { links: sessions.registry.size, consoles: streams.size });
}
