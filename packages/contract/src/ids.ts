import { z } from "zod";

/**
 * Ids are a prefix and 17 hex digits, as cloud users know them. Every id that arrives from outside is parsed
 * with its schema before it reaches a path, an argument or a query.
 */
const PREFIXES = {
  organization: "org",
  site: "site",
  user: "usr",
  host: "h",
  enrolment: "enr",
  instance: "i",
  volume: "vol",
  snapshot: "snap",
  image: "img",
  network: "net",
  nic: "nic",
  securityGroup: "sg",
  size: "size",
  sshKey: "key",
  operation: "op",
  invitation: "inv",
  auditEvent: "aud",
  request: "req",
  stream: "st",
  ticket: "tkt",
  share: "shr",
  ledger: "led",
} as const;

export type IdKind = keyof typeof PREFIXES;
type IdOf<K extends IdKind> = `${(typeof PREFIXES)[K]}-${string}`;

const idSchema = <K extends IdKind>(kind: K) =>
  z.custom<IdOf<K>>((value) => typeof value === "string" && new RegExp(`^${PREFIXES[kind]}-[0-9a-f]{17}$`).test(value), {
    error: `must be an id of the form ${PREFIXES[kind]}-0123456789abcdef0`,
  });

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

/** A fresh random id (68 bits from the platform's secure generator). */
export function newId<K extends IdKind>(kind: K): IdOf<K> {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(9));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${PREFIXES[kind]}-${hex.slice(0, 17)}`;
}
