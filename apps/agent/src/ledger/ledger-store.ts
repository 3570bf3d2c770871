import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import type { InstanceId } from "@indium/contract/ids";
import type { z } from "zod";
import { ensureDirectory, readJsonFile, removeFile, removeTemporaries, writeFileAtomic } from "../system/files";
import { InstanceFileName, InstanceRecord, instanceFileName, LEDGER_FORMAT, LedgerFile } from "./format";

/** Where the ledger is kept. The file one is real; tests keep it in memory. */
export interface LedgerStore {
  readLedger(): Promise<LedgerFile | null>;
  writeLedger(ledger: LedgerFile): Promise<void>;
  readInstances(): Promise<readonly InstanceRecord[]>;
  writeInstance(record: InstanceRecord): Promise<void>;
  deleteInstance(id: InstanceId): Promise<void>;
}

/** `<directory>/ledger.json` and `<directory>/instances/<id>.json`, each replaced atomically. */
export class FileLedgerStore implements LedgerStore {
  readonly #directory: string;
  readonly #instances: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.#instances = join(directory, "instances");
  }

  /** @throws AppError `unsupported` when a newer agent wrote it; `internal` when it is damaged. Neither touches the file. */
  async readLedger(): Promise<LedgerFile | null> {
    await ensureDirectory(this.#instances);
    await removeTemporaries(this.#directory);
    await removeTemporaries(this.#instances);
    return readVersioned(join(this.#directory, "ledger.json"), LedgerFile);
  }

  async writeLedger(ledger: LedgerFile): Promise<void> {
    await writeFileAtomic(join(this.#directory, "ledger.json"), JSON.stringify(ledger));
  }

  async readInstances(): Promise<readonly InstanceRecord[]> {
    const records: InstanceRecord[] = [];
    for (const name of (await readdir(this.#instances)).sort()) {
      if (!InstanceFileName.safeParse(name).success) continue;
      const record = await readVersioned(join(this.#instances, name), InstanceRecord);
      if (record !== null) records.push(record);
    }
    return records;
  }

  async writeInstance(record: InstanceRecord): Promise<void> {
    await writeFileAtomic(join(this.#instances, instanceFileName(record.desired.id)), JSON.stringify(record));
  }

  async deleteInstance(id: InstanceId): Promise<void> {
    await removeFile(join(this.#instances, instanceFileName(id)));
  }
}

async function readVersioned<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  const value = await readJsonFile(path);
  if (value === null) return null;
  const version = typeof value === "object" && value !== null && "formatVersion" in value ? value.formatVersion : undefined;
  if (typeof version === "number" && version > LEDGER_FORMAT) {
    throw new AppError(
      "unsupported",
      `A newer agent wrote ${path} (format ${version}; this one reads up to ${LEDGER_FORMAT}). Install that agent's version again; nothing was changed.`,
    );
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new AppError(
    "internal",
    `The file ${path} on this host is damaged (at ${where}). Move it away to start from the centre's documents.`,
    {
      cause: parsed.error,
    },
  );
}

export class MemoryLedgerStore implements LedgerStore {
  ledger: LedgerFile | null = null;
  readonly instances = new Map<InstanceId, InstanceRecord>();
  /** Every write's order, for tests of "recorded before acting". */
  writes = 0;

  readLedger(): Promise<LedgerFile | null> {
    return Promise.resolve(structuredClone(this.ledger));
  }

  writeLedger(ledger: LedgerFile): Promise<void> {
    this.ledger = structuredClone(ledger);
    return Promise.resolve();
  }

  readInstances(): Promise<readonly InstanceRecord[]> {
    return Promise.resolve(structuredClone([...this.instances.values()]));
  }

  writeInstance(record: InstanceRecord): Promise<void> {
    this.writes += 1;
    this.instances.set(record.desired.id, structuredClone(record));
    return Promise.resolve();
  }

  deleteInstance(id: InstanceId): Promise<void> {
    this.instances.delete(id);
    return Promise.resolve();
  }
}
