import type { SecurityGroupCreateInput, SecurityGroupUpdateInput, SecurityRuleInput } from "@indium/contract/api/security-group-views";
import { SecurityGroupView } from "@indium/contract/api/security-group-views";
import { AppError } from "@indium/contract/errors";
import { SecurityGroupId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import { MAX_GROUPS_PER_NIC } from "@indium/contract/plain/security-groups";
import { formatCidr, parseCidr } from "@indium/domain/ip";
import type { z } from "zod";
import type { Prisma } from "../../generated/prisma/client";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { type Acting, auditBy } from "./audit";
import { touchHost } from "./host-documents";
import { signalReferringHosts } from "./security-group-members";

const INCLUDE = {
  rules: { include: { remoteGroup: { select: { name: true } } }, orderBy: { position: "asc" } },
  _count: { select: { nics: { where: { nic: { instance: { deletedAt: null } } } } } },
} as const;
type Row = Prisma.SecurityGroupGetPayload<{ include: typeof INCLUDE }>;
type Rule = z.output<typeof SecurityRuleInput>;

const everyone = (rule: Omit<Rule, "cidr" | "remoteGroupId" | "fromPort" | "toPort">, port: number | null): Rule[] =>
  ["0.0.0.0/0", "::/0"].map((cidr) => ({ ...rule, cidr, remoteGroupId: null, fromPort: port, toPort: port }));
/** The same as the migration gives to organizations of before. */
const DEFAULT_RULES: readonly Rule[] = [
  ...everyone({ direction: "out", protocol: "any", description: "Everything" }, null),
  ...everyone({ direction: "in", protocol: "tcp", description: "SSH" }, 22),
  ...everyone({ direction: "in", protocol: "icmp", description: "Ping" }, null),
];

/** Every organization has one, from its first moment. */
export async function createDefaultGroup(tx: Tx, organizationId: string): Promise<void> {
  await tx.securityGroup.create({
    data: {
      id: newId("securityGroup"),
      organizationId,
      name: "default",
      description: "Everything out; SSH and ICMP in.",
      isDefault: true,
      rules: { create: DEFAULT_RULES.map(columnsOf) },
    },
  });
}

export async function listSecurityGroups(db: Db, organizationId: string): Promise<SecurityGroupView[]> {
  const rows = await db.securityGroup.findMany({
    where: { organizationId },
    include: INCLUDE,
    orderBy: [{ isDefault: "desc" }, { name: "asc" }],
  });
  return rows.map(viewOf);
}

export async function getSecurityGroup(db: Db, organizationId: string, id: string): Promise<SecurityGroupView> {
  const row = await db.securityGroup.findFirst({ where: { id, organizationId }, include: INCLUDE });
  if (row === null) throw noSuchGroup();
  return viewOf(row);
}

/** @throws AppError `already_exists` (field `name`), `not_found` (a rule's group). */
export async function createSecurityGroup(acting: Acting, input: z.output<typeof SecurityGroupCreateInput>): Promise<SecurityGroupView> {
  const { organizationId, name, description, rules } = input;
  const row = await acting.db.$transaction(async (tx) => {
    await refuseTakenName(tx, organizationId, name);
    await refuseForeignGroups(
      tx,
      organizationId,
      rules.flatMap((rule) => rule.remoteGroupId ?? []),
    );
    const created = await tx.securityGroup.create({
      data: { id: newId("securityGroup"), organizationId, name, description, rules: { create: rules.map(columnsOf) } },
      include: INCLUDE,
    });
    await auditBy(tx, acting, {
      organizationId,
      action: "securityGroup.create",
      target: { kind: "securityGroup", id: created.id },
      detail: { name, rules: rules.length },
    });
    await publishChange(tx, { organizationId, resource: "securityGroup", id: created.id });
    return created;
  });
  return viewOf(row);
}

/**
 * New rules hold at once on every running instance of the group: its hosts' documents are raised.
 * @throws AppError `already_exists` (field `name`), `not_found`.
 */
export async function updateSecurityGroup(
  acting: Acting,
  organizationId: string,
  input: z.output<typeof SecurityGroupUpdateInput>,
): Promise<SecurityGroupView> {
  const { securityGroupId: id, name, description, rules } = input;
  const row = await acting.db.$transaction(
    async (tx) => {
      // Hosts first and in the order of ids, as everyone does who touches several.
      if (rules !== undefined) for (const hostId of await hostsOf(tx, id)) await touchHost(tx, hostId);
      await tx.$queryRaw`SELECT 1 FROM "SecurityGroup" WHERE id = ${id} FOR UPDATE`;
      if (name !== undefined) await refuseTakenName(tx, organizationId, name, id);
      if (rules !== undefined) {
        await refuseForeignGroups(
          tx,
          organizationId,
          rules.flatMap((rule) => rule.remoteGroupId ?? []),
        );
        await tx.securityGroupRule.deleteMany({ where: { groupId: id } });
        await tx.securityGroupRule.createMany({ data: rules.map((rule, position) => ({ groupId: id, ...columnsOf(rule, position) })) });
      }
      const updated = await tx.securityGroup.update({
        where: { id },
        data: { ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }) },
        include: INCLUDE,
      });
      await auditBy(tx, acting, {
        organizationId,
        action: "securityGroup.update",
        target: { kind: "securityGroup", id },
        detail: {
          ...(name === undefined ? {} : { name }),
          ...(description === undefined ? {} : { description }),
          ...(rules === undefined ? {} : { rules: updated.rules.map((rule) => ruleInWords(rule)) }),
        },
      });
      await publishChange(tx, { organizationId, resource: "securityGroup", id });
      return updated;
    },
    { timeout: 20_000, maxWait: 10_000 },
  );
  return viewOf(row);
}

/** @throws AppError `precondition_failed` for the default group, and while a NIC or another group's rule names it. */
export async function deleteSecurityGroup(acting: Acting, organizationId: string, id: string): Promise<void> {
  await acting.db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "SecurityGroup" WHERE id = ${id} FOR UPDATE`;
    const group = await tx.securityGroup.findFirst({ where: { id, organizationId }, include: INCLUDE });
    if (group === null) throw noSuchGroup();
    if (group.isDefault)
      throw new AppError(
        "precondition_failed",
        `${group.name} is the group that new instances are given. It stays; its rules can be changed.`,
      );
    if (group._count.nics > 0)
      throw new AppError(
        "precondition_failed",
        `${group.name} is in use by ${group._count.nics === 1 ? "one network interface" : `${group._count.nics} network interfaces`}. Take it off those first.`,
      );
    const user = await tx.securityGroupRule.findFirst({
      where: { remoteGroupId: id, groupId: { not: id } },
      include: { group: { select: { name: true } } },
    });
    if (user !== null)
      throw new AppError("precondition_failed", `A rule of the group ${user.group.name} names ${group.name}. Change that rule first.`);
    // Its own rules may name it; NICs of deleted instances no longer count.
    await tx.securityGroupRule.deleteMany({ where: { groupId: id } });
    await tx.nicSecurityGroup.deleteMany({ where: { groupId: id } });
    await tx.securityGroup.delete({ where: { id } });
    await auditBy(tx, acting, {
      organizationId,
      action: "securityGroup.delete",
      target: { kind: "securityGroup", id },
      detail: { name: group.name },
    });
    await publishChange(tx, { organizationId, resource: "securityGroup", id });
  });
}

/** The groups of one NIC, live. None: it is not filtered. @throws AppError `not_found`. */
export async function setNicGroups(
  acting: Acting,
  organizationId: string,
  input: { instanceId: string; nicId: string; securityGroupIds: readonly string[] },
): Promise<void> {
  await acting.db.$transaction(
    async (tx) => {
      const nic = await tx.nic.findFirst({
        where: { id: input.nicId, instanceId: input.instanceId, instance: { organizationId, deletedAt: null } },
        include: { instance: { select: { hostId: true } }, securityGroups: true },
      });
      if (nic === null) throw new AppError("not_found", "This network interface does not exist.");
      const groupIds = [...new Set(input.securityGroupIds)].sort();
      if (groupIds.length > MAX_GROUPS_PER_NIC)
        throw new AppError("bad_request", `A network interface has at most ${MAX_GROUPS_PER_NIC} security groups.`);
      await refuseForeignGroups(tx, organizationId, groupIds);
      if (nic.instance.hostId !== null) await touchHost(tx, nic.instance.hostId);
      await tx.$queryRaw`SELECT 1 FROM "Instance" WHERE id = ${input.instanceId} FOR UPDATE`;
      const before = await tx.instance.findUniqueOrThrow({ where: { id: input.instanceId }, select: { desiredGeneration: true } });
      await tx.nicSecurityGroup.deleteMany({ where: { nicId: nic.id } });
      await tx.nicSecurityGroup.createMany({ data: groupIds.map((groupId) => ({ nicId: nic.id, groupId })) });
      const generation = before.desiredGeneration + 1;
      await tx.instance.update({ where: { id: input.instanceId }, data: { desiredGeneration: generation } });
      // What is under way is still wished, and ends with the generation that the host has now to carry out.
      await tx.operation.updateMany({
        where: { instanceId: input.instanceId, endedAt: null, targetGeneration: before.desiredGeneration },
        data: { targetGeneration: generation },
      });
      await signalReferringHosts(tx, [...nic.securityGroups.map((each) => each.groupId), ...groupIds]);
      await auditBy(tx, acting, {
        organizationId,
        action: "instance.setSecurityGroups",
        target: { kind: "instance", id: input.instanceId },
        detail: { nicId: nic.id, securityGroupIds: groupIds },
      });
      await publishChange(tx, { organizationId, resource: "instance", id: input.instanceId });
      for (const id of new Set([...nic.securityGroups.map((each) => each.groupId), ...groupIds]))
        await publishChange(tx, { organizationId, resource: "securityGroup", id });
    },
    { timeout: 20_000, maxWait: 10_000 },
  );
}

/** @throws AppError `not_found` (field `securityGroupIds`). */
export async function refuseForeignGroups(tx: Tx, organizationId: string, ids: readonly string[]): Promise<void> {
  const wanted = new Set(ids);
  const found = await tx.securityGroup.count({ where: { organizationId, id: { in: [...wanted] } } });
  if (found !== wanted.size)
    throw new AppError("not_found", "One of the security groups was deleted meanwhile. Choose again.", { field: "securityGroupIds" });
}

/** The default group's id alone, for instances of which nobody said anything. */
export async function defaultGroupIds(tx: Tx, organizationId: string): Promise<string[]> {
  const found = await tx.securityGroup.findFirst({ where: { organizationId, isDefault: true }, select: { id: true } });
  return found === null ? [] : [found.id];
}

async function hostsOf(tx: Tx, groupId: string): Promise<string[]> {
  const rows = await tx.instance.findMany({
    where: { deletedAt: null, hostId: { not: null }, nics: { some: { securityGroups: { some: { groupId } } } } },
    select: { hostId: true },
    distinct: ["hostId"],
    orderBy: { hostId: "asc" },
  });
  return rows.flatMap((row) => row.hostId ?? []);
}

async function refuseTakenName(tx: Tx, organizationId: string, name: string, exceptId?: string): Promise<void> {
  await tx.$executeRaw`SELECT id FROM "Organization" WHERE id = ${organizationId} FOR UPDATE`;
  const other = await tx.securityGroup.findUnique({ where: { organizationId_name: { organizationId, name } }, select: { id: true } });
  if (other !== null && other.id !== exceptId)
    throw new AppError("already_exists", `There is a security group named ${name} already. Choose another name.`, { field: "name" });
}

const noSuchGroup = (): AppError => new AppError("not_found", "This security group does not exist, or was deleted.");

function columnsOf(rule: Rule, position: number) {
  const { direction, protocol, fromPort, toPort, remoteGroupId, description } = rule;
  const cidr = rule.cidr === null ? null : parseCidr(rule.cidr);
  // Host bits are dropped, as a firewall would.
  return { position, direction, protocol, fromPort, toPort, remoteGroupId, description, cidr: cidr === null ? null : formatCidr(cidr) };
}

function ruleInWords(rule: {
  direction: string;
  protocol: string;
  fromPort: number | null;
  toPort: number | null;
  cidr: string | null;
  remoteGroupId: string | null;
}): string {
  const ports = rule.fromPort === null ? "" : rule.fromPort === rule.toPort ? ` ${rule.fromPort}` : ` ${rule.fromPort}-${rule.toPort}`;
  return `${rule.direction} ${rule.protocol}${ports} ${rule.cidr ?? rule.remoteGroupId ?? ""}`;
}

function viewOf(row: Row): SecurityGroupView {
  return SecurityGroupView.parse({
    id: SecurityGroupId.parse(row.id),
    name: row.name,
    description: row.description,
    isDefault: row.isDefault,
    nicCount: row._count.nics,
    rules: row.rules.map(({ direction, protocol, fromPort, toPort, cidr, remoteGroupId, remoteGroup, description }) => ({
      direction,
      protocol,
      fromPort,
      toPort,
      cidr,
      remoteGroupId,
      remoteGroupName: remoteGroup?.name ?? null,
      description,
    })),
  });
}
