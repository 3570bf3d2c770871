import type { Db } from "../db";

/**
 * Which organization a thing belongs to, for `organizationProcedure`. Null: there is no such thing, it is deleted, or it
 * belongs to nobody yet; the caller is told the same in every case.
 */
export const organizationOf = {
  input: (input: { organizationId: string }) => input.organizationId,
  site: async (input: { siteId: string }, db: Db) =>
    (await db.site.findUnique({ where: { id: input.siteId }, select: { organizationId: true } }))?.organizationId ?? null,
  invitation: async (input: { invitationId: string }, db: Db) =>
    (await db.invitation.findUnique({ where: { id: input.invitationId }, select: { organizationId: true } }))?.organizationId ?? null,
  sshKey: async (input: { sshKeyId: string }, db: Db) =>
    (await db.sshKey.findUnique({ where: { id: input.sshKeyId }, select: { organizationId: true } }))?.organizationId ?? null,
  consoleShare: async (input: { shareId: string }, db: Db) =>
    (await db.consoleShare.findUnique({ where: { id: input.shareId }, select: { organizationId: true } }))?.organizationId ?? null,
  securityGroup: async (input: { securityGroupId: string }, db: Db) =>
    (await db.securityGroup.findUnique({ where: { id: input.securityGroupId }, select: { organizationId: true } }))?.organizationId ?? null,
  image: async (input: { imageId: string }, db: Db) =>
    (await db.image.findFirst({ where: { id: input.imageId, deletedAt: null }, select: { organizationId: true } }))?.organizationId ?? null,
  network: async (input: { networkId: string }, db: Db) =>
    (await db.network.findFirst({ where: { id: input.networkId, deletedAt: null }, select: { organizationId: true } }))?.organizationId ??
    null,
  host: async (input: { hostId: string }, db: Db) =>
    (await db.host.findUnique({ where: { id: input.hostId }, select: { organizationId: true } }))?.organizationId ?? null,
  instance: async (input: { instanceId: string }, db: Db) =>
    (await db.instance.findFirst({ where: { id: input.instanceId }, select: { organizationId: true } }))?.organizationId ?? null,
  operation: async (input: { operationId: string }, db: Db) =>
    (await db.operation.findUnique({ where: { id: input.operationId }, select: { organizationId: true } }))?.organizationId ?? null,
  enrolment: async (input: { enrolmentId: string }, db: Db) =>
    (await db.enrolment.findUnique({ where: { id: input.enrolmentId }, select: { organizationId: true } }))?.organizationId ?? null,
} as const;
