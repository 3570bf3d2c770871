import type { DesiredSecurityGroup } from "@indium/contract/security-group";
import type { z } from "zod";
import type { Tx } from "../db";

/** The channel of host-documents.ts, which imports this file. */
const HOST_CHANNEL = "indium_host";

/**
 * The groups that the NICs of one host name, with groups as other sides resolved to their members' addresses, of all hosts.
 * `learned`: addresses that NICs were given by their LAN, which are in no column of the NIC.
 */
export async function desiredGroups(tx: Tx, groupIds: readonly string[]): Promise<z.input<typeof DesiredSecurityGroup>[]> {
  if (groupIds.length === 0) return [];
  const groups = await tx.securityGroup.findMany({
    where: { id: { in: [...groupIds] } },
    include: { rules: { orderBy: { position: "asc" } } },
    orderBy: { id: "asc" },
  });
  const members = await memberAddresses(tx, [
    ...new Set(groups.flatMap((group) => group.rules.flatMap((rule) => rule.remoteGroupId ?? []))),
  ]);
  return groups.map((group) => ({
    id: group.id as DesiredSecurityGroup["id"],
    name: group.name,
    rules: group.rules.map((rule) => ({
      direction: rule.direction as "in" | "out",
      protocol: rule.protocol as "any" | "tcp" | "udp" | "icmp",
      ports: rule.fromPort === null || rule.toPort === null ? null : { from: rule.fromPort, to: rule.toPort },
      remotes: rule.cidr === null ? (members.get(rule.remoteGroupId ?? "") ?? []) : [rule.cidr],
    })),
  }));
}

/** A group of more is cut, rather than a document that no host takes. */
const MAX_MEMBERS = 4_096;

async function memberAddresses(tx: Tx, groupIds: readonly string[]): Promise<Map<string, string[]>> {
  const members = new Map<string, string[]>();
  if (groupIds.length === 0) return members;
  const rows = await tx.nicSecurityGroup.findMany({
    where: { groupId: { in: [...groupIds] }, nic: { instance: { deletedAt: null } } },
    select: {
      groupId: true,
      nic: { select: { id: true, ipv4: true, ipv6: true, instance: { select: { runtime: { select: { learnedAddresses: true } } } } } },
    },
    orderBy: [{ groupId: "asc" }, { nicId: "asc" }],
  });
  for (const { groupId, nic } of rows) {
    const learned = nic.instance.runtime?.learnedAddresses;
    const given = typeof learned === "object" && learned !== null && !Array.isArray(learned) ? learned[nic.id] : undefined;
    const ipv4 = nic.ipv4 ?? (typeof given === "string" ? given : null);
    const addresses = [...(ipv4 === null ? [] : [`${ipv4}/32`]), ...(nic.ipv6 === null ? [] : [`${nic.ipv6}/128`])];
    members.set(groupId, [...(members.get(groupId) ?? []), ...addresses].slice(0, MAX_MEMBERS));
  }
  return members;
}

/**
 * The members of these groups changed: hosts with a NIC in a group whose rules name one of them are sent their document again, at the
 * commit. No row is locked for it, and no generation raised: agents take up the groups of a document they hold already.
 */
export async function signalReferringHosts(tx: Tx, groupIds: readonly string[]): Promise<void> {
  if (groupIds.length === 0) return;
  await tx.$executeRaw`
    SELECT pg_notify(${HOST_CHANNEL}, found."hostId") FROM (
      SELECT DISTINCT i."hostId" FROM "SecurityGroupRule" r
      JOIN "NicSecurityGroup" n ON n."groupId" = r."groupId" JOIN "Nic" c ON c.id = n."nicId" JOIN "Instance" i ON i.id = c."instanceId"
      WHERE r."remoteGroupId" = ANY(${[...new Set(groupIds)]}) AND i."deletedAt" IS NULL AND i."hostId" IS NOT NULL) AS found`;
}

/** The same, for all groups of one instance: it came, went, or was given another address. */
export async function signalMembershipOf(tx: Tx, instanceId: string): Promise<void> {
  const rows = await tx.nicSecurityGroup.findMany({ where: { nic: { instanceId } }, select: { groupId: true } });
  await signalReferringHosts(tx, [...new Set(rows.map((row) => row.groupId))]);
}
