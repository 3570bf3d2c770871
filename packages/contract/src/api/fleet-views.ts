import { z } from "zod";
import { GuestFindingKind } from "../guest-finding";
import { HostId, InstanceId, OrganizationId, SiteId } from "../ids";
import { DisplayedState } from "../states";

const StateCount = z.object({ state: DisplayedState, count: z.number().int() });

/** One site at a glance. Sums are over its hosts; instances that no host has yet count for no site. */
export const SiteHealth = z.object({
  organizationId: OrganizationId,
  organizationName: z.string(),
  siteId: SiteId,
  siteName: z.string(),
  hosts: z.object({ total: z.number().int(), online: z.number().int(), cordoned: z.number().int() }),
  instances: z.array(StateCount),
  /** Bytes; of the hosts that have told theirs. */
  memory: z.object({ allocated: z.number().int(), total: z.number().int() }),
  storage: z.object({ used: z.number().int(), total: z.number().int() }),
});
export type SiteHealth = z.infer<typeof SiteHealth>;

const about = { organizationId: OrganizationId, organizationName: z.string(), siteName: z.string().nullable() };
const host = { ...about, hostId: HostId, hostName: z.string() };
const instance = { ...about, instanceId: InstanceId, instanceName: z.string(), since: z.date() };

/** Something a person should look at; the gravest kinds first. */
export const Attention = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("hostUnreachable"), ...host, since: z.date().nullable(), instances: z.number().int() }),
  z.object({ kind: z.literal("instanceFailed"), ...instance, message: z.string() }),
  z.object({ kind: z.literal("instanceCrashed"), ...instance, message: z.string() }),
  /** The guest runs and does not go on; what was recognised of it. */
  z.object({ kind: z.literal("guestFinding"), ...instance, finding: GuestFindingKind }),
  z.object({ kind: z.literal("storageLow"), ...host, usedBytes: z.number().int(), totalBytes: z.number().int() }),
]);
export type Attention = z.infer<typeof Attention>;

export const FleetView = z.object({
  /** Of the organization itself, also those that no host has yet. */
  instances: z.array(StateCount),
  sites: z.array(SiteHealth),
  /** At most `MAX_ATTENTION`; `attentionTotal` counts them all. */
  attention: z.array(Attention),
  attentionTotal: z.number().int(),
});
export type FleetView = z.infer<typeof FleetView>;

export const MAX_ATTENTION = 20;
