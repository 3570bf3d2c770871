import type { SecurityGroupView, SecurityRuleInput } from "@indium/contract/api/security-group-views";
import type { SecurityGroupId } from "@indium/contract/ids";
import type { SecurityDirection, SecurityProtocol } from "@indium/contract/security-group";
import type { z } from "zod";
import { issueWords } from "@/lib/form-errors";
import { OWN_WORDS } from "@/lib/i18n/own-words";
import type { Say } from "@/lib/i18n/use-known-words";

/** A rule as it is being typed. `key` tells rows apart while they are added and removed. */
export interface RuleDraft {
  readonly key: number;
  readonly direction: SecurityDirection;
  readonly protocol: SecurityProtocol;
  /** `22`, `5000-5010`, or empty for all. */
  readonly ports: string;
  /** A range of addresses; where a group is chosen, nothing. */
  readonly cidr: string;
  readonly remoteGroupId: SecurityGroupId | null;
  readonly description: string;
}

export type RuleErrors = Partial<Record<"ports" | "cidr" | "description", string>>;

export function draftOf(rule: SecurityGroupView["rules"][number], key: number): RuleDraft {
  const ports = rule.fromPort === null ? "" : rule.fromPort === rule.toPort ? `${rule.fromPort}` : `${rule.fromPort}-${rule.toPort ?? ""}`;
  const { direction, protocol, remoteGroupId, description } = rule;
  return { key, direction, protocol, ports, cidr: rule.cidr ?? "", remoteGroupId, description };
}

export const emptyDraft = (direction: SecurityDirection, key: number): RuleDraft => ({
  key,
  direction,
  protocol: "tcp",
  ports: "",
  cidr: "0.0.0.0/0",
  remoteGroupId: null,
  description: "",
});

const hasPorts = (protocol: SecurityProtocol): boolean => protocol === "tcp" || protocol === "udp";

/** The rule, or what is wrong with it per field. `schema`: the API's own; it is fetched beside the page. `say`: in the language of the page. */
export function parseDraft(
  schema: typeof SecurityRuleInput,
  draft: RuleDraft,
  say: Say,
): { rule: z.output<typeof SecurityRuleInput> } | { errors: RuleErrors } {
  const text = hasPorts(draft.protocol) ? draft.ports.trim() : "";
  const range = /^(\d{1,5})(?:\s*[-–]\s*(\d{1,5}))?$/.exec(text);
  if (text !== "" && range === null) return { errors: { ports: say(OWN_WORDS.portsLike) } };
  const from = range === null ? null : Number(range[1]);
  const parsed = schema.safeParse({
    direction: draft.direction,
    protocol: draft.protocol,
    fromPort: from,
    toPort: range === null ? null : Number(range[2] ?? range[1]),
    cidr: draft.remoteGroupId === null ? draft.cidr.trim() : null,
    remoteGroupId: draft.remoteGroupId,
    description: draft.description,
  });
  if (parsed.success) return { rule: parsed.data };
  const errors: RuleErrors = {};
  for (const issue of parsed.error.issues) {
    const { path } = issue;
    const field = path[0] === "fromPort" || path[0] === "toPort" ? "ports" : path[0] === "description" ? "description" : "cidr";
    errors[field] ??= issueWords(issue, say);
  }
  return { errors };
}
