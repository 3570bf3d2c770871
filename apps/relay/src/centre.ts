import { join } from "node:path";
import type { SignedEnvelope } from "@indium/contract/envelope";
import { AppError, toAppError } from "@indium/contract/errors";
import { type InternalApiName, internalApi } from "@indium/contract/internal-api";
import { Backoff, pause } from "@indium/tunnel/backoff";
import { readPublicKeyFile } from "@indium/tunnel/key-files";
import type { KeyPair } from "@indium/tunnel/keys";
import type { Schema } from "@indium/tunnel/schema";
import { signedCall } from "@indium/tunnel/signed-http";
import type { z } from "zod";
import { CentreAddresses } from "./centre-addresses";
import type { Log } from "./log";
import type { RelayOverlay } from "./overlay/overlay";

type Input<N extends InternalApiName> = z.input<(typeof internalApi)[N]["input"]>;
type Output<N extends InternalApiName> = z.output<(typeof internalApi)[N]["output"]>;

const REGISTER_AGAIN_MS = 3_600_000;
const DEFAULT_TIMEOUT_MS = 15_000;
/** With more than one address: a machine that is off refuses nothing, it says nothing. */
const CONNECT_TIMEOUT_MS = 2_000;

export interface CentreOptions {
  readonly name: string;
  readonly keys: KeyPair;
  readonly keysDirectory: string;
  /** Of all workers, or of a balancer before them. */
  readonly internalUrls: readonly string[];
  readonly publicUrl: string | null;
  readonly startedAt: number;
  readonly log: Log;
}

/**
 * The centre as this relay knows it: its key (from disk, the root of this relay's trust), its internal API, and the certificate it
 * gave this relay. The centre may be restarted at any time; registration is retried until it answers, then renewed every hour.
 */
export class Centre {
  readonly #options: CentreOptions;
  readonly #addresses: CentreAddresses;
  readonly #stop = new AbortController();
  #publicKey: string | null = null;
  #certificate: SignedEnvelope | null = null;

  constructor(options: CentreOptions) {
    this.#options = options;
    this.#addresses = new CentreAddresses(options.internalUrls, options.name);
  }

  /** Raw base64; null until its file has been found. */
  get publicKey(): string | null {
    return this.#publicKey;
  }

  /** Null until registered. */
  get certificate(): SignedEnvelope | null {
    return this.#certificate;
  }

  async call<N extends InternalApiName>(name: N, input: Input<N>, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<Output<N>> {
    const { keys, keysDirectory } = this.#options;
    this.#publicKey ??= await readPublicKeyFile(join(keysDirectory, "centre.pub"), "ed25519");
    if (this.#publicKey === null) {
      throw new AppError(
        "host_unreachable",
        `The centre's key is not there yet (centre.pub in the keys folder); the centre makes it at its first start.`,
      );
    }
    // One generic name picks one schema; TypeScript cannot see that the union of schemas narrows with it.
    const outputSchema = internalApi[name].output as unknown as Schema<Output<N>>;
    const options = {
      privateKey: keys.privateKey,
      peerPublicKey: this.#publicKey,
      outputSchema,
      timeoutMs,
      ...(this.#addresses.several ? { connectTimeoutMs: CONNECT_TIMEOUT_MS } : {}),
      peerName: "The centre",
      // Nonces, epochs, numbers and tickets see to that.
      repeatable: true,
    };
    return await this.#addresses.call((url) => signedCall(`${url}/internal`, name, input, options));
  }

  /**
   * Registers now and every hour, until stopped, with what `overlay` offers; the centre's word on that goes to its `registered`. `registered` is
   * called after each.
   */
  async keepRegistered(rpcUrl: string, overlay: Pick<RelayOverlay, "offer" | "registered">, registered: () => void): Promise<void> {
    const { name, keys, startedAt, publicUrl, log } = this.#options;
    const backoff = new Backoff({ baseMs: 500, capMs: 10_000 });
    let complaint = "";
    while (!this.#stop.signal.aborted) {
      try {
        const offer = await overlay.offer();
        const answer = await this.call("registerRelay", {
          ...{ name, publicKey: keys.publicKey, rpcUrl, startedAt },
          ...(publicUrl === null ? {} : { publicUrl }),
          ...(offer === undefined ? {} : { overlay: offer }),
        });
        this.#certificate = answer.certificate;
        overlay.registered(answer.overlay);
        registered();
        log("info", "registered with the centre", { name });
        complaint = "";
        backoff.reset();
        await pause(REGISTER_AGAIN_MS, this.#stop.signal);
      } catch (thrown) {
        const error = toAppError(thrown, "Registering failed.");
        // The same words once: a centre that is still starting is no news.
        if (complaint !== error.message) log("warning", `not registered yet: ${error.message}`, { code: error.code });
        complaint = error.message;
        await pause(100 + backoff.next(), this.#stop.signal);
      }
    }
  }

  stop(): void {
    this.#stop.abort();
  }
}
