import { z } from "zod";
import { OrganizationId, SecurityGroupId } from "../ids";
import { SecurityDirection, SecurityProtocol } from "../security-group";

const Port = z
  .number({ error: "Give a port between 1 and 65535." })
  .int("A port is a whole number.")
  .min(1, "Ports begin at 1.")
  .max(65_535, "Ports end at 65535.");

/** The other side is a range of addresses or the members of a group: one of the two. */
export const SecurityRuleInput = z
  .object({
    direction: SecurityDirection,
    protocol: SecurityProtocol,
    fromPort: Port.nullable().default(null),
    toPort: Port.nullable().default(null),
    cidr: z
      .union([z.cidrv4(), z.cidrv6()], { error: "Give a range like 10.20.0.0/24 or 2001:db8::/32; one address ends in /32 or /128." })
      .nullable()
      .default(null),
    remoteGroupId: SecurityGroupId.nullable().default(null),
    description: z.string().trim().max(200, "A description has at most 200 characters.").default(""),
  })
  .refine((rule) => (rule.cidr === null) !== (rule.remoteGroupId === null), {
    path: ["cidr"],
    error: "Give a range of addresses or choose a group.",
  })
  .refine((rule) => (rule.fromPort === null) === (rule.toPort === null), {
    path: ["toPort"],
    error: "Give both ends of the range of ports.",
  })
  .refine((rule) => rule.fromPort === null || rule.protocol === "tcp" || rule.protocol === "udp", {
    path: ["fromPort"],
    error: "Only TCP and UDP have ports.",
  })
  .refine((rule) => rule.fromPort === null || rule.toPort === null || rule.fromPort <= rule.toPort, {
    path: ["toPort"],
    error: "The range of ports ends before it begins.",
  });
export type SecurityRuleInput = z.infer<typeof SecurityRuleInput>;

export const SecurityGroupName = z.string().trim().min(1, "Give the group a name.").max(100, "A name has at most 100 characters.");
const Description = z.string().trim().max(200, "A description has at most 200 characters.");
export const SecurityRules = z.array(SecurityRuleInput).max(100, "A group has at most 100 rules.");

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
