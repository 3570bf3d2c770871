import { z } from "zod";
import { SealedBox } from "./envelope";
import { ImageId, InstanceId, RequestId, VolumeId } from "./ids";
import { Firmware } from "./image";
import { MetadataDialect, MetadataHopLimit, MetadataTokens } from "./metadata-dialect";
import { DesiredNic } from "./network";
import { MIB } from "./plain/bytes";
import { instanceNameFault } from "./plain/instance-name";
import { DesiredState } from "./states";

/** A DNS label (`plain/instance-name`). */
export const InstanceName = z.string().superRefine((name, context) => {
  const fault = instanceNameFault(name);
  if (fault !== null) context.addIssue({ code: "custom", message: fault });
});

/** At most once: the agent records `requestId` before it acts, and never acts after `expiresAt` (ms since the epoch). */
export const PowerRequest = z.object({
  requestId: RequestId,
  kind: z.enum(["reboot", "reset"]),
  expiresAt: z.number().int().positive(),
});
export type PowerRequest = z.infer<typeof PowerRequest>;

export const SshPublicKey = z.object({ name: z.string().max(100), key: z.string().max(4_000) });

/** What the metadata service tells a guest about itself, secrets apart. */
export const GuestMetadata = z.object({
  hostname: InstanceName,
  sshKeys: z.array(SshPublicKey).max(50),
  tags: z.record(z.string().max(100), z.string().max(200)),
  availabilityZone: z.string().max(100),
});
export type GuestMetadata = z.infer<typeof GuestMetadata>;

/** Inside `DesiredInstance.sealedSecrets`: JSON of this, sealed for the host with the instance's id as context. */
export const GuestSecrets = z.object({
  /** SHA-512-crypt (`$6$…`) of the default user's and root's password. */
  passwordHash: z.string().max(200).optional(),
  /** cloud-config or a script, exactly as the user gave it. */
  userData: z.string().max(65_536).optional(),
});
export type GuestSecrets = z.infer<typeof GuestSecrets>;

/** Disks of earlier rebuilds that a document still names. */
export const MAX_REPLACED = 10;

export const DesiredInstance = z.object({
  id: InstanceId,
  name: InstanceName,
  /** Raised by every change of intent. The agent refuses an older one, and the same one with other content. */
  generation: z.number().int().positive(),
  /**
   * The generation that last asked for something (a power state, a reboot, a re-provision); what came after is a live change, and clears
   * no failure and no guest's own power-off. Left out: every generation asks.
   */
  wishGeneration: z.number().int().positive().optional(),
  desired: DesiredState,
  /** DMI and metadata uuid; changes at rebuild and re-provision, so that cloud-init runs again. */
  guestUuid: z.uuid(),
  power: PowerRequest.nullable(),
  /** How long an ACPI shutdown may take before the VM is stopped by force. Zero forces at once. */
  stopGraceMs: z.number().int().min(0).max(3_600_000),
  vcpus: z.number().int().min(1).max(256),
  memoryBytes: z
    .number()
    .int()
    .min(64 * MIB),
  firmware: Firmware,
  /** Only with UEFI: Microsoft's keys enrolled, unsigned boot loaders refused. Missing: no. */
  secureBoot: z.boolean().optional(),
  /** A TPM 2.0 whose state is kept with the instance. Missing: none. */
  tpm: z.boolean().optional(),
  /**
   * A port for the guest's clipboard agent (spice-vdagent), shared with the console, and a screen that changes its size. QEMU cannot migrate
   * a VM that has the port. Missing: neither.
   */
  desktop: z.boolean().optional(),
  rootVolume: z.object({
    id: VolumeId,
    imageId: ImageId,
    /** A disk grows to this; none ever shrinks. */
    sizeBytes: z.number().int().positive(),
    /**
     * Rebuilt: the disks that this one takes the place of. Only a guest whose disk is named here gets a new one, so that a centre restored from an
     * old dump takes no disk away. Left out: none.
     */
    replaces: z.array(VolumeId).min(1).max(MAX_REPLACED).optional(),
  }),
  nics: z.array(DesiredNic).max(8),
  metadata: GuestMetadata,
  /** Whether the guest runs cloud-init or the like, and so whether its stages and SSH are waited for. */
  guestAgent: z.enum(["cloud-init", "none"]),
  dialect: MetadataDialect.default("openstack"),
  metadataTokens: MetadataTokens.default("optional"),
  metadataHopLimit: MetadataHopLimit.default(1),
  sealedSecrets: SealedBox.nullable(),
});
export type DesiredInstance = z.infer<typeof DesiredInstance>;
