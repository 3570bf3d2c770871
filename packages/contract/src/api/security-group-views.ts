import { z } from "zod";
import { OrganizationId, SecurityGroupId } from "../ids";
import { INPUT_WORDS } from "../plain/input-words";
import { SecurityDirection, SecurityProtocol } from "../security-group";

const Port = z
  .number({ error: INPUT_WORDS.port })
  .int(INPUT_WORDS.portWhole)
  .min(1, INPUT_WORDS.portsBegin)
  .max(65_535, INPUT_WORDS.portsEnd);

/** The other side is a range of addresses or the members of a group: one of the two. */
export const SecurityRuleInput = z
  .object({
    direction: SecurityDirection,
    protocol: SecurityProtocol,
    fromPort: Port.nullable().default(null),
    toPort: Port.nullable().default(null),
    cidr: z.union([z.cidrv4(), z.cidrv6()], { error: INPUT_WORDS.range }).nullable().default(null),
    remoteGroupId: SecurityGroupId.nullable().default(null),
    description: z.string().trim().max(200, INPUT_WORDS.descriptionLength).default(""),
  })
  .refine((rule) => (rule.cidr === null) !== (rule.remoteGroupId === null), {
    path: ["cidr"],
    error: INPUT_WORDS.rangeOrGroup,
  })
  .refine((rule) => (rule.fromPort === null) === (rule.toPort === null), {
    path: ["toPort"],
    error: INPUT_WORDS.bothPorts,
  })
  .refine((rule) => rule.fromPort === null || rule.protocol === "tcp" || rule.protocol === "udp", {
    path: ["fromPort"],
    error: INPUT_WORDS.noPorts,
  })
  .refine((rule) => rule.fromPort === null || rule.toPort === null || rule.fromPort <= rule.toPort, {
    path: ["toPort"],
    error: INPUT_WORDS.portsBackwards,
  });
export type SecurityRuleInput = z.infer<typeof SecurityRuleInput>;

export const SecurityGroupName = z.string().trim().min(1, INPUT_WORDS.groupName).max(100, INPUT_WORDS.nameLength100);
const Description = z.string().trim().max(200, INPUT_WORDS.descriptionLength);
export const SecurityRules = z.array(SecurityRuleInput).max(100, INPUT_WORDS.rulesCount);

export const SecurityGroupCreateInput = z.object({
  organizationId: OrganizationId,
  name: SecurityGroupName,
  description: Description.default(""),
  rules: SecurityRules.default([]),
});
/** What is left out stays. `rules` replaces all of them. */
export const SecurityGroupUpdateInput = z.object({
  securityGroupId: SecurityGroupId,
  name: SecurityGroupName.optional(),
  description: Description.optional(),
  rules: SecurityRules.optional(),
});

export const SecurityGroupView = z.object({
  id: SecurityGroupId,
  name: z.string(),
  description: z.string(),
  /** Given to new instances unless one chooses otherwise. */
  isDefault: z.boolean(),
  nicCount: z.number().int(),
  rules: z.array(
    z.object({
      direction: SecurityDirection,
      protocol: SecurityProtocol,
      fromPort: z.number().int().nullable(),
      toPort: z.number().int().nullable(),
      cidr: z.string().nullable(),
      remoteGroupId: SecurityGroupId.nullable(),
      remoteGroupName: z.string().nullable(),
      description: z.string(),
    }),
  ),
});
export type SecurityGroupView = z.infer<typeof SecurityGroupView>;
