import { z } from "zod";
import { PeerPath } from "../direct";
import { HostFacts, HostUsage } from "../host";
import { EnrolmentId, HostId, OrganizationId, SiteId } from "../ids";
import { INPUT_WORDS } from "../plain/input-words";
import { HOST_SORTS } from "../plain/lists";
import { HostState } from "../states";
import { LIST_RANGE } from "./list-range";

export const CordonReason = z.string().trim().min(1, INPUT_WORDS.cordonReason).max(200, INPUT_WORDS.reasonLength);
/** `by`: null when the user is gone. */
export const Cordon = z.object({ by: z.string().nullable(), reason: z.string(), at: z.date() });
export type Cordon = z.infer<typeof Cordon>;

export const HostView = z.object({
  id: HostId,
  organizationId: OrganizationId.nullable(),
  siteId: SiteId.nullable(),
  siteName: z.string().nullable(),
  name: z.string(),
  state: HostState,
  simulated: z.boolean(),
  facts: HostFacts.nullable(),
  usage: HostUsage.nullable(),
  /** Sum over instances that are not stopped or gone. */
  allocated: z.object({ vcpus: z.number().int(), memoryBytes: z.number().int(), instances: z.number().int() }),
  /** No new instances are placed there. */
  cordon: Cordon.nullable(),
  enrolledAt: z.date(),
  lastSeenAt: z.date().nullable(),
  /** Of the relay that holds its link; null while it has none. */
  relayName: z.string().nullable(),
  /** The machine that runs `npm start` itself. */
  local: z.boolean(),
  events: z.array(z.object({ at: z.date(), level: z.enum(["info", "warning", "error"]), message: z.string() })),
});
export type HostView = z.infer<typeof HostView>;

export const HostSort = z.enum(HOST_SORTS);
export type HostSort = z.infer<typeof HostSort>;

export const HostPageInput = z.object({
  organizationId: OrganizationId,
  search: z.string().max(100).default(""),
  state: HostState.nullable().default(null),
  siteId: SiteId.nullable().default(null),
  sort: HostSort.default("name"),
  ...LIST_RANGE,
});
export const HostPageOutput = z.object({
  items: z.array(HostView),
  nextCursor: z.string().nullable(),
  /** Of all that match; counted for the first page only, null for later ones. */
  total: z.number().int().nullable(),
});

export const EnrolmentView = z.object({
  id: EnrolmentId,
  siteId: SiteId,
  createdAt: z.date(),
  expiresAt: z.date(),
  usedAt: z.date().nullable(),
  hostId: HostId.nullable(),
});
export type EnrolmentView = z.infer<typeof EnrolmentView>;

/** The token is in `command` and shown once. */
export const EnrolmentCreated = z.object({
  enrolment: EnrolmentView,
  command: z.string(),
  /** SHA-256 of install.sh, so that a careful administrator may compare. */
  scriptSha256: z.string(),
});

/** A host that this one may reach. Paths as either host says them itself; null: it says nothing now. */
export const HostPairView = z.object({
  hostId: HostId,
  name: z.string(),
  state: HostState,
  since: z.date(),
  /** Whether each has joined the overlay at all; without both there is no way. */
  onOverlay: z.object({ here: z.boolean(), there: z.boolean() }),
  path: PeerPath.nullable(),
  peerPath: PeerPath.nullable(),
});
export type HostPairView = z.infer<typeof HostPairView>;
