import { z } from "zod";
import { ConsoleMode } from "../console";
import { WireError } from "../errors";
import { GuestFinding, KeptScreen } from "../guest-finding";
import {
  HostId,
  ImageId,
  InstanceId,
  NetworkId,
  NicId,
  OperationId,
  OrganizationId,
  SecurityGroupId,
  SiteId,
  SizeId,
  SshKeyId,
  type UserId,
} from "../ids";
import { Firmware } from "../image";
import { InstanceName } from "../instance";
import { MetadataDialect, MetadataHopLimit, MetadataTokens } from "../metadata-dialect";
import { NicAddressMode } from "../network";
import { INPUT_WORDS } from "../plain/input-words";
import { INSTANCE_SORTS, MAX_ACT_MANY, TAG_LIMITS } from "../plain/lists";
import { MAX_GROUPS_PER_NIC } from "../plain/security-groups";
import { BULK_ACTIONS } from "../plain/states";
import { ObservedDisk, Progress, SealReason } from "../report";
import { DesiredState, DisplayedState, InstanceAction, OperationState, PlacementStrategy, StepState } from "../states";
import { LIST_RANGE } from "./list-range";

const Password = z.string().min(8, INPUT_WORDS.password8).max(128);
const UserData = z.string().max(65_536, INPUT_WORDS.userDataSize);

/** The user's answers on the create page. Everything but image, size and name is defaulted. */
export const InstanceCreateInput = z.object({
  organizationId: OrganizationId,
  name: InstanceName,
  imageId: ImageId,
  sizeId: SizeId,
  /** Null: placed automatically. */
  hostId: HostId.nullable().default(null),
  siteId: SiteId.nullable().default(null),
  /** Null: as the organization's settings say. */
  placement: PlacementStrategy.nullable().default(null),
  /** Null: the host's own NAT network. */
  networkId: NetworkId.nullable().default(null),
  /** Null: the organization's default group. None: not filtered. */
  securityGroupIds: z.array(SecurityGroupId).max(MAX_GROUPS_PER_NIC).nullable().default(null),
  diskBytes: z.number().int().positive().nullable().default(null),
  sshKeyIds: z.array(SshKeyId).max(50).default([]),
  password: Password.nullable().default(null),
  userData: UserData.nullable().default(null),
  tags: z.record(z.string().min(1).max(100), z.string().max(200)).default({}),
  /** Null: as the image says. */
  dialect: MetadataDialect.nullable().default(null),
  metadataTokens: MetadataTokens.nullable().default(null),
  metadataHopLimit: MetadataHopLimit.default(1),
  start: z.boolean().default(true),
  /** The same key again (a double click, a retried request) answers with the first instance. */
  /** Null: as the image says. */
  firmware: Firmware.nullable().default(null),
  secureBoot: z.boolean().default(false),
  tpm: z.boolean().default(false),
  desktop: z.boolean().default(false),
  requestKey: z.string().min(8).max(64),
});
export type InstanceCreateInput = z.input<typeof InstanceCreateInput>;

/** What the create page asks while its answers are chosen. */
export const PlacementPreviewInput = InstanceCreateInput.pick({
  organizationId: true,
  sizeId: true,
  hostId: true,
  siteId: true,
  networkId: true,
  placement: true,
});
export type PlacementPreviewInput = z.input<typeof PlacementPreviewInput>;

/** Where it would go now, in words; or why nowhere. Others may be faster: what counts is said when it is created. */
export const PlacementPreview = z.discriminatedUnion("placed", [
  z.object({
    placed: z.literal(true),
    hostId: HostId,
    hostName: z.string(),
    reason: z.string(),
    leftOut: z.array(z.object({ name: z.string(), why: z.string() })),
    strategy: PlacementStrategy,
  }),
  z.object({ placed: z.literal(false), message: z.string(), field: z.enum(["hostId", "siteId", "sizeId"]) }),
]);
export type PlacementPreview = z.infer<typeof PlacementPreview>;

/** Changed while the VM runs; what is left out stays. Keys by fingerprint, of those the instance has and the organization's. */
export const InstanceUpdateInput = z.object({
  instanceId: InstanceId,
  name: InstanceName.optional(),
  sshKeyFingerprints: z.array(z.string().max(200)).max(50).optional(),
  tags: z
    .record(z.string().min(1, INPUT_WORDS.tagName).max(100), z.string().max(200))
    .refine((tags) => Object.keys(tags).length <= 50, INPUT_WORDS.tagsCount)
    .optional(),
});
export type InstanceUpdateInput = z.input<typeof InstanceUpdateInput>;

const keepOrRemove = [z.object({ kind: z.literal("keep") }), z.object({ kind: z.literal("remove") })] as const;
/** For the guest's next first boot: they wait for a re-provision. */
export const InstanceSecretsInput = z.object({
  instanceId: InstanceId,
  password: z.discriminatedUnion("kind", [...keepOrRemove, z.object({ kind: z.literal("set"), password: Password })]),
  userData: z.discriminatedUnion("kind", [...keepOrRemove, z.object({ kind: z.literal("set"), userData: UserData })]),
});
export type InstanceSecretsInput = z.input<typeof InstanceSecretsInput>;

/** Of a stopped instance. Null keeps what it has; a disk only ever grows. */
export const InstanceResizeInput = z.object({
  instanceId: InstanceId,
  sizeId: SizeId.nullable().default(null),
  diskBytes: z.number().int().positive().nullable().default(null),
});
export type InstanceResizeInput = z.input<typeof InstanceResizeInput>;

/** A new disk for the same instance. */
export const InstanceRebuildInput = z.object({
  instanceId: InstanceId,
  /** Null: the image it has. */
  imageId: ImageId.nullable().default(null),
  start: z.boolean().default(true),
});
export type InstanceRebuildInput = z.input<typeof InstanceRebuildInput>;

export const OperationView = z.object({
  id: OperationId,
  organizationId: OrganizationId,
  kind: z.enum([
    "instance.create",
    "instance.start",
    "instance.stop",
    "instance.forceStop",
    "instance.reboot",
    "instance.reset",
    "instance.pause",
    "instance.resume",
    "instance.reprovision",
    "instance.resize",
    "instance.rebuild",
    "instance.delete",
    "image.build",
    "host.remove",
  ]),
  state: OperationState,
  instanceId: InstanceId.nullable(),
  instanceName: z.string().nullable(),
  hostId: HostId.nullable(),
  startedBy: z.string().nullable(),
  createdAt: z.date(),
  endedAt: z.date().nullable(),
  /** "Waiting for host lab-1, which cannot be reached; gives up at 14:05." */
  waiting: z.string().nullable(),
  waitingUntil: z.date().nullable(),
  progress: Progress.nullable(),
  error: WireError.nullable(),
  steps: z.array(
    z.object({
      name: z.string(),
      state: StepState,
      startedAt: z.date().nullable(),
      endedAt: z.date().nullable(),
      message: z.string().nullable(),
    }),
  ),
});
export type OperationView = z.infer<typeof OperationView>;

/** One module of a cloud-init stage. Its words are the guest's. */
export const TimelineModuleView = z.object({
  step: z.string(),
  /** Its own name ("scripts-user"), and what it does, where we know it. */
  name: z.string(),
  about: z.string().nullable(),
  state: StepState,
  startedAt: z.date().nullable(),
  endedAt: z.date().nullable(),
  message: z.string().nullable(),
  detail: z.string().nullable(),
  slowAfterSeconds: z.number().nullable(),
});
export type TimelineModuleView = z.infer<typeof TimelineModuleView>;

/** `open`: whatever has not ended. */
export const OperationStateFilter = z.enum(["open", ...OperationState.options]);
export type OperationStateFilter = z.infer<typeof OperationStateFilter>;

/** By when they were asked for. */
export const OperationListInput = z.object({
  organizationId: OrganizationId,
  instanceId: InstanceId.nullable().default(null),
  hostId: HostId.nullable().default(null),
  state: OperationStateFilter.nullable().default(null),
  /** Only these. */
  ids: z.array(OperationId).max(200).nullable().default(null),
  /** In the instance's name. */
  search: z.string().max(100).default(""),
  ...LIST_RANGE,
  limit: z.number().int().min(1).max(200).default(50),
});
export const OperationListOutput = z.object({
  items: z.array(OperationView),
  nextCursor: z.string().nullable(),
  /** Of all that match; counted for the first page only, null for later ones. */
  total: z.number().int().nullable(),
});

export const TimelineStepView = z.object({
  step: z.string(),
  /** For people: "Disk made", "Metadata first fetched". */
  label: z.string(),
  state: StepState,
  startedAt: z.date().nullable(),
  endedAt: z.date().nullable(),
  /** Seconds since the instance was asked for (or the boot began). */
  atSeconds: z.number().nullable(),
  message: z.string().nullable(),
  detail: z.string().nullable(),
  progress: Progress.nullable(),
  /** From how many seconds on it is called slow (domain/provisioning.ts); null: it takes what it takes. */
  slowAfterSeconds: z.number().nullable().default(null),
  /** `message` and `detail` are what the guest said: true or not. */
  fromGuest: z.boolean().default(false),
  /** cloud-init's modules, of the stage that this is. */
  modules: z.array(TimelineModuleView).default([]),
});
export type TimelineStepView = z.infer<typeof TimelineStepView>;

export const InstanceListItem = z.object({
  id: InstanceId,
  organizationId: OrganizationId,
  name: z.string(),
  state: DisplayedState,
  hostId: HostId.nullable(),
  hostName: z.string().nullable(),
  siteName: z.string().nullable(),
  simulated: z.boolean(),
  imageName: z.string(),
  vcpus: z.number().int(),
  memoryBytes: z.number().int(),
  ipv4: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  createdAt: z.date(),
  error: WireError.nullable(),
  /** What the host waits for, e.g. the graceful stop's time-out. */
  waiting: z.string().nullable(),
  waitingUntil: z.date().nullable(),
  /** For each action: allowed, or the sentence why not (state and role taken together). */
  actions: z.record(
    InstanceAction,
    z.discriminatedUnion("allowed", [z.object({ allowed: z.literal(true) }), z.object({ allowed: z.literal(false), reason: z.string() })]),
  ),
});
export type InstanceListItem = z.infer<typeof InstanceListItem>;

export const InstanceView = InstanceListItem.extend({
  desired: DesiredState,
  guestUuid: z.string(),
  firmware: Firmware,
  secureBoot: z.boolean(),
  tpm: z.boolean(),
  desktop: z.boolean(),
  imageId: ImageId,
  diskBytes: z.number().int(),
  /** What the host says of it, and of the image it was made from; null until it has one. */
  disk: ObservedDisk.nullable(),
  sizeId: SizeId.nullable(),
  sizeName: z.string().nullable(),
  placementReason: z.string().nullable(),
  defaultUser: z.string(),
  hasPassword: z.boolean(),
  hasUserData: z.boolean(),
  dialect: MetadataDialect,
  metadataTokens: MetadataTokens,
  metadataHopLimit: MetadataHopLimit,
  sshKeyNames: z.array(z.string()),
  sshKeys: z.array(z.object({ name: z.string(), fingerprint: z.string() })),
  guestAgent: z.enum(["cloud-init", "none"]),
  /**
   * Whether the guest is given its password and user data. `waiting`: from its next boot on, its first as this guest. `served`: until the
   * first boot has ended, at the latest `until`. `sealed`: no more, `since` then.
   */
  secrets: z.object({
    state: z.enum(["waiting", "served", "sealed"]),
    until: z.date().nullable(),
    since: z.date().nullable(),
    reason: SealReason.nullable(),
  }),
  /** Replaced secrets that wait for a re-provision: what there will be then. */
  pendingSecrets: z.object({ hasPassword: z.boolean(), hasUserData: z.boolean() }).nullable(),
  createdBy: z.string().nullable(),
  startedAt: z.date().nullable(),
  nics: z.array(
    z.object({
      id: NicId,
      networkId: NetworkId,
      networkName: z.string(),
      networkKind: z.enum(["nat", "bridge", "isolated"]),
      macAddress: z.string(),
      addressMode: NicAddressMode,
      /** Assigned, or what the LAN's DHCP server gave; null while that is not known. */
      ipv4: z.string().nullable(),
      ipv6: z.string().nullable(),
      /** None: not filtered. */
      securityGroups: z.array(z.object({ id: SecurityGroupId, name: z.string() })),
    }),
  ),
  /** The copyable line and from where it works; null while SSH does not answer yet or there is nobody to log in as. */
  ssh: z.object({ command: z.string(), explanation: z.string(), answering: z.boolean() }).nullable(),
  timeline: z.array(TimelineStepView),
  currentOperation: OperationView.nullable(),
  /** Why the guest hangs or stopped, newest last; kept until a boot that goes well. */
  findings: z.array(GuestFinding),
  screen: KeptScreen.nullable(),
  cpuFraction: z.number().nullable(),
});
export type InstanceView = z.infer<typeof InstanceView>;

export const InstanceSort = z.enum(INSTANCE_SORTS);
export type InstanceSort = z.infer<typeof InstanceSort>;

export const InstanceListInput = z.object({
  organizationId: OrganizationId,
  search: z.string().max(100).default(""),
  state: DisplayedState.nullable().default(null),
  hostId: HostId.nullable().default(null),
  siteId: SiteId.nullable().default(null),
  /** With a value, or null for any. */
  tag: z
    .object({ key: z.string().min(1).max(TAG_LIMITS.key), value: z.string().max(TAG_LIMITS.value).nullable() })
    .nullable()
    .default(null),
  sort: InstanceSort.default("created"),
  ...LIST_RANGE,
});
export const InstanceListOutput = z.object({
  items: z.array(InstanceListItem),
  nextCursor: z.string().nullable(),
  /** Of all that match; counted for the first page only, null for later ones. */
  total: z.number().int().nullable(),
});

/** What a list of instances can be narrowed down by; tags that many share first. */
export const InstanceFilterOptions = z.object({
  sites: z.array(z.object({ id: SiteId, name: z.string() })),
  hosts: z.array(z.object({ id: HostId, name: z.string(), siteId: SiteId.nullable() })),
  tags: z.array(z.object({ key: z.string(), value: z.string(), instances: z.number().int() })),
});
export type InstanceFilterOptions = z.infer<typeof InstanceFilterOptions>;

/** What may be asked of many at once. */
export const BulkAction = InstanceAction.extract(BULK_ACTIONS);
export type BulkAction = z.infer<typeof BulkAction>;
export const InstanceActManyInput = z.object({
  organizationId: OrganizationId,
  instanceIds: z.array(InstanceId).min(1).max(MAX_ACT_MANY),
  action: BulkAction,
});
/** One outcome for each instance asked for, in the order asked; one that is refused stops none of the others. */
export const InstanceActManyOutput = z.object({
  items: z.array(
    z.discriminatedUnion("accepted", [
      z.object({ accepted: z.literal(true), instanceId: InstanceId, operationId: OperationId }),
      z.object({ accepted: z.literal(false), instanceId: InstanceId, error: WireError }),
    ]),
  ),
});
export type InstanceActManyOutput = z.infer<typeof InstanceActManyOutput>;

/** Where the browser opens the websocket; the ticket is single use and lives 30 s. `mode` is what was granted. */
export const ConsoleAccess = z.object({ url: z.string(), expiresAt: z.date(), mode: ConsoleMode });

/** What `instance.checkUserData` finds. Lines and columns count from 1. */
export const UserDataCheck = z.object({
  kind: z.enum(["empty", "cloud-config", "script", "unknown"]),
  problems: z.array(
    z.object({ line: z.number().int(), column: z.number().int(), severity: z.enum(["error", "warning"]), message: z.string() }),
  ),
  /** Of Debian's cloud-init whose schema was checked against; null: none is at hand, and only the YAML was checked. */
  schemaVersion: z.string().nullable().default(null),
});
export type UserDataCheck = z.infer<typeof UserDataCheck>;
export type UserIdOrNull = z.infer<typeof UserId> | null;
