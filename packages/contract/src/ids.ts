import { z } from "zod";
import { ID_PREFIXES, type IdKind, type IdOf, isId } from "./plain/ids";

/**
 * Ids are a prefix and 17 hex digits (`plain/ids`). Every id that arrives from outside is parsed
 * with its schema before it reaches a path, an argument or a query.
 */

const idSchema = <K extends IdKind>(kind: K) =>
  z.custom<IdOf<K>>((value) => isId(kind, value), { error: `must be an id of the form ${ID_PREFIXES[kind]}-0123456789abcdef0` });

export const OrganizationId = idSchema("organization");
export const SiteId = idSchema("site");
export const UserId = idSchema("user");
export const HostId = idSchema("host");
export const EnrolmentId = idSchema("enrolment");
export const InstanceId = idSchema("instance");
export const VolumeId = idSchema("volume");
export const ImageId = idSchema("image");
export const NetworkId = idSchema("network");
export const NicId = idSchema("nic");
export const SecurityGroupId = idSchema("securityGroup");
export const SizeId = idSchema("size");
export const SshKeyId = idSchema("sshKey");
export const OperationId = idSchema("operation");
export const InvitationId = idSchema("invitation");
export const RequestId = idSchema("request");
export const StreamId = idSchema("stream");
export const TicketId = idSchema("ticket");
export const ShareId = idSchema("share");
export const LedgerId = idSchema("ledger");

export type OrganizationId = z.infer<typeof OrganizationId>;
export type SiteId = z.infer<typeof SiteId>;
export type UserId = z.infer<typeof UserId>;
export type HostId = z.infer<typeof HostId>;
export type EnrolmentId = z.infer<typeof EnrolmentId>;
export type InstanceId = z.infer<typeof InstanceId>;
export type VolumeId = z.infer<typeof VolumeId>;
export type ImageId = z.infer<typeof ImageId>;
export type NetworkId = z.infer<typeof NetworkId>;
export type NicId = z.infer<typeof NicId>;
export type SecurityGroupId = z.infer<typeof SecurityGroupId>;
export type SizeId = z.infer<typeof SizeId>;
export type SshKeyId = z.infer<typeof SshKeyId>;
export type OperationId = z.infer<typeof OperationId>;
export type InvitationId = z.infer<typeof InvitationId>;
export type RequestId = z.infer<typeof RequestId>;
export type StreamId = z.infer<typeof StreamId>;
export type TicketId = z.infer<typeof TicketId>;
export type ShareId = z.infer<typeof ShareId>;
export type LedgerId = z.infer<typeof LedgerId>;
