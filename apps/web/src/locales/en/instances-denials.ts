import { ACTION_DENIALS } from "@indium/domain/action-denials";

/** Why an action on an instance is not allowed: in the state it is in, and to whoever has too weak a role. */
export const instancesDenials = {
  states: ACTION_DENIALS,
  role: "As {role, select, owner {owner} admin {admin} operator {operator} other {viewer}} of {organization} you may not {what, select, delete {delete instances} console {open consoles} other {start, stop or change instances}}. Ask an owner or admin for a stronger role.",
  roleThroughProvider:
    "As {role, select, owner {owner} admin {admin} operator {operator} other {viewer}} through the provider of {organization} you may not {what, select, delete {delete instances} console {open consoles} other {start, stop or change instances}}. Ask an owner or admin for a stronger role.",
} as const;
