import { z } from "zod";
import { DesiredPeer } from "./direct";
import { HostId } from "./ids";
import { DesiredImage } from "./image";
import { DesiredInstance } from "./instance";
import { DesiredNetwork } from "./network";
import { DesiredSecurityGroup } from "./security-group";

/**
 * Everything one host should be, sent whole: on connect, on change and on a timer. Absence never deletes: an
 * instance leaves only by a tombstone (`desired: "gone"`), which stays until the host confirms.
 */
export const HostDocument = z.object({
  formatVersion: z.literal(1),
  hostId: HostId,
  /** Raised by the restore procedure; compared before `generation`. */
  centreEpoch: z.number().int().min(1),
  generation: z.number().int().min(0),
  issuedAt: z.number().int().positive(),
  networks: z.array(DesiredNetwork).max(1_000),
  images: z.array(DesiredImage).max(1_000),
  /** Those that NICs in this document name. Left out when none does. */
  securityGroups: z.array(DesiredSecurityGroup).max(2_000).optional(),
  /** Hosts that this one may reach on the overlay. Left out when there are none. Outside of what a generation vouches for: where they are changes by itself. */
  peers: z.array(DesiredPeer).max(1_000).optional(),
  instances: z.array(DesiredInstance).max(2_000),
});
export type HostDocument = z.infer<typeof HostDocument>;
