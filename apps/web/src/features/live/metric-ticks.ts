/** Word that a host's new samples are kept, for whoever shows a chart of it. Nothing is remembered: a chart asks by what it shows. */
export class MetricTicks {
  readonly #listeners = new Map<string, Set<(at: number) => void>>();

  push(hostId: string, at: number): void {
    for (const listener of [...(this.#listeners.get(hostId) ?? [])]) listener(at);
  }

  subscribe(hostId: string, listener: (at: number) => void): () => void {
    const listeners = this.#listeners.get(hostId) ?? new Set();
    this.#listeners.set(hostId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(hostId) === listeners) this.#listeners.delete(hostId);
    };
  }
}
