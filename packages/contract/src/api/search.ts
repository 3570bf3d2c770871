import { z } from "zod";
import { OrganizationId } from "../ids";

/** What the command palette asks: a part of a name, or a whole id or address. */
export const SearchInput = z.object({ organizationId: OrganizationId, text: z.string().trim().min(1).max(100) });

export const SearchKind = z.enum(["instance", "host", "image", "network", "securityGroup", "site"]);
export type SearchKind = z.infer<typeof SearchKind>;

/** Best first within its kind. */
export const SearchHit = z.object({
  kind: SearchKind,
  id: z.string(),
  name: z.string(),
  /** What tells it from others of that name: its host, its address. */
  about: z.string().nullable(),
});
export type SearchHit = z.infer<typeof SearchHit>;
