import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readPublicKeyFile } from "@indium/tunnel/key-files";
import { keyId } from "@indium/tunnel/keys";

const RELOAD_AFTER_MS = 1_000;

/**
 * The relays that may call the internal API: the `.pub` files of a folder that an administrator (or `npm start`) fills. Read again
 * when an unknown key knocks, at most once a second, so that a new relay needs no restart of web.
 */
export class TrustedRelays {
  readonly #dir: string;
  #keys = new Map<string, { publicKey: string; name: string }>();
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(dir: string) {
    this.#dir = dir;
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
    if (known !== undefined || performance.now() - this.#readAtMs < RELOAD_AFTER_MS) return known;
    this.#readAtMs = performance.now();
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
