import type { WireError } from "@indium/contract/errors";
import type { NicId } from "@indium/contract/ids";
import { Sha256 } from "@indium/contract/image";
import type { InstanceObservation, ReportBody } from "@indium/contract/report";
import type { ObservedState } from "@indium/contract/states";
import type { InstanceRecord } from "../ledger/format";
import { provisioningOf } from "./secret-seal";

export interface Observation {
  readonly state: ObservedState;
  readonly startedAt?: number | null;
  readonly error?: WireError | null;
  readonly waiting?: InstanceObservation["waiting"];
}

/**
 * Says what an instance is now. The only place that raises `observedGeneration`: by one, at each change of what it says and
 * at no other time.
 */
export class Publisher {
  readonly #record: InstanceRecord;
  readonly #report: (body: ReportBody) => void;
  readonly #save: () => void;
  readonly #learnedAddress: (id: NicId) => string | null;
  #last: string | null = null;
  #state: ObservedState = "absent";
  #current: Observation | null = null;

  constructor(
    record: InstanceRecord,
    report: (body: ReportBody) => void,
    save: () => void,
    learnedAddress: (id: NicId) => string | null = () => null,
  ) {
    this.#record = record;
    this.#learnedAddress = learnedAddress;
    this.#report = report;
    this.#save = save;
  }

  get state(): ObservedState {
    return this.#state;
  }

  get error(): WireError | null {
    return this.#current?.error ?? this.#record.denial;
  }

  publish(observation: Observation): void {
    const record = this.#record;
    this.#state = observation.state;
    this.#current = observation;
    const content = {
      kind: "instance.observed",
      instanceId: record.desired.id,
      appliedGeneration: record.appliedGeneration,
      state: observation.state,
      guestPoweredOff: observation.state === "stopped" && record.poweredOffGeneration === record.desired.generation,
      lastRequestId: record.lastRequestId,
      startedAt: observation.startedAt ?? null,
      error: observation.error ?? record.denial,
      provisioning: provisioningOf(record),
      waiting: observation.waiting ?? null,
      findings: record.findings,
      screen: record.screen,
      disk: diskOf(record),
      ...this.#learned(),
    } as const;
    const text = JSON.stringify(content);
    if (text === this.#last) return;
    this.#last = text;
    record.observedGeneration += 1;
    this.#report({ ...content, observedGeneration: record.observedGeneration });
    this.#save();
  }

  /** The same again with what the record says now (a request answered, a generation applied). */
  refresh(): void {
    if (this.#current !== null) this.publish(this.#current);
  }

  #learned(): Pick<InstanceObservation, "learnedAddresses"> {
    const learnedAddresses = this.#record.desired.nics.flatMap(({ id }) => {
      const ipv4 = this.#learnedAddress(id);
      return ipv4 === null ? [] : [{ nicId: id, ipv4 }];
    });
    return learnedAddresses.length === 0 ? {} : { learnedAddresses };
  }

  /** For a centre that has lost what it was told. */
  repeat(): void {
    this.#last = null;
    this.refresh();
  }
}

function diskOf({ diskVolumeId, diskSizeBytes, diskImageSha256 }: InstanceRecord): InstanceObservation["disk"] {
  const sha256 = Sha256.safeParse(diskImageSha256);
  return diskVolumeId === null || diskSizeBytes === null
    ? null
    : { volumeId: diskVolumeId, sizeBytes: diskSizeBytes, imageSha256: sha256.success ? sha256.data : null };
}
