import type { Role } from "@indium/contract/states";

/**
 * The one policy table: which role may do what in an organization. A provider's members hold their role in the
 * organizations their provider manages too. Every API procedure names one of these permissions (or says that it is
 * public, the user's own, or the installation administrator's), and a test walks every procedure × every role.
 */
export const PERMISSIONS = [
  "organization.read",
  "organization.update",
  "member.read",
  "member.manage",
  "site.read",
  "site.manage",
  "host.read",
  "host.manage",
  "image.read",
  "image.manage",
  "network.read",
  "network.manage",
  "securityGroup.read",
  "securityGroup.manage",
  "sshKey.read",
  "sshKey.manage",
  "instance.read",
  "instance.create",
  "instance.operate",
  "instance.console",
  "instance.delete",
  "operation.read",
  "audit.read",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const READ: readonly Permission[] = [
  "organization.read",
  "member.read",
  "site.read",
  "host.read",
  "image.read",
  "network.read",
  "securityGroup.read",
  "sshKey.read",
  "instance.read",
  "operation.read",
];
const OPERATE: readonly Permission[] = [
  ...READ,
  "sshKey.manage",
  "securityGroup.manage",
  "instance.create",
  "instance.operate",
  "instance.console",
  "instance.delete",
  "image.manage",
];
const ADMINISTER: readonly Permission[] = [...OPERATE, "site.manage", "host.manage", "network.manage", "member.manage", "audit.read"];

const TABLE: Record<Role, ReadonlySet<Permission>> = {
  viewer: new Set(READ),
  operator: new Set(OPERATE),
  admin: new Set(ADMINISTER),
  owner: new Set([...ADMINISTER, "organization.update"] satisfies Permission[]),
};

export function roleMay(role: Role, permission: Permission): boolean {
  return TABLE[role].has(permission);
}

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2, owner: 3 };

/** The stronger of two grants, for a user who holds one directly and one through a provider. */
export function strongerRole(left: Role, right: Role): Role {
  return RANK[left] >= RANK[right] ? left : right;
}

/** An admin manages admins and below; only an owner makes or unmakes owners. */
export function mayGrant(granter: Role, granted: Role): boolean {
  return roleMay(granter, "member.manage") && RANK[granted] <= RANK[granter];
}
