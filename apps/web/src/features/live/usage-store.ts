import type { HostUsage } from "@indium/contract/host";

/** About ten minutes at one sample every five seconds. */
export const HISTORY_LENGTH = 120;

/**
 * The hosts' usage as it streams in, with a short history, outside React: a sample re-renders only what shows that host.
 */
export class UsageStore {
  readonly #histories = new Map<string, readonly HostUsage[]>();
  readonly #listeners = new Map<string, Set<() => void>>();
  static readonly #NONE: readonly HostUsage[] = [];

  push(hostId: string, usage: HostUsage): void {
    const history = this.history(hostId);
    const last = history.at(-1);
    // The stream may repeat its last sample after it was resumed.
    if (last !== undefined && usage.at <= last.at) return;
    this.#histories.set(hostId, [...history.slice(-(HISTORY_LENGTH - 1)), usage]);
    for (const listener of this.#listeners.get(hostId) ?? []) listener();
  }

  /** Oldest first. The same array until the next sample. */
  history(hostId: string): readonly HostUsage[] {
    return this.#histories.get(hostId) ?? UsageStore.#NONE;
  }

  subscribe(hostId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(hostId) ?? new Set();
    this.#listeners.set(hostId, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }
}
