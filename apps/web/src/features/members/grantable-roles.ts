import type { Role } from "@indium/contract/states";
import { mayGrant } from "@indium/domain/policy";

/** Strongest first: the roles that somebody with `granter` may give. */
export function grantableRoles(granter: Role): readonly Role[] {
  return (["owner", "admin", "operator", "viewer"] as const).filter((role) => mayGrant(granter, role));
}
