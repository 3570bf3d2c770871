import type { InstanceRecord } from "../ledger/format";
import { heldVolume } from "./disk";
import type { InstancePorts } from "./ports";

/** Removes everything of an instance whose process has ended. Each part is idempotent: a failed deletion is simply run again. */
export async function deleteInstance(ports: InstancePorts, record: InstanceRecord): Promise<void> {
  const { desired } = record;
  const nics = new Set([...record.nics, ...desired.nics.map((nic) => nic.id)]);
  await Promise.all([...nics].map((id) => ports.networks.disconnect(id)));
  ports.metadata.removeDocument(desired.id);
  await Promise.all([...new Set([...record.volumes, heldVolume(record), desired.rootVolume.id])].map((id) => ports.volumes.delete(id)));
  await ports.hypervisor.purge(desired.id);
  record.nics = [];
  record.volumes = [];
  record.diskVolumeId = null;
  record.diskSizeBytes = null;
  // Wished again it has a new disk, and so a first boot before it.
  record.secretsSealedFor = null;
  record.sealed = [];
  record.firstBoot = null;
  record.runningGuestUuid = null;
  record.failure = null;
}
