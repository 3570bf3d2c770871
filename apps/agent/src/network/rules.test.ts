import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import { describe, expect, it } from "vitest";
import { linkLocalOf, renderBridgeBase, renderNicBridgeRemoval, renderNicBridgeRules } from "./bridge-rules";
import { revisionOf } from "./host-shell";
import { bridgeMac, networkNames, nicNames, ownerTag, shortCandidate } from "./names";
import { renderNetworkRules } from "./network-rules";
import { hexOf, NIC_COUNTERS, renderNicRules } from "./nic-rules";

const NIC_ID = "nic-0123456789abcdef0";
const NETWORK_ID = "net-0123456789abcdef0";
const owner = ownerTag("/var/lib/indium-agent");
const nic: DesiredNic = {
  id: NIC_ID,
  networkId: NETWORK_ID,
  macAddress: "52:54:00:12:34:56",
  addressMode: "assigned",
  ipv4: { address: "10.0.0.7", prefixLength: 24, gateway: "10.0.0.1" },
  ipv6: { address: "fd00::7", prefixLength: 64, gateway: "fd00::1" },
};
const network: DesiredNetwork = {
  id: NETWORK_ID,
  name: "default",
  kind: "nat",
  ipv4: { cidr: "10.0.0.0/24", gateway: "10.0.0.1" },
  ipv6: { cidr: "fd00::/64", gateway: "fd00::1" },
  dnsServers: [],
  mtu: 1500,
  bridgeInterface: null,
};
const names = nicNames(owner, NIC_ID, shortCandidate(owner, NIC_ID, 0));

describe("names", () => {
  it("fit an interface, and differ by id, owner and attempt", () => {
    const { bridge } = networkNames(owner, NETWORK_ID, shortCandidate(owner, NETWORK_ID, 0));
    for (const name of [names.tap, names.veth, bridge]) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(15);
    const all = [
      shortCandidate(owner, NIC_ID, 0),
      shortCandidate(owner, NIC_ID, 1),
      shortCandidate(owner, "nic-0123456789abcdef1", 0),
      shortCandidate(ownerTag("/elsewhere"), NIC_ID, 0),
    ];
    expect(new Set(all).size).toBe(4);
  });

  it("give a bridge a fixed, locally administered address", () => {
    expect(bridgeMac(owner, NETWORK_ID)).toMatch(/^02(:[0-9a-f]{2}){5}$/);
    expect(bridgeMac(owner, NETWORK_ID)).toBe(bridgeMac(owner, NETWORK_ID));
  });
});

describe("rules", () => {
  it("of an assigned NIC", () => {
    expect(renderNicRules(nic, names, "rev_0")).toMatchSnapshot();
  });

  it("of a NIC that learns its address: DHCP alone at first, then as whom the LAN made it", () => {
    const learner: DesiredNic = { ...nic, addressMode: "learned", ipv4: null, ipv6: null };
    const rules = renderNicRules(learner, names, "rev_0");
    expect(rules).toMatchSnapshot();
    expect(rules).not.toMatch(/udp dport 67.*fwd/);
    expect(rules).not.toMatch(/ip saddr [1-9].*accept/);
    const leased = renderNicRules(learner, names, "rev_0", { learnedIpv4: "192.0.2.9", tokenHopLimit: null });
    expect(leased).toContain('ip saddr 192.0.2.9 counter name "accepted" accept');
  });

  it("of a NIC whose session tokens go no further than its guest", () => {
    const rules = renderNicRules(nic, names, "rev_0", { learnedIpv4: null, tokenHopLimit: 1 });
    const [limit, rest] = [
      rules.indexOf("@ih,0,128 0x485454502f312e312032303020546f6b ip ttl set 1"),
      rules.indexOf("    ip saddr 169.254.169.254 fwd"),
    ];
    expect(limit).toBeGreaterThan(0);
    expect(limit).toBeLessThan(rest);
    expect(renderNicRules(nic, names, "rev_0")).not.toContain("ttl");
  });

  it("of a NIC without addresses of its own let no IPv4 out", () => {
    const rules = renderNicRules({ ...nic, ipv4: null, ipv6: null }, names, "rev_0");
    expect(rules).not.toContain("dport 67");
    expect(rules).not.toMatch(/ip saddr [^1].*accept/);
    expect(rules).toContain("ip6 saddr { ::, fe80::/64 }");
  });

  it("count every reason they name", () => {
    const rules = renderNicRules(nic, names, "rev_0");
    for (const [, used] of rules.matchAll(/counter name "(\w+)"/g)) expect(NIC_COUNTERS).toContain(used);
    for (const counter of NIC_COUNTERS) expect(rules).toContain(`counter name "${counter}"`);
  });

  it("of a NAT and of an isolated network", () => {
    const networkNamed = networkNames(owner, NETWORK_ID, "00c0ffee");
    expect(renderNetworkRules(network, networkNamed, "rev_0")).toMatchSnapshot();
    const isolated = renderNetworkRules({ ...network, kind: "isolated" }, networkNamed, "rev_0");
    expect(isolated).toMatchSnapshot();
    expect(isolated).not.toContain("masquerade");
  });

  it("on bridges, of all NICs and of one", () => {
    expect(renderBridgeBase("indium-lab-bridges", "rev_0")).toMatchSnapshot();
    expect(renderNicBridgeRules("indium-lab-bridges", nic, names, { policy: null, memory: "own" }, "rev_1")).toMatchSnapshot();
    expect(renderNicBridgeRemoval("indium-lab-bridges", names)).toMatchSnapshot();
  });

  it("know the link-local address of a MAC", () => {
    expect(linkLocalOf("52:54:00:12:34:56")).toBe(hexOf("fe80::5054:ff:fe12:3456"));
  });

  it("carry a mark that changes with what they say and with the interfaces they point to", () => {
    expect(revisionOf("a", 1, 2)).toBe(revisionOf("a", 1, 2));
    expect(new Set([revisionOf("a", 1, 2), revisionOf("b", 1, 2), revisionOf("a", 1, 3)]).size).toBe(3);
  });

  it("write addresses as nft's raw payload wants them", () => {
    expect(hexOf("fe80::a9fe:a9fe")).toBe("0xfe8000000000000000000000a9fea9fe");
  });
});
