import { OrganizationId, UserId } from "@indium/contract/ids";
import { Role } from "@indium/contract/states";
import { strongerRole } from "@indium/domain/policy";
import type { Db, Tx } from "../db";

/** A signed-in person with what they were granted. A grant in a provider holds in the organizations it manages, too. */
export interface Actor {
  readonly userId: UserId;
  readonly name: string;
  readonly email: string;
  readonly installationAdmin: boolean;
  /** The user's epoch when this session began. */
  readonly sessionEpoch: number;
  readonly grants: readonly { readonly organizationId: OrganizationId; readonly role: Role }[];
}

/** Null when the user is gone or disabled, or when their sessions were ended since `sessionEpoch`. */
export async function loadActor(db: Db | Tx, userId: string, sessionEpoch: number): Promise<Actor | null> {
  const user = await db.user.findUnique({ where: { id: userId }, include: { grants: true } });
  if (user === null || user.disabledAt !== null || user.sessionEpoch !== sessionEpoch) return null;
  return {
    userId: UserId.parse(user.id),
    name: user.name,
    email: user.email,
    installationAdmin: user.installationAdmin,
    sessionEpoch: user.sessionEpoch,
    grants: user.grants.map((grant) => ({ organizationId: OrganizationId.parse(grant.organizationId), role: Role.parse(grant.role) })),
  };
}

export interface RoleHere {
  readonly role: Role;
  /** The role comes from the provider; there is no grant in the organization itself, or a weaker one. */
  readonly viaProvider: boolean;
}

/** The one place that says which role a person has in an organization; null for none. */
export function roleIn(
  grants: readonly { readonly organizationId: string; readonly role: Role }[],
  organization: { readonly id: string; readonly providerId: string | null },
): RoleHere | null {
  const grantIn = (id: string | null) => (id === null ? undefined : grants.find((grant) => grant.organizationId === id)?.role);
  const direct = grantIn(organization.id);
  const provided = grantIn(organization.providerId);
  if (direct === undefined) return provided === undefined ? null : { role: provided, viaProvider: true };
  if (provided === undefined || strongerRole(direct, provided) === direct) return { role: direct, viaProvider: false };
  return { role: provided, viaProvider: true };
}

/** The same person as they are now, for streams that outlive their request; null when their sessions were ended. */
export async function reloadActor(db: Db | Tx, actor: Actor): Promise<Actor | null> {
  return loadActor(db, actor.userId, actor.sessionEpoch);
}
