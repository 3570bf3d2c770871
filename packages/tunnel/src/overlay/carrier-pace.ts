/** Time that bytes may wait in a congested stream, beyond the way's own: what comes then is dropped, as a full queue on the way would. */
const STALE_MS = 200;
/** Before the first acknowledgement the way's own time is not known. */
const UNKNOWN_WAY_MS = 1_000;
/** Not acknowledged at all. */
const MAX_OUTSTANDING_BYTES = 4 * 1024 * 1024;
/** The way's own time is the least of this long: ways change. */
const WINDOW_MS = 60_000;

/**
 * How much a stream of datagrams holds, by what the other side says it has read: TCP takes megabytes into its own buffers, and what is put behind them
 * comes seconds late, which is worth less to those who wait for it than a loss that tells them to send slower. Times in ms of one clock that only grows.
 */
export class CarrierPace {
  #sent = 0;
  #acknowledged = 0;
  /** Up to which byte had been sent when, oldest first; what is before `#from` is acknowledged. */
  #marks: { readonly end: number; readonly at: number }[] = [];
  #from = 0;
  #least = { now: Number.POSITIVE_INFINITY, before: Number.POSITIVE_INFINITY, since: 0 };

  get outstandingBytes(): number {
    return this.#sent - this.#acknowledged;
  }

  /** The least time that bytes took there and their acknowledgement back; null before the first. */
  get wayMs(): number | null {
    const least = Math.min(this.#least.now, this.#least.before);
    return Number.isFinite(least) ? least : null;
  }

  /** Whether so many bytes more may be put into the stream. */
  admits(bytes: number, now: number): boolean {
    if (this.outstandingBytes + bytes > MAX_OUTSTANDING_BYTES) return false;
    const oldest = this.#marks[this.#from];
    return oldest === undefined || now - oldest.at <= (this.wayMs ?? UNKNOWN_WAY_MS) + STALE_MS;
  }

  sent(bytes: number, now: number): void {
    this.#sent += bytes;
    const newest = this.#marks.at(-1);
    // A mark a millisecond is fine enough.
    if (newest !== undefined && this.#marks.length > this.#from && now - newest.at < 1)
      this.#marks[this.#marks.length - 1] = { ...newest, end: this.#sent };
    else this.#marks.push({ end: this.#sent, at: now });
  }

  /** False for a total, modulo 2^32, that cannot be: more than was sent, or less than before. */
  acknowledged(total: number, now: number): boolean {
    const more = (total - (this.#acknowledged % 2 ** 32) + 2 ** 32) % 2 ** 32;
    if (more > this.outstandingBytes) return false;
    this.#acknowledged += more;
    for (;;) {
      const oldest = this.#marks[this.#from];
      if (oldest === undefined || oldest.end > this.#acknowledged) break;
      this.#from += 1;
      this.#took(now - oldest.at, now);
    }
    if (this.#from > 1_000 || this.#from === this.#marks.length) {
      this.#marks = this.#marks.slice(this.#from);
      this.#from = 0;
    }
    return true;
  }

  #took(ms: number, now: number): void {
    const least = this.#least;
    if (now - least.since > WINDOW_MS) this.#least = { before: least.now, now: ms, since: now };
    else least.now = Math.min(least.now, ms);
  }
}
