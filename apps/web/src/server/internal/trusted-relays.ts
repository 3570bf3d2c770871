import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readPublicKeyFile } from "@indium/tunnel/key-files";
import { keyId } from "@indium/tunnel/keys";

const RELOAD_AFTER_MS = 1_000;
const FORGET_AFTER_MS = 5_000;

/**
 * The relays that may call the internal API: the `.pub` files of a folder that an administrator (or `npm start`) fills. Read again
 * when an unknown key knocks, at most once a second, and otherwise after five: neither a new relay nor one whose key was taken away needs
 * a restart of web.
 */
export class TrustedRelays {
  readonly #dir: string;
  readonly #monotonicMs: () => number;
  #keys = new Map<string, { publicKey: string; name: string }>();
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(dir: string, monotonicMs: () => number = () => performance.now()) {
    this.#dir = dir;
    this.#monotonicMs = monotonicMs;
  }

  async publicKey(id: string): Promise<string | null> {
    return (await this.#find((candidate) => candidate === id))?.publicKey ?? null;
  }

  /** By what name the key's file calls the relay. */
  async nameOf(publicKey: string): Promise<string | null> {
    const id = keyId(publicKey);
    return (await this.#find((candidate) => candidate === id))?.name ?? null;
  }

  async #find(matches: (id: string) => boolean) {
    const find = () => [...this.#keys].find(([id]) => matches(id))?.[1];
    const known = find();
    const age = this.#monotonicMs() - this.#readAtMs;
    if (age < (known === undefined ? RELOAD_AFTER_MS : FORGET_AFTER_MS)) return known;
    this.#readAtMs = this.#monotonicMs();
    const files = (await readdir(this.#dir).catch(() => [])).filter((file) => file.endsWith(".pub"));
    const entries = await Promise.all(
      files.map(async (file) => {
        const publicKey = await readPublicKeyFile(join(this.#dir, file), "ed25519").catch((thrown: unknown) => {
          console.warn(`relay key ${file} cannot be read: ${String(thrown)}`);
          return null;
        });
        return publicKey === null ? [] : [[keyId(publicKey), { publicKey, name: file.slice(0, -4) }] as const];
      }),
    );
    this.#keys = new Map(entries.flat());
    return find();
  }
}
