import type { Role } from "@indium/contract/states";
import { mayGrant } from "@indium/domain/policy";

export const ROLE_WORDS: Record<Role, string> = {
  owner: "Everything, including who owns the organization",
  admin: "Hosts, networks, sites, members, and all that operators may",
  operator: "Creates and runs instances",
  viewer: "Looks, and changes nothing",
};

/** Strongest first: the roles that somebody with `granter` may give. */
export function grantableRoles(granter: Role): readonly Role[] {
  return (["owner", "admin", "operator", "viewer"] as const).filter((role) => mayGrant(granter, role));
}
