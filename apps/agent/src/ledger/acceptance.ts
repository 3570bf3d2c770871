import { AppError } from "@indium/contract/errors";
import type { HostDocument } from "@indium/contract/host-document";
import type { HostId } from "@indium/contract/ids";
import type { DesiredInstance } from "@indium/contract/instance";
import { documentContentHash, instanceContentHash } from "./content-hash";
import type { InstanceRecord } from "./format";

/**
 * May this document, this instance, replace what is held? Pure: the signature has been checked before.
 *
 *   epoch older                        → refused      (a centre that has been restored since speaks for the host now)
 *   epoch newer                        → accepted     (whatever the generation: the restored centre counts from its dump)
 *   generation older                   → refused
 *   same generation, same content      → unchanged
 *   same generation, other content     → refused      (two centres, or a fault: neither may win by chance)
 *   generation newer                   → accepted
 */
export type Verdict =
  | { readonly verdict: "accept" }
  | { readonly verdict: "unchanged" }
  | { readonly verdict: "refuse"; readonly error: AppError };

export interface HeldDocument {
  readonly hostId: HostId;
  /** 0 when none is held. */
  readonly centreEpoch: number;
  readonly generation: number;
  readonly contentHash: string | null;
}

export function judgeDocument(held: HeldDocument, document: HostDocument): Verdict {
  if (document.hostId !== held.hostId) {
    return refuse(new AppError("forbidden", `This document is for host ${document.hostId}; this host is ${held.hostId}. Send it there.`));
  }
  return judge(
    `the document of host ${held.hostId}`,
    { centreEpoch: held.centreEpoch, generation: held.generation, contentHash: held.contentHash },
    { centreEpoch: document.centreEpoch, generation: document.generation, contentHash: documentContentHash(document) },
  );
}

export function judgeInstance(
  held: Pick<InstanceRecord, "centreEpoch" | "contentHash" | "desired">,
  desired: DesiredInstance,
  centreEpoch: number,
): Verdict {
  return judge(
    `instance ${desired.name} (${desired.id})`,
    { centreEpoch: held.centreEpoch, generation: held.desired.generation, contentHash: held.contentHash },
    { centreEpoch, generation: desired.generation, contentHash: instanceContentHash(desired) },
  );
}

interface Version {
  readonly centreEpoch: number;
  readonly generation: number;
  readonly contentHash: string | null;
}

function judge(what: string, held: Version, offered: Version): Verdict {
  if (held.contentHash === null) return { verdict: "accept" };
  if (offered.centreEpoch < held.centreEpoch) {
    return refuse(
      new AppError(
        "stale_generation",
        `Refused ${what}: it is of epoch ${offered.centreEpoch}, and this host follows epoch ${held.centreEpoch}.`,
      ),
    );
  }
  if (offered.centreEpoch > held.centreEpoch) return { verdict: "accept" };
  if (offered.generation < held.generation) {
    return refuse(
      new AppError("stale_generation", `Refused ${what}: generation ${offered.generation} is older than the accepted ${held.generation}.`),
    );
  }
  if (offered.generation > held.generation) return { verdict: "accept" };
  if (offered.contentHash === held.contentHash) return { verdict: "unchanged" };
  return refuse(
    new AppError(
      "conflict",
      `Refused ${what}: generation ${offered.generation} was accepted before with other content. Raise the generation with each change.`,
    ),
  );
}

/**
 * Takes over what is newly wished. A new wish clears the failure, the denial and the crashes of the old one; a live change (a name, keys,
 * tags) leaves them, as it asks for nothing: an instance that was renamed is not started by it.
 */
export function acceptInstance(record: InstanceRecord, desired: DesiredInstance, centreEpoch: number): void {
  const held = record.desired.generation;
  const asks = centreEpoch !== record.centreEpoch || desired.wishGeneration === undefined || desired.wishGeneration > held;
  // A restored centre may count from below: nothing of it has been applied, whatever the number says.
  if (centreEpoch !== record.centreEpoch) {
    record.appliedGeneration = 0;
    record.startedGeneration = 0;
    record.poweredOffGeneration = record.poweredOffGeneration === null ? null : desired.generation;
  }
  // A process of an agent of before this was kept runs with what was wished then.
  if (record.boot > 0) {
    record.runningGuestUuid ??= record.desired.guestUuid;
    record.diskVolumeId ??= record.desired.rootVolume.id;
  }
  // A tombstone that has been carried out stays so; anything else wished of a deleted one is a new life.
  if (desired.desired !== "gone") record.gone = false;
  record.desired = desired;
  record.centreEpoch = centreEpoch;
  record.contentHash = instanceContentHash(desired);
  if (!asks) {
    const carried = (generation: number): number => (generation === held ? desired.generation : generation);
    if (record.poweredOffGeneration !== null) record.poweredOffGeneration = carried(record.poweredOffGeneration);
    if (record.failure !== null) record.failure = { ...record.failure, generation: carried(record.failure.generation) };
    record.startedGeneration = carried(record.startedGeneration);
    return;
  }
  record.failure = null;
  record.denial = null;
  record.crashes = [];
}

const refuse = (error: AppError): Verdict => ({ verdict: "refuse", error });
