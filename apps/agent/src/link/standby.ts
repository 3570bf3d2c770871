import type { RelayEntry } from "@indium/contract/relays";
import { Backoff } from "@indium/tunnel/backoff";
import type { Clock } from "../system/clock";
import type { Ending } from "./connection";
import type { RelayChoice, RelayTarget } from "./relay-choice";

/*
 *          ┌──────────────────── waits: a random part of SPREAD_MS, or the backoff ◀───────────────┐
 *          ▼                                                                                       │
 *  idle ──linked, another relay is listed──▶ dialling ──link:standby──▶ standing ──lost, sent away, no longer listed, or the link is there now
 *   ▲                                           │ no link any more           │ take: the host's link is lost; whoever takes it promotes it
 *   └───────────────────────────────────────────┴────────────────────────────┘
 *
 * A second connection, on another relay than the host's link, kept ready for when that is lost. Invariants: one at most; never on the relay of the
 * link; sought only while there is a link, because it takes the same room at relays and centre; what was taken is its taker's. With one relay
 * nothing is dialled.
 */

export interface StandbyConnection {
  readonly target: RelayTarget;
  /** The name of the relay where it stands by; null when it ended before. */
  readonly standing: Promise<string | null>;
  readonly ended: Promise<Ending>;
  close(reason: string): void;
}

export interface StandbyOptions<C> {
  /** To that relay, which must not turn out to be `notAt`. */
  readonly open: (target: RelayTarget, notAt: string) => C;
  readonly choice: RelayChoice;
  readonly listed: () => readonly RelayEntry[];
  readonly clock: Pick<Clock, "now" | "sleep">;
  readonly random?: (() => number) | undefined;
}

/** A relay's hosts lose their standbys, or have just promoted them, all at once. */
const SPREAD_MS = 2_000;
const BASE_MS = 2_000;
const CAP_MS = 60_000;
const STEADY_MS = 30_000;
/** One that cannot have standbys (it is of before), or must not have this host's. */
const UNFIT_MS = 600_000;
const IDLE_MS = 3_600_000;

export class Standby<C extends StandbyConnection> {
  readonly #options: StandbyOptions<C>;
  readonly #random: () => number;
  readonly #backoff: Backoff;
  readonly #unfitUntil = new Map<string, number>();
  #linkedAt: string | null = null;
  /** Dialling or standing. */
  #connection: C | null = null;
  #at: string | null = null;
  #linkedSince = Number.NEGATIVE_INFINITY;
  #dueAt = 0;
  #stopped = false;
  #sleep = new AbortController();
  #running: Promise<void> | null = null;

  constructor(options: StandbyOptions<C>) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#backoff = new Backoff({ baseMs: BASE_MS, capMs: CAP_MS, random: this.#random });
  }

  /** The relay where it stands by. */
  get at(): string | null {
    return this.#at;
  }

  /** What stands by, left where it is. */
  get standing(): C | null {
    return this.#at === null ? null : this.#connection;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#drop("stopped");
    this.#sleep.abort();
    await this.#running;
  }

  /** Where the host's link is now; null: it has none. */
  linkedAt(relayName: string | null): void {
    if (relayName === this.#linkedAt) return;
    this.#linkedAt = relayName;
    if (relayName === null ? this.#at === null : this.#at === relayName) this.#drop("the host's link has changed");
    if (relayName === null) return;
    const now = this.#options.clock.now();
    const steady = now - this.#linkedSince >= STEADY_MS;
    this.#linkedSince = now;
    if (steady) this.#backoff.reset();
    // Two machines with one key take the link from each other, and each standby would make that quicker.
    this.#soon(SPREAD_MS * this.#random() + (steady ? 0 : this.#backoff.next()));
  }

  /** The centre's list has changed. */
  listed(): void {
    const names = this.#options.listed().map(({ name }) => name);
    this.#unfitUntil.clear();
    if (this.#at !== null && !names.includes(this.#at)) this.#drop("the relay is no longer listed");
    this.#soon(SPREAD_MS * this.#random());
  }

  /** What stands by, to be promoted; null when nothing does. The next is sought once there is a link. */
  take(): C | null {
    const taken = this.standing;
    if (taken === null) return null;
    this.#connection = null;
    this.#at = null;
    this.#linkedAt = null;
    return taken;
  }

  /** Ends what there is; nothing is sought until there is a link. */
  giveUp(reason: string): void {
    this.#linkedAt = null;
    this.#drop(reason);
  }

  async #run(): Promise<void> {
    const { clock, choice } = this.#options;
    while (!this.#stopped) {
      const waitMs = this.#connection !== null || this.#linkedAt === null ? IDLE_MS : this.#dueAt - clock.now();
      if (waitMs > 0) {
        await this.#wait(waitMs);
        continue;
      }
      const next = choice.next(clock.now(), [this.#linkedAt ?? "", ...this.#unfit()]);
      if (next === null || next.waitMs > 0) {
        this.#dueAt = clock.now() + (next?.waitMs ?? UNFIT_MS);
        continue;
      }
      await this.#dial(next.target, this.#linkedAt ?? "");
    }
  }

  async #dial(target: RelayTarget, linkedAt: string): Promise<void> {
    const connection = this.#options.open(target, linkedAt);
    this.#connection = connection;
    void connection.ended.then((ending) => this.#lost(connection, ending));
    const at = await connection.standing;
    if (this.#connection === connection) this.#at = at;
  }

  #lost(connection: C, { refusal, heldMs }: Ending): void {
    if (this.#connection !== connection) return;
    const { choice, clock } = this.#options;
    const now = clock.now();
    this.#connection = null;
    this.#at = null;
    if (heldMs >= STEADY_MS) this.#backoff.reset();
    if (refusal !== null && !refusal.retry) this.#unfitUntil.set(connection.target.name ?? "", now + UNFIT_MS);
    else choice.failed(connection.target, now, refusal?.retryAfterMs);
    this.#dueAt = now + this.#backoff.next();
    this.#wake();
  }

  #unfit(): string[] {
    const now = this.#options.clock.now();
    return [...this.#unfitUntil].filter(([, until]) => until > now).map(([name]) => name);
  }

  /** Not as if it had failed. */
  #drop(reason: string): void {
    const connection = this.#connection;
    this.#connection = null;
    this.#at = null;
    connection?.close(reason);
  }

  #soon(ms: number): void {
    this.#dueAt = this.#options.clock.now() + ms;
    this.#wake();
  }

  #wake(): void {
    this.#sleep.abort();
  }

  async #wait(ms: number): Promise<void> {
    this.#sleep = new AbortController();
    if (!this.#stopped) await this.#options.clock.sleep(ms, this.#sleep.signal);
  }
}
