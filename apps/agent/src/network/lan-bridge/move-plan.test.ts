import { describe, expect, it } from "vitest";
import { fingerprint, gatewaysOf, type InterfaceState, parseAddresses, parseRoutes } from "./interface-state";
import { planGather, planMake, planRemove } from "./move-plan";

// As iproute2 6.1 prints them.
const ADDRESSES = [
  {
    ifname: "eth0",
    addr_info: [
      {
        family: "inet",
        local: "192.0.2.2",
        prefixlen: 24,
        broadcast: "192.0.2.255",
        scope: "global",
        label: "eth0",
        valid_life_time: 4294967295,
        preferred_life_time: 4294967295,
      },
      {
        family: "inet",
        local: "192.0.2.3",
        prefixlen: 24,
        scope: "global",
        secondary: true,
        label: "eth0:1",
        valid_life_time: 4294967295,
        preferred_life_time: 4294967295,
      },
      {
        family: "inet6",
        local: "2001:db8::77",
        prefixlen: 64,
        scope: "global",
        dynamic: true,
        mngtmpaddr: true,
        valid_life_time: 4000,
        preferred_life_time: 3000,
      },
      { family: "inet6", local: "fe80::1", prefixlen: 64, scope: "link", valid_life_time: 4294967295, preferred_life_time: 4294967295 },
    ],
  },
];
const ROUTES4 = [
  { dst: "default", gateway: "192.0.2.1", protocol: "static", metric: 100, flags: [] },
  { dst: "192.0.2.0/24", protocol: "kernel", scope: "link", prefsrc: "192.0.2.2", flags: [] },
  { type: "local", dst: "192.0.2.2", table: "local", protocol: "kernel", scope: "host", flags: [] },
  { dst: "198.51.100.1", scope: "link", table: "77", flags: ["linkdown"] },
];
const ROUTES6 = [
  { dst: "default", gateway: "fe80::9", protocol: "ra", metric: 1024, expires: 1700, flags: [], metrics: [{ mtu: 1480 }], pref: "high" },
];

const state: InterfaceState = {
  addresses: parseAddresses(ADDRESSES),
  routes: [...parseRoutes("inet", ROUTES4).routes, ...parseRoutes("inet6", ROUTES6).routes],
};
const link = { uplink: "eth0", bridge: "inbr-1", macAddress: "02:00:00:00:00:01", mtu: 9000, alias: "indium o n" };

describe("moving an uplink's addresses to a bridge", () => {
  it("says everything again that the kernel told, in an order in which each line can work", () => {
    expect(planMake(link, state)).toEqual({
      prepare: [
        "link add name inbr-1 address 02:00:00:00:00:01 mtu 9000 type bridge forward_delay 0 stp_state 0 mcast_snooping 0",
        'link set inbr-1 alias "indium o n"',
      ],
      forward: [
        "link set inbr-1 up",
        "link set eth0 master inbr-1",
        "addr add 192.0.2.2/24 dev inbr-1 brd 192.0.2.255",
        "addr add 192.0.2.3/24 dev inbr-1",
        "addr add 2001:db8::77/64 dev inbr-1 valid_lft 4000 preferred_lft 3000 nodad",
        "route del 198.51.100.1 dev eth0 table 77 scope link",
        "route del 0.0.0.0/0 via 192.0.2.1 dev eth0 proto static metric 100",
        "route del ::/0 via fe80::9 dev eth0 proto ra metric 1024 mtu 1480 pref high",
        "addr del 2001:db8::77/64 dev eth0",
        "addr del 192.0.2.3/24 dev eth0",
        "addr del 192.0.2.2/24 dev eth0",
        "route add 198.51.100.1 dev inbr-1 table 77 scope link",
        "route add 0.0.0.0/0 via 192.0.2.1 dev inbr-1 proto static metric 100",
        "route add ::/0 via fe80::9 dev inbr-1 proto ra metric 1024 mtu 1480 pref high expires 1700",
      ],
      tidy: ["route del 2001:db8::/64 dev eth0 proto kernel"],
      undo: [
        "link set eth0 nomaster",
        "link del inbr-1",
        "link set eth0 up",
        "addr replace 192.0.2.2/24 dev eth0 brd 192.0.2.255",
        "addr replace 192.0.2.3/24 dev eth0 label eth0:1",
        "addr replace 2001:db8::77/64 dev eth0 valid_lft 4000 preferred_lft 3000 nodad",
        "route replace 198.51.100.1 dev eth0 table 77 scope link",
        "route replace 0.0.0.0/0 via 192.0.2.1 dev eth0 proto static metric 100",
        "route replace ::/0 via fe80::9 dev eth0 proto ra metric 1024 mtu 1480 pref high expires 1700",
      ],
    });
  });

  it("leaves the bridge until its removal has proved itself, and can go back to it", () => {
    const plan = planRemove(link, state);
    expect(plan.forward[0]).toBe("link set eth0 nomaster");
    expect([...plan.forward, ...plan.tidy, ...plan.undo].join("\n")).not.toContain("link del");
    expect(plan.undo[0]).toBe("link set eth0 master inbr-1");
    expect(plan.undo).toContain("addr del 192.0.2.2/24 dev eth0");
    expect(plan.undo.at(-1)).toContain("route replace ::/0 via fe80::9 dev inbr-1");
  });

  it("gathers what came back to the uplink, also what the bridge has already", () => {
    const { forward } = planGather(link, state);
    expect(forward.filter((line) => / (add|del) /.test(line)).every((line) => line.includes(" del "))).toBe(true);
  });

  it("knows the gateways, and takes two states for equal that differ in passed time only", () => {
    expect(gatewaysOf(state)).toEqual(["192.0.2.1", "fe80::9"]);
    const later = structuredClone(state);
    later.addresses[2]!.validSeconds = 3_990;
    later.routes.at(-1)!.expiresSeconds = 1_690;
    expect(fingerprint(later)).toBe(fingerprint({ ...state, addresses: [...state.addresses].reverse() }));
    later.routes.pop();
    expect(fingerprint(later)).not.toBe(fingerprint(state));
  });

  it("says what it cannot say again instead of losing it", () => {
    expect(parseRoutes("inet", [{ dst: "default", nexthops: [{ dev: "eth0" }], flags: [] }]).unmovable).toContain("nexthops");
    expect(parseRoutes("inet", [{ dst: "10.0.0.0/8", encap: "mpls", flags: [] }]).unmovable).toContain("10.0.0.0/8");
    expect(parseRoutes("inet", [{ type: "blackhole", dst: "10.0.0.0/8", flags: [] }]).unmovable).toContain("blackhole");
    expect(() => parseRoutes("inet", [{ dst: "10.0.0.0/8 dev lo\nlink del eth0", flags: [] }])).toThrow();
  });
});
