import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { WireError } from "@indium/contract/errors";
import { NetworkId } from "@indium/contract/ids";
import { InterfaceName } from "@indium/contract/network";
import { z } from "zod";
import { readJsonFile, writeFileAtomic } from "../../system/files";

const FORMAT = 1;

export const LanBridgeRecord = z.object({
  networkId: NetworkId,
  uplink: InterfaceName,
  bridge: InterfaceName,
  /** See lan-bridges.ts for the machine. */
  phase: z.enum(["making", "standing", "removing", "failed"]),
  /** A change under way and not yet proved: the folder that holds how to undo it, and the boot it belongs to. */
  attempt: z.object({ id: z.string().regex(/^[0-9a-f]{16}$/), bootId: z.string().max(64), again: z.boolean() }).nullable(),
  /** Why it failed, or why it could not be made again. */
  error: WireError.nullable(),
  /** It had no address when it was asked for: a NIC for instances alone, with nothing to lose. */
  bare: z.boolean(),
  /** Not before this is it made again, ms since the epoch. */
  retryAt: z.number().int().min(0),
});
export type LanBridgeRecord = z.infer<typeof LanBridgeRecord>;

const JournalFile = z.object({ formatVersion: z.literal(FORMAT), bridges: z.array(LanBridgeRecord) });

/** What this host has been asked to do to its own uplinks. Written before each step that it tells of. */
export class LanBridgeJournal {
  readonly #directory: string;
  #records: LanBridgeRecord[] = [];

  constructor(stateDir: string) {
    this.#directory = join(stateDir, "network", "lan-bridges");
  }

  get records(): readonly LanBridgeRecord[] {
    return this.#records;
  }

  /** @throws AppError `internal` or ZodError when it is damaged: what is not understood is not acted on. */
  async load(): Promise<void> {
    const found = await readJsonFile(this.#path);
    this.#records = found === null ? [] : JournalFile.parse(found).bridges;
  }

  find(id: NetworkId): LanBridgeRecord | null {
    return this.#records.find((record) => record.networkId === id) ?? null;
  }

  async put(record: LanBridgeRecord): Promise<LanBridgeRecord> {
    this.#records = [...this.#records.filter((other) => other.networkId !== record.networkId), record];
    await this.#save();
    return record;
  }

  async drop(id: NetworkId): Promise<void> {
    this.#records = this.#records.filter((record) => record.networkId !== id);
    await this.#save();
  }

  verdictPath(attempt: string): string {
    return join(this.#directory, attempt, "verdict");
  }

  undoPath(attempt: string): string {
    return join(this.#directory, attempt, "undo");
  }

  /** The way back, on disk before anything is changed. */
  async writeUndo(attempt: string, lines: readonly string[]): Promise<void> {
    await mkdir(join(this.#directory, attempt), { recursive: true, mode: 0o700 });
    await writeFileAtomic(this.undoPath(attempt), `${lines.join("\n")}\n`);
  }

  async forgetAttempt(attempt: string): Promise<void> {
    await rm(join(this.#directory, attempt), { recursive: true, force: true });
  }

  get #path(): string {
    return join(this.#directory, "journal.json");
  }

  async #save(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await writeFileAtomic(this.#path, JSON.stringify({ formatVersion: FORMAT, bridges: this.#records }));
  }
}
