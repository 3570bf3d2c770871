import { z } from "zod";
import { WireError } from "../errors";
import { HostId, ImageId, NetworkId, OrganizationId, SizeId, SshKeyId } from "../ids";
import { Firmware, ImageCopyState } from "../image";
import { MetadataDialect, MetadataTokens } from "../metadata-dialect";
import { NetworkKind } from "../network";
import { INPUT_WORDS } from "../plain/input-words";
import { Progress } from "../report";

export const ImageView = z.object({
  id: ImageId,
  /** Null: offered to every organization. */
  organizationId: OrganizationId.nullable(),
  name: z.string(),
  description: z.string(),
  operatingSystem: z.enum(["debian", "ubuntu", "almalinux", "rocky", "fedora", "alpine", "opensuse", "tiny", "other"]),
  origin: z.enum(["built", "catalogue", "url"]),
  url: z.string().nullable(),
  sha256: z.string().nullable(),
  sizeBytes: z.number().int().nullable(),
  minimumDiskBytes: z.number().int(),
  minimumMemoryBytes: z.number().int(),
  firmware: Firmware,
  defaultUser: z.string(),
  cloudInit: z.boolean(),
  /** What its instances are shown unless one chooses otherwise, and why. */
  dialect: MetadataDialect,
  dialectReason: z.string(),
  metadataTokens: MetadataTokens,
  /** False: never booted here by us; said so on the page. */
  bootedHere: z.boolean(),
  /** `building` and `failed` are for images built here; the rest is usable. */
  state: z.enum(["ready", "building", "failed"]),
  progress: Progress.nullable(),
  statusMessage: z.string().nullable(),
  error: WireError.nullable(),
  copies: z.array(
    z.object({
      hostId: HostId,
      hostName: z.string(),
      state: ImageCopyState,
      progress: Progress.nullable(),
      error: WireError.nullable(),
      /** Where the host keeps it, and what it takes there; null while it has none, or by an agent of before. */
      path: z.string().nullable(),
      sizeBytes: z.number().int().nullable(),
      /** Instances on that host that are made of it. */
      instanceCount: z.number().int(),
    }),
  ),
  createdAt: z.date(),
});
export type ImageView = z.infer<typeof ImageView>;

export const ImageCreateInput = z.object({
  organizationId: OrganizationId,
  name: z.string().trim().min(1, INPUT_WORDS.imageName).max(100),
  url: z.url({ protocol: /^https?$/, error: INPUT_WORDS.fullAddress }).max(2_000),
  /** Hex SHA-256 that the download must have; without it the first download's hash is pinned. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, INPUT_WORDS.sha256)
    .nullable()
    .default(null),
  firmware: Firmware.default("bios"),
  defaultUser: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, INPUT_WORDS.unixUser)
    .default("root"),
  cloudInit: z.boolean().default(true),
  dialect: MetadataDialect.default("openstack"),
});

export const SizeView = z.object({
  id: SizeId,
  name: z.string(),
  vcpus: z.number().int(),
  memoryBytes: z.number().int(),
  diskBytes: z.number().int(),
});
export type SizeView = z.infer<typeof SizeView>;

/** Bounds as the database has them. */
export const NewSize = z.object({
  name: z.string().trim().min(1, INPUT_WORDS.itsName).max(40, INPUT_WORDS.nameLength40),
  vcpus: z.number().int().min(1, INPUT_WORDS.atLeastOne).max(256, INPUT_WORDS.atMost256),
  memoryBytes: z
    .number()
    .int()
    .min(64 * 1024 ** 2, INPUT_WORDS.atLeast64MiB)
    .max(16 * 1024 ** 4, INPUT_WORDS.atMost16TiB),
  diskBytes: z
    .number()
    .int()
    .min(1024 ** 3, INPUT_WORDS.atLeast1GiB)
    .max(64 * 1024 ** 4, INPUT_WORDS.atMost64TiB),
});
export type NewSize = z.infer<typeof NewSize>;

export const SshKeyView = z.object({ id: SshKeyId, name: z.string(), publicKey: z.string(), fingerprint: z.string(), createdAt: z.date() });
export type SshKeyView = z.infer<typeof SshKeyView>;

export const NetworkView = z.object({
  id: NetworkId,
  name: z.string(),
  kind: NetworkKind,
  hostId: HostId,
  hostName: z.string(),
  ipv4Cidr: z.string().nullable(),
  ipv4Gateway: z.string().nullable(),
  ipv6Cidr: z.string().nullable(),
  bridgeInterface: z.string().nullable(),
  uplinkInterface: z.string().nullable(),
  vlanId: z.number().int().nullable(),
  isDefault: z.boolean(),
  nicCount: z.number().int(),
  state: z.enum(["pending", "ready", "failed"]),
  error: WireError.nullable(),
});
export type NetworkView = z.infer<typeof NetworkView>;
