import { AppError } from "@indium/contract/errors";
import type { VmSpec } from "../drivers/types";
import type { InstanceRecord } from "../ledger/format";
import { growDisk, heldVolume } from "./disk";
import type { InstancePorts } from "./ports";
import { isSealed, servedUntil } from "./secret-seal";
import type { Timeline } from "./timeline";

/**
 * Everything a VM needs before its process starts: the disk (from its image, the first time) and the network side by side.
 * Each part is idempotent, so a cancelled or failed try is simply made again.
 *
 * @throws AppError of the part that failed; the other part is cancelled and has ended when this rejects.
 */
export async function prepare(ports: InstancePorts, record: InstanceRecord, timeline: Timeline, outer: AbortSignal): Promise<VmSpec> {
  const { desired, boot } = record;
  const sibling = new AbortController();
  const signal = AbortSignal.any([outer, sibling.signal]);
  // The first to fail is the cause; the other is cancelled for it.
  const failures: unknown[] = [];
  const cancelOther = (thrown: unknown): never => {
    failures.push(thrown);
    sibling.abort(new AppError("internal", "Stopped, because another step failed."));
    throw thrown;
  };
  const [disk, taps] = await Promise.allSettled([
    prepareDisk(ports, record, timeline, signal).catch(cancelOther),
    timeline.step(boot, "network", signal, () => connect(ports, record)).catch(cancelOther),
  ]);
  if (outer.aborted) throw outer.reason;
  if (failures.length > 0) throw failures[0];
  if (disk.status === "rejected") throw disk.reason;
  if (taps.status === "rejected") throw taps.reason;
  return { instance: desired, disk: disk.value, taps: taps.value };
}

async function prepareDisk(ports: InstancePorts, record: InstanceRecord, timeline: Timeline, signal: AbortSignal): Promise<VmSpec["disk"]> {
  const existing = await ports.volumes.get(heldVolume(record));
  if (existing !== null) {
    await growDisk(ports, record);
    return existing;
  }
  const { disk, sizeBytes, imageSha256 } = await makeDisk(ports, record, timeline, record.boot, signal);
  record.diskVolumeId = record.desired.rootVolume.id;
  record.diskSizeBytes = sizeBytes;
  record.diskImageSha256 = imageSha256;
  return disk;
}

/** The disk that is wished, from its image. One that is there already is kept. Its steps are those of `boot`. */
export async function makeDisk(
  ports: InstancePorts,
  record: InstanceRecord,
  timeline: Timeline,
  boot: number,
  signal: AbortSignal,
): Promise<{ disk: VmSpec["disk"]; sizeBytes: number; imageSha256: string }> {
  const { desired } = record;
  const image = ports.image(desired.rootVolume.imageId);
  if (image === null) {
    throw new AppError(
      "image_unavailable",
      `The image of ${desired.name} (${desired.rootVolume.imageId}) is not in the document of host ${ports.hostname}. Choose another image.`,
    );
  }
  const base = await timeline.step(boot, "image", signal, (progress) =>
    ports.images.ensure(image, {
      signal,
      onProgress: (value, phase) => progress(value, phase === "verifying" ? "Verifying" : `Downloading ${image.name}`),
    }),
  );
  signal.throwIfAborted();
  return timeline.step(boot, "disk", signal, async () => {
    const sizeBytes = Math.max(desired.rootVolume.sizeBytes, base.virtualSizeBytes);
    const disk = await ports.volumes.ensureOverlay({ id: desired.rootVolume.id, instanceId: desired.id, sizeBytes }, base);
    return { disk, sizeBytes, imageSha256: base.sha256 };
  });
}

/** NICs, and through them their networks; also for a VM that runs already: it converges and cuts nothing. */
export async function connect(ports: InstancePorts, record: InstanceRecord): Promise<VmSpec["taps"]> {
  serveMetadata(ports, record);
  return Promise.all(record.desired.nics.map((nic) => ports.networks.connect(nic, record.desired)));
}

/**
 * Tells the metadata service what to answer: always what is wished now, except that a guest keeps the uuid it was started with. Secrets
 * are for the guest of the wished uuid alone, until its first boot has ended: one that is about to be re-provisioned sees nothing of the
 * new ones.
 */
export function serveMetadata(ports: InstancePorts, record: InstanceRecord): void {
  const { desired } = record;
  const guestUuid = record.runningGuestUuid ?? desired.guestUuid;
  const withheld = guestUuid !== desired.guestUuid || isSealed(record, guestUuid);
  const until = servedUntil(record);
  ports.metadata.setDocument({
    instance: { ...desired, guestUuid },
    networks: ports.networks.describe(desired.nics),
    secrets: withheld ? null : ports.openSecrets(desired),
    ...(until === null ? {} : { secretsUntil: until }),
  });
}
