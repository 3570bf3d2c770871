import { SecurityRuleInput } from "@indium/contract/api/security-group-views";
import { expect, it } from "vitest";
import { draftOf, emptyDraft, parseDraft as parseBy, type RuleDraft } from "./rule-form";

const draft = emptyDraft("in", 1);
const parseDraft = (one: RuleDraft) => parseBy(SecurityRuleInput, one, (english) => english);

it("reads ports, ranges and nothing", () => {
  expect(parseDraft({ ...draft, ports: "443" })).toMatchObject({ rule: { fromPort: 443, toPort: 443, cidr: "0.0.0.0/0" } });
  expect(parseDraft({ ...draft, ports: "5000 - 5010" })).toMatchObject({ rule: { fromPort: 5000, toPort: 5010 } });
  expect(parseDraft(draft)).toMatchObject({ rule: { fromPort: null, toPort: null } });
  expect(parseDraft({ ...draft, protocol: "icmp", ports: "22" })).toMatchObject({ rule: { fromPort: null } });
});

it("says what is wrong, and where", () => {
  expect(parseDraft({ ...draft, ports: "ssh" })).toEqual({ errors: { ports: "Give a port like 443, or a range like 5000-5010." } });
  expect(parseDraft({ ...draft, ports: "70000" })).toEqual({ errors: { ports: "Ports end at 65535." } });
  expect(parseDraft({ ...draft, ports: "20-10" })).toEqual({ errors: { ports: "The range of ports ends before it begins." } });
  expect(parseDraft({ ...draft, cidr: "10.0.0.1" })).toEqual({ errors: { cidr: expect.stringContaining("10.20.0.0/24") } });
});

it("gives back what it was made of", () => {
  const rule = {
    direction: "in",
    protocol: "udp",
    fromPort: 1,
    toPort: 2,
    cidr: "::/0",
    remoteGroupId: null,
    remoteGroupName: null,
    description: "x",
  } as const;
  expect(parseDraft(draftOf(rule, 1))).toEqual({
    rule: { direction: "in", protocol: "udp", fromPort: 1, toPort: 2, cidr: "::/0", remoteGroupId: null, description: "x" },
  });
});
