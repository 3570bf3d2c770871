import { z } from "zod";
import { OverlayCandidates } from "./direct";
import { WireError } from "./errors";
import { GuestFinding, KeptScreen, MAX_FINDINGS } from "./guest-finding";
import { HostFacts } from "./host";
import { HostId, ImageId, InstanceId, LedgerId, NetworkId, NicId, RequestId, VolumeId } from "./ids";
import { ImageCopyState, ImageFormat, Sha256 } from "./image";
import { Ipv4Address } from "./network";
import { ObservedState, StepState } from "./states";

/**
 * One line of the timeline. `kernel` and `login` are seen on the serial port, where the guest prints there. `guest:<stage>` are
 * cloud-init's own stages (init-local, init-network, modules-config, modules-final) and `guest:<stage>/<module>` their modules, as they
 * come in over the metadata service's webhook.
 */
export const ProvisionStep = z.union([
  z.enum(["placed", "image", "disk", "network", "start", "kernel", "metadata", "login", "ssh"]),
  z.string().regex(/^guest:[a-z0-9/_-]{1,120}$/) as z.ZodType<`guest:${string}`>,
]);
export type ProvisionStep = z.infer<typeof ProvisionStep>;

export const Progress = z.object({ done: z.number().min(0), total: z.number().min(0).nullable(), unit: z.enum(["bytes", "steps"]) });
export type Progress = z.infer<typeof Progress>;

/** Why a guest is given its secrets no more. */
export const SealReason = z.enum(["cloud-init", "phone-home", "time-limit"]);
export type SealReason = z.infer<typeof SealReason>;

/** Of the guest that runs on the host, or ran last: whether it is still given its password and user data. Times in ms since the epoch. */
export const Provisioning = z.object({
  guestUuid: z.uuid(),
  /** When they are withheld at the latest; null once they are, or before the clock runs. */
  servedUntil: z.number().int().nullable(),
  sealed: z.object({ at: z.number().int(), reason: SealReason }).nullable(),
});
export type Provisioning = z.infer<typeof Provisioning>;

/** The disk that the guest has on the host, whatever is wished. Null: the base was made before hosts kept its hash. */
export const ObservedDisk = z.object({ volumeId: VolumeId, sizeBytes: z.number().int().positive(), imageSha256: Sha256.nullable() });
export type ObservedDisk = z.infer<typeof ObservedDisk>;

export const InstanceObservation = z.object({
  kind: z.literal("instance.observed"),
  instanceId: InstanceId,
  /** Raised by the agent at each change of what it sees; the centre writes only a larger one. */
  observedGeneration: z.number().int().positive(),
  /** The newest desired generation this host has finished carrying out; 0 for none. */
  appliedGeneration: z.number().int().min(0),
  state: ObservedState,
  /** The guest shut itself down: kept, not undone, and the centre sets desired = stopped by compare-and-set on `appliedGeneration`. */
  guestPoweredOff: z.boolean(),
  lastRequestId: RequestId.nullable(),
  startedAt: z.number().int().nullable(),
  error: WireError.nullable(),
  /** Null before its first start, and from agents of before it existed. */
  provisioning: Provisioning.nullable().default(null),
  /** What the agent is waiting for, in words ("Shutting down; forced in 43 s"), with the moment it ends. */
  waiting: z.object({ message: z.string().max(500), untilMs: z.number().int().nullable() }).nullable(),
  /** Addresses that NICs of the mode `learned` were given by their LAN's DHCP server. Absent: none, or an agent of before. */
  learnedAddresses: z
    .array(z.object({ nicId: NicId, ipv4: Ipv4Address }))
    .max(8)
    .optional(),
  /** Why the guest hangs, as far as its serial port tells; missing from agents of before. */
  findings: z.array(GuestFinding).max(MAX_FINDINGS).optional(),
  screen: KeptScreen.nullable().optional(),
  /** Null: it has none yet. Missing from agents of before. */
  disk: ObservedDisk.nullable().optional(),
});
export type InstanceObservation = z.infer<typeof InstanceObservation>;

export const InstanceStepReport = z.object({
  kind: z.literal("instance.step"),
  instanceId: InstanceId,
  /** Which boot of which guest the step belongs to: counts up per start of QEMU on this host. */
  boot: z.number().int().min(0),
  step: ProvisionStep,
  state: StepState,
  startedAt: z.number().int().positive(),
  endedAt: z.number().int().positive().nullable(),
  message: z.string().max(2_000).nullable(),
  detail: z.string().max(16_000).nullable(),
  progress: Progress.nullable(),
});
export type InstanceStepReport = z.infer<typeof InstanceStepReport>;

export const ImageObservation = z.object({
  kind: z.literal("image.observed"),
  imageId: ImageId,
  state: ImageCopyState,
  sha256: Sha256.nullable(),
  format: ImageFormat.nullable(),
  virtualSizeBytes: z.number().int().nullable(),
  sizeBytes: z.number().int().nullable(),
  progress: Progress.nullable(),
  error: WireError.nullable(),
  /** Where the host keeps it; missing from agents of before. */
  path: z.string().max(500).nullable().optional(),
});
export type ImageObservation = z.infer<typeof ImageObservation>;

export const NetworkObservation = z.object({
  kind: z.literal("network.observed"),
  networkId: NetworkId,
  state: z.enum(["ready", "failed", "absent"]),
  error: WireError.nullable(),
});
export type NetworkObservation = z.infer<typeof NetworkObservation>;

export const HostEvent = z.object({
  kind: z.literal("host.event"),
  level: z.enum(["info", "warning", "error"]),
  code: z.string().max(60),
  message: z.string().max(2_000),
});
export type HostEvent = z.infer<typeof HostEvent>;

export const UnclaimedVms = z.object({ kind: z.literal("host.unclaimed"), instanceIds: z.array(InstanceId).max(2_000) });
export const FactsReport = z.object({ kind: z.literal("host.facts"), facts: HostFacts });

/** The document the agent holds now: how the centre knows that a change has arrived. */
export const DocumentApplied = z.object({
  kind: z.literal("document.accepted"),
  centreEpoch: z.number().int(),
  generation: z.number().int(),
});

export const ReportBody = z.discriminatedUnion("kind", [
  InstanceObservation,
  InstanceStepReport,
  ImageObservation,
  NetworkObservation,
  HostEvent,
  UnclaimedVms,
  FactsReport,
  DocumentApplied,
  OverlayCandidates,
]);
export type ReportBody = z.infer<typeof ReportBody>;

export const ReportItem = z.object({
  /** Grows by one per item within a ledger; at least once, in order, idempotent. */
  seq: z.number().int().positive(),
  /** When it happened by the host's clock, ms since the epoch. */
  at: z.number().int().positive(),
  body: ReportBody,
});
export type ReportItem = z.infer<typeof ReportItem>;

/** A new `ledgerId` (a host whose state was lost) forces a full resync. `items` is in order of seq. */
export const ReportBatch = z.object({ ledgerId: LedgerId, items: z.array(ReportItem).min(1).max(500) });
export type ReportBatch = z.infer<typeof ReportBatch>;

/**
 * Payload of a `host-report` envelope: a batch as the centre takes it, signed by the host's key for one link of one host. Each item is
 * judged by itself, because one that is not understood (of an older or newer agent) must not hold up those behind it.
 */
export const SignedReports = z.object({
  hostId: HostId,
  /** Of the centre's claim: what was signed for an earlier link is not taken again, whichever ledger it is of. */
  linkEpoch: z.number().int().min(1),
  ledgerId: LedgerId,
  items: z.array(z.unknown()).min(1).max(500),
});
export type SignedReports = z.infer<typeof SignedReports>;

/** Payload of a `report-ack` envelope: signed by the centre, because a host forgets what was acknowledged. */
export const ReportAck = z.object({
  hostId: HostId,
  linkEpoch: z.number().int().min(1),
  ledgerId: LedgerId,
  ackedSeq: z.number().int().min(0),
});
export type ReportAck = z.infer<typeof ReportAck>;
