import { z } from "zod";
import { SecurityGroupId } from "./ids";
import { SECURITY_PROTOCOLS } from "./plain/security-groups";

export const SecurityProtocol = z.enum(SECURITY_PROTOCOLS);
export type SecurityProtocol = z.infer<typeof SecurityProtocol>;
export const SecurityDirection = z.enum(["in", "out"]);
export type SecurityDirection = z.infer<typeof SecurityDirection>;

const Port = z.number().int().min(1).max(65_535);

/** What a rule lets begin; answers to it pass by themselves. `remotes`: none matches nothing; `0.0.0.0/0` and `::/0` are everyone. */
export const DesiredSecurityRule = z.object({
  direction: SecurityDirection,
  /** `icmp` is ICMP of IPv4 and ICMPv6. */
  protocol: SecurityProtocol,
  /** Both ends included; null for all ports, and for what has none. */
  ports: z.object({ from: Port, to: Port }).nullable(),
  /** A group named as the other side is resolved by the centre to its members' addresses. */
  remotes: z.array(z.union([z.cidrv4(), z.cidrv6()])).max(4_096),
});
export type DesiredSecurityRule = z.infer<typeof DesiredSecurityRule>;

export const DesiredSecurityGroup = z.object({
  id: SecurityGroupId,
  name: z.string().max(100),
  rules: z.array(DesiredSecurityRule).max(200),
});
export type DesiredSecurityGroup = z.infer<typeof DesiredSecurityGroup>;
