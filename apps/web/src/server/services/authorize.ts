import { AppError } from "@indium/contract/errors";
import { OrganizationId } from "@indium/contract/ids";
import { type Permission, roleMay } from "@indium/domain/policy";
import type { Db, Tx } from "../db";
import { type Actor, type RoleHere, roleIn } from "./actor";

/** Where an action takes place, and as whom. */
export interface OrganizationScope extends RoleHere {
  readonly id: OrganizationId;
  readonly name: string;
  readonly providerId: string | null;
}

/**
 * The one authorization function: may `actor` do what `permission` names in the organization?
 *
 * @throws AppError `not_found` when there is no such organization or the actor has no role in it (one cannot be told from
 * the other), `forbidden` with a sentence when they may see it but not do this.
 */
export async function authorize(
  db: Db | Tx,
  actor: Actor,
  permission: Permission,
  organizationId: string | null,
  what = "organization",
): Promise<OrganizationScope> {
  const organization = organizationId === null ? null : await db.organization.findUnique({ where: { id: organizationId } });
  const here = organization === null ? null : roleIn(actor.grants, organization);
  if (organization === null || here === null) throw new AppError("not_found", `There is no such ${what}, or it is not yours to see.`);
  if (!roleMay(here.role, permission)) throw new AppError("forbidden", refusal(permission, here, organization.name));
  return { id: OrganizationId.parse(organization.id), name: organization.name, providerId: organization.providerId, ...here };
}

const VERBS: Record<Permission, string> = {
  "organization.read": "see this organization",
  "organization.update": "change the organization",
  "member.read": "see members",
  "member.manage": "manage members and invitations",
  "site.read": "see sites",
  "site.manage": "manage sites",
  "host.read": "see hosts",
  "host.manage": "manage hosts",
  "image.read": "see images",
  "image.manage": "manage images",
  "network.read": "see networks",
  "network.manage": "manage networks",
  "securityGroup.read": "see security groups",
  "securityGroup.manage": "manage security groups",
  "sshKey.read": "see SSH keys",
  "sshKey.manage": "manage SSH keys",
  "instance.read": "see instances",
  "instance.create": "create instances",
  "instance.operate": "start, stop or change instances",
  "instance.console": "open consoles",
  "instance.delete": "delete instances",
  "operation.read": "see operations",
  "audit.read": "read the audit log",
};

/** "As viewer of Acme you may not create instances. Ask an owner or admin for a stronger role." */
export function refusal(permission: Permission, here: RoleHere, organizationName: string): string {
  const role = here.viaProvider ? `${here.role} through the provider of ${organizationName}` : `${here.role} of ${organizationName}`;
  return `As ${role} you may not ${VERBS[permission]}. Ask an owner or admin for a stronger role.`;
}
