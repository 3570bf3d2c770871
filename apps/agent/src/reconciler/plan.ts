import type { InstanceId, NetworkId, NicId } from "@indium/contract/ids";

/** What the ledger knows and what the host holds, as far as the whole host is concerned. Each VM's own way is its driver's. */
export interface HostPicture {
  /** False until the first document: a host that has been told nothing removes nothing. */
  readonly documentAccepted: boolean;
  /** Instances of the last accepted document. */
  readonly claimed: ReadonlySet<InstanceId>;
  readonly records: readonly {
    readonly id: InstanceId;
    readonly gone: boolean;
    readonly nics: readonly NicId[];
    readonly networks: readonly NetworkId[];
  }[];
  /** VMs whose process lives. */
  readonly runningVms: readonly InstanceId[];
  readonly nicsOnHost: readonly NicId[];
  readonly networksMade: readonly NetworkId[];
  /** Networks of an uplink, which stand by themselves: to be made, and not to be removed (ledger.ts). */
  readonly lanBridges: { readonly wanted: readonly NetworkId[]; readonly kept: readonly NetworkId[] };
}

export type HostStep =
  | { readonly kind: "dropRecord"; readonly instanceId: InstanceId }
  | { readonly kind: "deleteNic"; readonly nicId: NicId }
  | { readonly kind: "deleteNetwork"; readonly networkId: NetworkId }
  | { readonly kind: "ensureNetwork"; readonly networkId: NetworkId }
  | { readonly kind: "reportUnclaimed"; readonly instanceIds: readonly InstanceId[] };

/**
 * What is to be done about the host as a whole. Pure.
 *
 * Invariants: no step touches a VM or a volume; absence from a document never deletes. A NIC goes only when nothing the ledger
 * knows has it, and never while a VM runs of which the ledger knows nothing (its NICs cannot be told from orphans).
 */
export function planHost(picture: HostPicture): readonly HostStep[] {
  const steps: HostStep[] = [];
  const known = new Set(picture.records.map((record) => record.id));
  const strangers = picture.runningVms.filter((id) => !known.has(id));
  for (const record of picture.records) {
    if (record.gone && picture.documentAccepted && !picture.claimed.has(record.id))
      steps.push({ kind: "dropRecord", instanceId: record.id });
  }
  if (picture.documentAccepted && strangers.length === 0) {
    const living = picture.records.filter((record) => !record.gone);
    const nics = new Set(living.flatMap((record) => record.nics));
    const networks = new Set([...living.flatMap((record) => record.networks), ...picture.lanBridges.kept]);
    for (const nicId of picture.nicsOnHost) if (!nics.has(nicId)) steps.push({ kind: "deleteNic", nicId });
    for (const networkId of picture.networksMade) if (!networks.has(networkId)) steps.push({ kind: "deleteNetwork", networkId });
  }
  const unclaimed = [
    ...picture.records.filter((record) => !record.gone && !picture.claimed.has(record.id)).map((record) => record.id),
    ...strangers,
  ].sort();
  steps.push({ kind: "reportUnclaimed", instanceIds: unclaimed });
  // Last: proving a bridge may take a minute.
  if (picture.documentAccepted) for (const networkId of picture.lanBridges.wanted) steps.push({ kind: "ensureNetwork", networkId });
  return steps;
}
