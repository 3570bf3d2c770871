import { setTimeout as sleep } from "node:timers/promises";

/** `live.changes` as a browser's EventSource reads it: comes back by itself when the stream breaks. */
export class LiveListener {
  readonly #heard: string[] = [];
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  /** How often a stream was opened. */
  opened = 0;

  constructor(origin: string, cookie: string, organizationId: string) {
    const input = encodeURIComponent(JSON.stringify({ json: { organizationId } }));
    this.#ended = this.#run(`${origin}/api/trpc/live.changes?input=${input}`, cookie);
  }

  /** How much was heard so far: a mark for `hear`. */
  get mark(): number {
    return this.#heard.length;
  }

  /** Milliseconds until something that matches was heard after the mark. @throws when it takes too long. */
  async hear(pattern: RegExp, since: number, limitMs = 20_000): Promise<number> {
    const began = performance.now();
    while (!this.#heard.slice(since).some((line) => pattern.test(line))) {
      if (performance.now() - began > limitMs)
        throw new Error(`${pattern} was not heard in ${limitMs} ms, but: ${this.#heard.slice(since).join(" ") || "nothing"}`);
      await sleep(5);
    }
    return performance.now() - began;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run(url: string, cookie: string): Promise<void> {
    const { signal } = this.#stop;
    const decoder = new TextDecoder();
    while (!signal.aborted) {
      try {
        const response = await fetch(url, { headers: { cookie, accept: "text/event-stream" }, signal });
        if (response.ok && response.body !== null) {
          this.opened += 1;
          for await (const chunk of response.body)
            for (const line of decoder.decode(chunk, { stream: true }).split("\n")) if (line.startsWith("data:")) this.#heard.push(line);
        }
      } catch {
        // Broken, or nobody there: asked again.
      }
      await sleep(100);
    }
  }
}
