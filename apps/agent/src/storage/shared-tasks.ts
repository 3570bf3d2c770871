/**
 * One running task per key, joined by all who ask for it meanwhile. A caller that gives up leaves alone; the task is
 * cancelled when the last has left.
 */
export class SharedTasks<T, Note extends readonly unknown[]> {
  /** Cancelled and not yet over: the next of that key waits, so that two never work on one file. */
  readonly #ending = new Map<string, Promise<unknown>>();
  readonly #running = new Map<
    string,
    { result: Promise<T>; controller: AbortController; listeners: Set<(...note: Note) => void>; callers: number }
  >();

  /** @throws the signal's reason when aborted; else what the task throws. */
  async join(
    key: string,
    signal: AbortSignal,
    listener: (...note: Note) => void,
    start: (signal: AbortSignal, notify: (...note: Note) => void) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    let task = this.#running.get(key);
    if (task === undefined) {
      const controller = new AbortController();
      const listeners = new Set<(...note: Note) => void>();
      const notify = (...note: Note): void => {
        for (const each of listeners) each(...note);
      };
      const before = this.#ending.get(key) ?? Promise.resolve();
      const result = before.then(() => start(controller.signal, notify));
      const started = { result, controller, listeners, callers: 0 };
      task = started;
      this.#running.set(key, started);
      const forget = (): void => {
        if (this.#running.get(key) === started) this.#running.delete(key);
      };
      started.result.then(forget, forget);
    }
    return this.#follow(key, task, signal, listener);
  }

  async #follow(
    key: string,
    task: { result: Promise<T>; controller: AbortController; listeners: Set<(...note: Note) => void>; callers: number },
    signal: AbortSignal,
    listener: (...note: Note) => void,
  ): Promise<T> {
    // A listener of one's own: two callers may bring the same function.
    const own = (...note: Note): void => listener(...note);
    task.callers += 1;
    task.listeners.add(own);
    let onAbort = (): void => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason as Error);
      signal.addEventListener("abort", onAbort, { once: true });
    });
    try {
      return await Promise.race([task.result, aborted]);
    } finally {
      signal.removeEventListener("abort", onAbort);
      task.listeners.delete(own);
      task.callers -= 1;
      if (task.callers === 0 && this.#running.get(key) === task) {
        // Whoever asks from now on starts anew.
        this.#running.delete(key);
        const ending = task.result.then(
          () => {},
          () => {},
        );
        this.#ending.set(key, ending);
        void ending.then(() => this.#ending.get(key) === ending && this.#ending.delete(key));
        task.controller.abort(new Error("nobody waits for it any more"));
      }
    }
  }
}
