import { z } from "zod";

/** As in INDIUM_RELAY_NAME; it is unique in an installation. */
export const RelayName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be lower-case letters, digits and hyphens");

/** Scheme, host and port, and nothing more: hosts and browsers add the paths. */
export const PublicOrigin = z
  .string()
  .max(300)
  .regex(/^https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/, "must be scheme, host and port only");

/** A relay that hosts may dial. Several may have one origin: whoever stands in front of them then goes by `?relay=<name>` (RELAY_QUERY). */
export const RelayEntry = z.object({ name: RelayName, url: PublicOrigin });
export type RelayEntry = z.infer<typeof RelayEntry>;

export const MAX_RELAYS = 32;

/** Payload of the centre's `relay-list` envelope: every relay that takes links now, in no order. A host keeps the one issued last. */
export const RelayList = z.object({ issuedAt: z.number().int().positive(), relays: z.array(RelayEntry).min(1).max(MAX_RELAYS) });
export type RelayList = z.infer<typeof RelayList>;
