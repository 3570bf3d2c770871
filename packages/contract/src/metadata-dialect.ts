import { z } from "zod";
import { METADATA_DIALECTS } from "./plain/metadata-dialects";

/**
 * Which cloud's metadata service the guest is shown, and so which firmware strings (DMI) it finds. `openstack` has EC2's paths
 * beside its own, as Nova has; every other dialect is shown alone.
 */
export const MetadataDialect = z.enum(METADATA_DIALECTS);
export type MetadataDialect = z.infer<typeof MetadataDialect>;

/** EC2's `HttpTokens`: `required` refuses requests without a session token (IMDSv1). */
export const MetadataTokens = z.enum(["optional", "required"]);
export type MetadataTokens = z.infer<typeof MetadataTokens>;

/** EC2's `HttpPutResponseHopLimit`: the IP TTL of the packets that carry a session token. 1 does not leave the machine itself. */
export const MetadataHopLimit = z.number().int().min(1).max(64);
