import { join } from "node:path";
import { NicId } from "@indium/contract/ids";
import { Ipv4Address } from "@indium/contract/network";
import { z } from "zod";
import { ensureDirectory, readJsonFile, writeFileAtomic } from "../system/files";

const AddressFile = z.object({ formatVersion: z.literal(1), addresses: z.record(NicId, Ipv4Address) });

/** Which address each NIC was given by its LAN, kept over the agent's restarts: guests do not ask again because of one. */
export class LearnedAddresses {
  readonly #directory: string;
  readonly #path: string;
  readonly #addresses = new Map<NicId, string>();
  #loading: Promise<void> | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(stateDir: string) {
    this.#directory = join(stateDir, "network");
    this.#path = join(this.#directory, "learned-addresses.json");
  }

  /** A file that cannot be read is as good as none: guests are heard again when they renew. */
  load(): Promise<void> {
    this.#loading ??= (async () => {
      await ensureDirectory(this.#directory);
      const parsed = AddressFile.safeParse(await readJsonFile(this.#path).catch(() => null));
      if (!parsed.success) return;
      for (const [id, address] of Object.entries(parsed.data.addresses)) this.#addresses.set(NicId.parse(id), address);
    })();
    return this.#loading;
  }

  get(id: NicId): string | null {
    return this.#addresses.get(id) ?? null;
  }

  /** @returns whether that was news. */
  async set(id: NicId, address: string | null): Promise<boolean> {
    await this.load();
    if (this.get(id) === address) return false;
    if (address === null) this.#addresses.delete(id);
    else this.#addresses.set(id, address);
    const content = { formatVersion: 1, addresses: Object.fromEntries(this.#addresses) };
    const write = () => writeFileAtomic(this.#path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    const result = this.#writing.then(write, write);
    this.#writing = result.catch(() => {});
    await result;
    return true;
  }
}
