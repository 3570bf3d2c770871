import { expect, it } from "vitest";
import { translatorFor } from "@/lib/i18n/testing";
import { remoteInWords, trafficInWords } from "./rule-words";

const t = translatorFor("securityGroups");
const traffic = (one: Parameters<typeof trafficInWords>[0]) => trafficInWords(one, t);
const remote = (one: Parameters<typeof remoteInWords>[0]) => remoteInWords(one, t);

const rule = { protocol: "tcp", fromPort: 22, toPort: 22, cidr: "0.0.0.0/0", remoteGroupName: null } as const;

it("says a rule as people do", () => {
  expect([traffic(rule), remote(rule)]).toEqual(["TCP 22", "everyone"]);
  expect(traffic({ ...rule, protocol: "udp", toPort: 30 })).toBe("UDP 22–30");
  expect(traffic({ ...rule, fromPort: null, toPort: null })).toBe("TCP, all ports");
  expect(traffic({ ...rule, protocol: "any", fromPort: null, toPort: null })).toBe("All traffic");
  expect(remote({ ...rule, cidr: null, remoteGroupName: "web" })).toBe("members of web");
});
