import { type AppError, toAppError } from "@indium/contract/errors";

/**
 * The workers' internal APIs, any of which answers for the centre. A relay stays with the one that answers and goes to the next when one
 * does not:
 *
 *   nothing was sent (refused, no route)          this very call goes to the next, each address once
 *   sent and no answer, or not the centre's own   this call fails as it does with one address, because it may have been carried out;
 *                                                 the calls after it go to the next
 *
 * Relays begin at different addresses, so that they spread over the workers.
 */
export class CentreAddresses {
  readonly #urls: readonly [string, ...string[]];
  #current: number;

  constructor(urls: readonly string[], relayName: string) {
    const [first, ...others] = urls;
    if (first === undefined) throw new Error("INDIUM_INTERNAL_URL names no address");
    this.#urls = [first, ...others];
    const sum = [...relayName].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
    this.#current = sum % urls.length;
  }

  get several(): boolean {
    return this.#urls.length > 1;
  }

  get current(): string {
    return this.#urls[this.#current] ?? this.#urls[0];
  }

  /** @throws AppError of the last attempt. */
  async call<T>(attempt: (url: string) => Promise<T>): Promise<T> {
    for (let left = this.#urls.length - 1; ; left--) {
      const { current: url } = this;
      try {
        return await attempt(url);
      } catch (thrown) {
        const error = toAppError(thrown, "The call to the centre failed.");
        if (!isNoAnswer(error)) throw thrown;
        this.#leave(url);
        if (error.code !== "host_unreachable" || left === 0) throw thrown;
      }
    }
  }

  /** Several calls may find the same address dead: it is left once. */
  #leave(url: string): void {
    if (this.current === url) this.#current = (this.#current + 1) % this.#urls.length;
  }
}

/** What nobody who holds the centre's key has said. */
function isNoAnswer({ code }: AppError): boolean {
  return code === "host_unreachable" || code === "host_timeout" || code === "signature_invalid";
}
