import { WireError } from "@indium/contract/errors";
import { GuestFinding, KeptScreen } from "@indium/contract/guest-finding";
import { InstanceId, LedgerId, NetworkId, NicId, RequestId, VolumeId } from "@indium/contract/ids";
import { DesiredImage } from "@indium/contract/image";
import { DesiredInstance } from "@indium/contract/instance";
import { DesiredNetwork } from "@indium/contract/network";
import { SealReason } from "@indium/contract/report";
import { DesiredSecurityGroup } from "@indium/contract/security-group";
import { z } from "zod";

/** The format this agent writes. A newer one on disk is left untouched: an older agent must not throw away what it cannot read. */
export const LEDGER_FORMAT = 1;

/** ledger.json: what the host was last told, instances apart (each has its own file, written by its own driver). */
export const LedgerFile = z.object({
  formatVersion: z.literal(LEDGER_FORMAT),
  ledgerId: LedgerId,
  /** 0 until the first document. */
  centreEpoch: z.number().int().min(0),
  generation: z.number().int().min(0),
  contentHash: z.string().nullable(),
  /** Networks of the last document, and older ones that a NIC here still needs. */
  networks: z.array(DesiredNetwork),
  /** Which of these the last document names. Absent until the first document of an agent that writes it. */
  documentNetworks: z.array(NetworkId).optional(),
  /** Networks made on this host and not yet removed. */
  networksMade: z.array(NetworkId),
  images: z.array(DesiredImage),
  securityGroups: z.array(DesiredSecurityGroup).default([]),
  /** Instances of the last document: the commit point of an acceptance. Instances' own files follow it. */
  instances: z.array(DesiredInstance),
  /** How often the agent has started on this ledger; on disk before anything is observed. */
  starts: z.number().int().min(0).default(0),
});
export type LedgerFile = z.infer<typeof LedgerFile>;

/** Re-provisions of one instance that are remembered. */
export const MAX_SEALED = 20;

/** Facts of one instance on this host that no process can be asked for. */
export const InstanceRecord = z.object({
  formatVersion: z.literal(LEDGER_FORMAT),
  desired: DesiredInstance,
  /** Epoch of the document that said so; compared before the generation. */
  centreEpoch: z.number().int().min(0),
  contentHash: z.string(),
  appliedGeneration: z.number().int().min(0),
  observedGeneration: z.number().int().min(0),
  /** The last power request, written before it is acted on: at most once. */
  lastRequestId: RequestId.nullable(),
  /** The guest shut itself down under this desired generation: kept, not undone, until a newer generation. */
  poweredOffGeneration: z.number().int().nullable(),
  /** Until when a guest's shutdown is the answer to our pressing the power button, ms since the epoch. Cleared at each start. */
  powerPressedUntil: z.number().int().nullable(),
  /** The agent gave up under this generation, and why. */
  failure: z.object({ generation: z.number().int(), error: WireError }).nullable(),
  /** Why the last power request was denied, until a newer generation. */
  denial: WireError.nullable(),
  /** Counts starts of QEMU and reboots of the guest. */
  boot: z.number().int().min(0),
  /** Whether the VM ran once under the present generation: from then on failures are retried with back-off. */
  startedGeneration: z.number().int().min(0),
  /** Ends of QEMU by itself, ms since the epoch, within the window that counts. */
  crashes: z.array(z.number().int()).max(100),
  diskImageSha256: z.string().nullable(),
  /** The disk that the guest has, and its size: another may be wished. Null before the first, and until a start by an agent that keeps it. */
  diskVolumeId: VolumeId.nullable().default(null),
  diskSizeBytes: z.number().int().positive().nullable().default(null),
  /** The newest of `sealed`, for agents of before it; they know no other. */
  secretsSealedFor: z.string().nullable(),
  /** Guests whose secrets are withheld for good, oldest first. Only a guest that is not among them is ever given any. */
  sealed: z
    .array(z.object({ guestUuid: z.string(), at: z.number().int(), reason: SealReason }))
    .max(MAX_SEALED)
    .default([]),
  /** The first boot of the guest that is still given its secrets. `failedAt`: its last stage ended badly. */
  firstBoot: z
    .object({ guestUuid: z.string(), startedAt: z.number().int(), failedAt: z.number().int().nullable() })
    .nullable()
    .default(null),
  /** The uuid that the process runs with, or last ran with: what is wished instead reaches the guest by a new process only. */
  runningGuestUuid: z.string().nullable().default(null),
  /** Steps of the present boot still awaited, with when they began: taken up again by a restarted agent. */
  awaiting: z.object({
    metadataSince: z.number().int().nullable(),
    sshSince: z.number().int().nullable(),
    kernelSince: z.number().int().nullable().default(null),
    loginSince: z.number().int().nullable().default(null),
  }),
  /** Everything that was ever made for it here, so that deletion leaves nothing. */
  volumes: z.array(VolumeId),
  nics: z.array(NicId),
  gone: z.boolean(),
  /** The agent's start in which this file was written last. */
  savedAtStart: z.number().int().min(0).default(0),
  /** What its serial port told of why it hangs, and the kept screen: until a boot that goes well. */
  findings: z.array(GuestFinding).default([]),
  screen: KeptScreen.nullable().default(null),
  /** Where in the serial log the present boot began, in bytes: an agent that restarts reads from there. */
  serialFrom: z.number().int().min(0).default(0),
});
export type InstanceRecord = z.infer<typeof InstanceRecord>;

/** Before a boot, and after its end. */
export const NOTHING_AWAITED = { metadataSince: null, sshSince: null, kernelSince: null, loginSince: null } as const;

export function newInstanceRecord(desired: DesiredInstance, centreEpoch: number, contentHash: string): InstanceRecord {
  return {
    formatVersion: LEDGER_FORMAT,
    desired,
    centreEpoch,
    contentHash,
    appliedGeneration: 0,
    observedGeneration: 0,
    lastRequestId: null,
    poweredOffGeneration: null,
    powerPressedUntil: null,
    failure: null,
    denial: null,
    boot: 0,
    startedGeneration: 0,
    crashes: [],
    diskImageSha256: null,
    diskVolumeId: null,
    diskSizeBytes: null,
    secretsSealedFor: null,
    sealed: [],
    firstBoot: null,
    runningGuestUuid: null,
    awaiting: { ...NOTHING_AWAITED },
    volumes: [],
    nics: [],
    gone: false,
    savedAtStart: 0,
    findings: [],
    screen: null,
    serialFrom: 0,
  };
}

export const InstanceFileName = z.string().regex(/^i-[0-9a-f]{17}\.json$/);
export const instanceFileName = (id: InstanceId): string => `${InstanceId.parse(id)}.json`;
