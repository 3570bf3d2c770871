import type { Candidate, NatKind, PeerPath, PeerReason } from "@indium/contract/direct";

/*
 *                 begin                         handshake                    no answer for QUIET
 *   new ─────────────────────▶ probing i ─────────────────────▶ direct ─────────────────────────┐
 *    │ no candidate told        │      ▲ ▲                        ▲                             │
 *    ▼                 its time │      │ │ the wait is over,      │ handshake: the other        │
 *   resting ◀── none is left ── over ──┘ │ or others were told    │ host has knocked            │
 *    │  ▲                       i + 1    │                        │                             │
 *    │  └────────────────────────────────┼────────────────────────┼─────────────────────────────┘
 *    └───────────────────────────────────┴────────────────────────┘      the wait has doubled
 *
 * Invariants
 * - The other host is a peer of its own in every state, and holds its /128 in `direct` alone: in all others traffic takes the relay, so that trying
 *   costs it nothing (a peer without AllowedIPs takes and sends no packet but handshakes and keepalives).
 * - Only a handshake that is younger than the peer leads to `direct`: each step but `use` makes the peer anew, and with it its handshake.
 * - Only answers keep it there. An answer has come the one way and gone the other, so when one side goes back to the relay the other hears no more
 *   answers (WireGuard drops what comes from an address by another peer than the one that holds it) and follows.
 * - A way that comes and goes is waited for longer each time.
 */

/** WireGuard knocks as soon as the peer is made, and again after 5 s; a peer made anew knocks at once. */
const TRY_MS = 2_500;
const FIRST_WAIT_MS = 10_000;
const LAST_WAIT_MS = 900_000;
/** Questions asked in vain, and over how long at least, before a direct way is given up. */
const QUIET_AFTER = 4;
const QUIET_AFTER_MS = 3_000;
/** Direct for this long, all is forgiven. */
const FORGIVEN_AFTER_MS = 600_000;
const DIRECT_BEAT_MS = 2_000;
const DOUBT_MS = 700;
const RELAYED_BEAT_MS = 5_000;

/** The other host's peer as WireGuard has it now. */
export interface PeerSeen {
  readonly handshakeAt: number | null;
  readonly endpoint: string | null;
}

/** What is to be done to the peer: made anew with this endpoint, made anew to be knocked at only, given its /128. */
export type DirectStep = { readonly kind: "probe"; readonly endpoint: string } | { readonly kind: "rest" } | { readonly kind: "use" };

type Phase =
  | { readonly kind: "new" }
  | { readonly kind: "probing"; readonly at: number; readonly until: number }
  | { readonly kind: "resting"; readonly until: number }
  | { readonly kind: "direct" };

export type PathState = Pick<PeerPath, "state" | "reason" | "via" | "lastHandshakeAt">;

/** Whether traffic with one other host goes directly. Times in ms of one clock that only grows; handshakes by the machine's clock. */
export class DirectPath {
  #phase: Phase = { kind: "new" };
  #candidates: readonly Candidate[] = [];
  #seen: PeerSeen = { handshakeAt: null, endpoint: null };
  #directSince = 0;
  /** Rounds in vain since it was direct last, and ways lost since one held: each doubles the wait. */
  #roundsInVain = 0;
  #losses = 0;
  #wasLost = false;
  #inVain = 0;
  #inVainSince = 0;

  /** Where the other host may be reached. Others than before are tried at once. */
  candidates(told: readonly Candidate[]): void {
    if (JSON.stringify(told) === JSON.stringify(this.#candidates)) return;
    this.#candidates = told;
    this.#roundsInVain = 0;
    if (this.#phase.kind !== "direct") this.#phase = { kind: "new" };
  }

  /** The interface was made anew: it has no peer of this host. */
  begin(): void {
    this.#phase = { kind: "new" };
    this.#roundsInVain = 0;
    this.#losses = 0;
    this.#wasLost = false;
    this.#inVain = 0;
  }

  /** What is to be done now; null for nothing. Whoever is told a step carries it out. */
  next(now: number, seen: PeerSeen): DirectStep | null {
    this.#seen = seen;
    const phase = this.#phase;
    switch (phase.kind) {
      case "new":
        return this.#try(0, now);
      case "probing":
        if (seen.handshakeAt !== null) return this.#use(now);
        return now < phase.until ? null : this.#try(phase.at + 1, now);
      case "resting":
        if (seen.handshakeAt !== null) return this.#use(now);
        return now < phase.until || this.#candidates.length === 0 ? null : this.#try(0, now);
      case "direct":
        if (this.#inVain >= QUIET_AFTER && now - this.#inVainSince >= QUIET_AFTER_MS) {
          this.#wasLost = true;
          const step = this.#rest(now);
          this.#losses += 1;
          return step;
        }
        if (now - this.#directSince > FORGIVEN_AFTER_MS) this.#losses = 0;
        return null;
    }
  }

  /** A heartbeat goes out. */
  asked(now: number): void {
    if (this.#inVain === 0) this.#inVainSince = now;
    this.#inVain += 1;
  }

  answered(): void {
    this.#inVain = 0;
  }

  /** How long after the last heartbeat the next one is due. */
  get beatMs(): number {
    if (this.#phase.kind !== "direct") return RELAYED_BEAT_MS;
    return this.#inVain === 0 ? DIRECT_BEAT_MS : DOUBT_MS;
  }

  get isDirect(): boolean {
    return this.#phase.kind === "direct";
  }

  get isProbing(): boolean {
    return this.#phase.kind === "new" || this.#phase.kind === "probing";
  }

  /** `nat`: what stands in front of this host and of the other. */
  view(nat: { readonly here: NatKind | null; readonly there: NatKind | null }): PathState {
    const { handshakeAt, endpoint } = this.#seen;
    switch (this.#phase.kind) {
      case "direct": {
        const kind = this.#candidates.find((candidate) => candidate.endpoint === endpoint)?.kind ?? null;
        return { state: "direct", reason: "direct", via: endpoint === null ? null : { kind, endpoint }, lastHandshakeAt: handshakeAt };
      }
      case "new":
      case "probing":
        return { state: "probing", reason: "probing", via: null, lastHandshakeAt: null };
      case "resting":
        return { state: "relayed", reason: this.#why(nat), via: null, lastHandshakeAt: null };
    }
  }

  #why({ here, there }: { readonly here: NatKind | null; readonly there: NatKind | null }): PeerReason {
    if (this.#candidates.length === 0) return "noCandidates";
    if (this.#wasLost) return "quiet";
    const [own, other] = [here === "changesPorts", there === "changesPorts"];
    if (own && other) return "natBoth";
    if (own) return "natHere";
    return other ? "natThere" : "unanswered";
  }

  #try(at: number, now: number): DirectStep {
    const candidate = this.#candidates[at];
    if (candidate === undefined) {
      const step = this.#rest(now);
      if (at > 0) this.#roundsInVain += 1;
      return step;
    }
    this.#phase = { kind: "probing", at, until: now + TRY_MS };
    return { kind: "probe", endpoint: candidate.endpoint };
  }

  #rest(now: number): DirectStep {
    this.#phase = { kind: "resting", until: now + Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#roundsInVain + this.#losses)) };
    return { kind: "rest" };
  }

  #use(now: number): DirectStep {
    this.#phase = { kind: "direct" };
    this.#directSince = now;
    this.#roundsInVain = 0;
    this.#wasLost = false;
    this.#inVain = 0;
    return { kind: "use" };
  }
}
