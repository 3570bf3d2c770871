import { expect, it } from "vitest";
import { remoteInWords, trafficInWords } from "./rule-words";

const rule = { protocol: "tcp", fromPort: 22, toPort: 22, cidr: "0.0.0.0/0", remoteGroupName: null } as const;

it("says a rule as people do", () => {
  expect([trafficInWords(rule), remoteInWords(rule)]).toEqual(["TCP 22", "everyone (IPv4)"]);
  expect(trafficInWords({ ...rule, protocol: "udp", toPort: 30 })).toBe("UDP 22–30");
  expect(trafficInWords({ ...rule, fromPort: null, toPort: null })).toBe("TCP, all ports");
  expect(trafficInWords({ ...rule, protocol: "any", fromPort: null, toPort: null })).toBe("All traffic");
  expect(remoteInWords({ ...rule, cidr: null, remoteGroupName: "web" })).toBe("members of web");
});
