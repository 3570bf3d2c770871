import type { DesiredSecurityRule } from "@indium/contract/security-group";
import { expect, it } from "vitest";
import { type FlowMemory, securityRules } from "./security-rules";

/** What nft's grammar knows by itself (its parser_bison.y); other names come from /etc/protocols. */
const OWN_WORDS = new Set(["tcp", "udp", "icmp", "icmpv6"]);

it.each<FlowMemory>(["conntrack", "own"])("name no protocol that a host without /etc/protocols would not know (%s)", (memory) => {
  const rule = { direction: "in" as const, remotes: ["0.0.0.0/0", "::/0"], ports: null };
  const rules: DesiredSecurityRule[] = (["any", "icmp", "tcp", "udp"] as const).flatMap((protocol) => [
    { ...rule, protocol },
    { ...rule, protocol, direction: "out" as const },
  ]);
  const policy = { groups: [{ id: "sg-0123456789abcdef0" as const, name: "all", rules }], hostAddresses: ["10.0.0.1", "fd00::1"] };
  const text = [...securityRules(policy, "tap0", memory).values()].flat().join("\n");
  const named = [...text.matchAll(/l4proto (?!timeout)(?:!= )?(?:\{ ([^}]+) \}|([a-z][a-z0-9-]*))/g)].flatMap((match) =>
    (match[1] ?? match[2] ?? "").split(", "),
  );
  expect(new Set(named)).toEqual(OWN_WORDS);
});
