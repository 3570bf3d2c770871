import { readdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { AGENT_VERSION } from "../host/version";
import { InstanceFileName, InstanceRecord, LedgerFile } from "../ledger/format";
import { loadMembership } from "../link/identity";
import { isErrno, readJsonFile } from "../system/files";
import type { Checkup } from "./checkup";
import { instanceFromRecord } from "./examine";

/** What the agent wrote last. Reads only: a ledger store would tidy up, and an agent that hangs may still be writing. */
export async function checkupFromDisk(stateDir: string, now: number): Promise<Checkup> {
  const troubles: Checkup["troubles"] = [];
  const trouble = (text: string): void => void troubles.push({ at: now, level: "error", text });
  const failed =
    <T>(value: T) =>
    (error: unknown): T => {
      trouble(error instanceof Error ? error.message : String(error));
      return value;
    };
  const membership = await loadMembership(stateDir).catch(failed(null));
  const file = join(stateDir, "ledger", "ledger.json");
  const ledger = LedgerFile.safeParse(await readJsonFile(file).catch(failed(null)));
  const directory = join(stateDir, "ledger", "instances");
  const names = await readdir(directory).catch((error: unknown) => (isErrno(error, "ENOENT") ? [] : failed<string[]>([])(error)));
  const instances: Checkup["instances"] = [];
  for (const name of names.filter((each) => InstanceFileName.safeParse(each).success).sort()) {
    const record = InstanceRecord.safeParse(await readJsonFile(join(directory, name)).catch(failed(null)));
    if (record.success) instances.push(instanceFromRecord(record.data));
    else trouble(`${join(directory, name)} is not understood: damaged, or written by another version.`);
  }
  if (membership === null) trouble(`This machine is not enrolled (${stateDir}).`);
  return {
    formatVersion: 1,
    at: now,
    source: "disk",
    agent: { version: AGENT_VERSION, pid: null, startedAt: null },
    host: { id: membership?.hostId ?? null, name: hostname(), dashboard: membership?.origin ?? null },
    path: null,
    link: { state: "unknown", words: "only a running agent has one", since: null },
    document: ledger.success
      ? { ledgerId: ledger.data.ledgerId, centreEpoch: ledger.data.centreEpoch, generation: ledger.data.generation }
      : null,
    reportsWaiting: null,
    acceleration: null,
    lastPlan: null,
    instances,
    troubles,
  };
}
