import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import { NetworkId, NicId } from "@indium/contract/ids";
import { z } from "zod";
import { ensureDirectory, readJsonFile, removeTemporaries, writeFileAtomic } from "../system/files";
import { shortCandidate } from "./names";

/** Which short interface name each NIC and network has on this host. An agent leaves a newer format untouched. */
const LedgerFile = z.object({
  formatVersion: z.literal(1),
  nics: z.record(NicId, z.string().regex(/^[0-9a-f]{8}$/)),
  networks: z.record(NetworkId, z.string().regex(/^[0-9a-f]{8}$/)),
});

export type LedgerSection = "nics" | "networks";

/** Tries per id before giving up: with 32 bits even one collision is rare. */
const MAX_ATTEMPTS = 16;

export class NameLedger {
  readonly #path: string;
  readonly #directory: string;
  readonly #owner: string;
  readonly #names: Record<LedgerSection, Map<string, string>> = { nics: new Map(), networks: new Map() };
  #loading: Promise<void> | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(stateDir: string, owner: string) {
    this.#directory = join(stateDir, "network");
    this.#path = join(this.#directory, "names.json");
    this.#owner = owner;
  }

  /** @throws AppError `internal` when the file is damaged or newer than this agent. */
  load(): Promise<void> {
    this.#loading ??= this.#read().catch((error: unknown) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  async #read(): Promise<void> {
    await ensureDirectory(this.#directory);
    await removeTemporaries(this.#directory);
    const json = await readJsonFile(this.#path);
    if (json === null) return;
    const parsed = LedgerFile.safeParse(json);
    if (!parsed.success) {
      throw new AppError("internal", `The file ${this.#path} on this host is damaged or was written by a newer agent. Update the agent.`, {
        internal: parsed.error.message,
      });
    }
    for (const [id, short] of Object.entries(parsed.data.nics)) this.#names.nics.set(id, short);
    for (const [id, short] of Object.entries(parsed.data.networks)) this.#names.networks.set(id, short);
  }

  get(section: LedgerSection, id: string): string | null {
    return this.#names[section].get(id) ?? null;
  }

  ids(section: LedgerSection): string[] {
    return [...this.#names[section].keys()];
  }

  /**
   * The id's short name, given now when it has none. `free` says whether interfaces of that name are nobody else's.
   * @throws AppError `network_failed` when no candidate is free.
   */
  async claim(section: LedgerSection, id: string, free: (short: string) => Promise<boolean>): Promise<string> {
    const known = this.get(section, id);
    if (known !== null) return known;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const short = shortCandidate(this.#owner, id, attempt);
      const names = this.#names[section];
      if ([...names.values()].includes(short) || !(await free(short))) continue;
      names.set(id, short);
      await this.#write();
      return short;
    }
    throw new AppError("network_failed", `No interface name is free on this host for ${id}. Remove unused interfaces and try again.`);
  }

  async release(section: LedgerSection, id: string): Promise<void> {
    if (this.#names[section].delete(id)) await this.#write();
  }

  #write(): Promise<void> {
    const write = async (): Promise<void> => {
      const content = {
        formatVersion: 1,
        nics: Object.fromEntries(this.#names.nics),
        networks: Object.fromEntries(this.#names.networks),
      };
      await writeFileAtomic(this.#path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    };
    const result = this.#writing.then(write, write);
    this.#writing = result.catch(() => {});
    return result;
  }
}
