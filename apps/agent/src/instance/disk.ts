import type { VolumeId } from "@indium/contract/ids";
import type { InstanceRecord } from "../ledger/format";
import { describeError } from "../system/log";
import type { InstancePorts } from "./ports";

/**
 * The guest's disk as it is, apart from the one that is wished.
 *
 *   rebuild:  wished ≠ held, and the wish names the held one as replaced
 *             ──▶ the new one is made (the VM runs on the old one) ──▶ the VM ends ──▶ held = wished, on disk ──▶ the old ones go
 *   resize:   wished size > held size, no VM ──▶ grown before the generation counts as applied, and before every start
 *
 * Invariants: the held disk goes only after another was recorded as held; a disk that is not named as replaced is kept and run from, whatever
 * is wished (a centre restored from an old dump wishes a disk that is no more); none shrinks.
 */
type Held = Pick<InstanceRecord, "desired" | "diskVolumeId" | "volumes">;

export const heldVolume = (record: Pick<InstanceRecord, "desired" | "diskVolumeId">): VolumeId =>
  record.diskVolumeId ?? record.desired.rootVolume.id;

/** A rebuild was asked for and its disk has not taken the old one's place. */
export function wantsNewDisk(record: Pick<InstanceRecord, "desired" | "diskVolumeId">): boolean {
  const { id, replaces } = record.desired.rootVolume;
  return record.diskVolumeId !== null && record.diskVolumeId !== id && (replaces ?? []).includes(record.diskVolumeId);
}

/** Those that a rebuild, or one that was taken back, left over. */
export function leftOverVolumes(record: Held): readonly VolumeId[] {
  const { id } = record.desired.rootVolume;
  if (record.diskVolumeId !== id) return [];
  return record.volumes.filter((volume) => volume !== id);
}

/** Never throws: what cannot be removed now is tried again at the next look. */
export async function removeLeftOvers(ports: InstancePorts, record: InstanceRecord): Promise<void> {
  for (const volume of leftOverVolumes(record)) {
    try {
      await ports.volumes.delete(volume);
    } catch (thrown) {
      ports.log.warn("old disk not removed", { instance: record.desired.id, volume, ...describeError(thrown) });
      continue;
    }
    record.volumes = record.volumes.filter((each) => each !== volume);
    await ports.ledger.saveRecord(record);
  }
}

/** Takes down what the disk is now; null when there is none. */
export async function noteDisk(ports: InstancePorts, record: InstanceRecord): Promise<number | null> {
  const id = heldVolume(record);
  const info = await ports.volumes.inspect(id);
  if (info === null) return null;
  record.diskVolumeId = id;
  record.diskSizeBytes = info.virtualSizeBytes;
  return info.virtualSizeBytes;
}

/** What it is now is looked at, and it grows to what is wished. Without a disk there is nothing to do. @throws AppError of `VolumeStore.grow`. */
export async function growDisk(ports: InstancePorts, record: InstanceRecord): Promise<void> {
  const { sizeBytes } = record.desired.rootVolume;
  const before = await noteDisk(ports, record);
  if (before !== null && before < sizeBytes) record.diskSizeBytes = await ports.volumes.grow(heldVolume(record), sizeBytes);
}
