import { expect, it } from "vitest";
import { ownAddresses, reachableAt, type Surroundings, worthTrying } from "./candidates";

const v4 = (address: string, internal = false) => ({ address, family: "IPv4", internal, netmask: "", mac: "", cidr: null }) as const;
const v6 = (address: string) => ({ address, family: "IPv6", internal: false, netmask: "", mac: "", cidr: null, scopeid: 0 }) as const;
const PREFIX = "fd7a:1:2";
const interfaces: Surroundings["interfaces"] = {
  lo: [v4("127.0.0.1", true)],
  eth0: [v6("fe80::1"), v6("2001:db8::7"), v6("fd00:5::7"), v4("10.0.0.7")],
  "inbr-0a1b2c3d": [v4("192.168.7.7")],
  "ibr-0a1b2c3d": [v4("10.200.0.1")],
  docker0: [v4("172.17.0.1")],
  "iova-0a1b2c3d": [v6(`${PREFIX}:2::a`)],
};
const around = (change: Partial<Surroundings> = {}): Surroundings => ({
  ...{ interfaces, port: 4_000, observed: null, declared: null, overlayPrefix: PREFIX },
  ...change,
});

it("tells its own addresses, what its relay sees and what was declared, in the order in which they are tried", () => {
  const { candidates, nat } = reachableAt(around({ observed: "203.0.113.5:61000", declared: "198.51.100.2:7785" }));
  expect(candidates).toEqual([
    { kind: "lan", endpoint: "10.0.0.7:4000" },
    { kind: "lan", endpoint: "192.168.7.7:4000" },
    { kind: "lan", endpoint: "[fd00:5::7]:4000" },
    { kind: "ipv6", endpoint: "[2001:db8::7]:4000" },
    { kind: "observed", endpoint: "203.0.113.5:61000" },
    { kind: "declared", endpoint: "198.51.100.2:7785" },
  ]);
  expect(nat).toBe("changesPorts");
});

it("tells each place once, at most eight, and nothing that is none", () => {
  const many = Object.fromEntries([...Array(20).keys()].map((at) => [`eth${at}`, [v4(`10.0.${at}.1`), v6(`2001:db8::${at}`)]]));
  const told = reachableAt(around({ interfaces: many, observed: "10.0.0.1:4000", declared: "relay.example:1" }));
  expect(told.candidates).toHaveLength(6);
  expect(told.nat).toBe("none");
  expect(reachableAt(around({ observed: "203.0.113.5:4000" })).nat).toBe("keepsPorts");
  expect(reachableAt(around({})).nat).toBeNull();
});

it("tries nobody's address in particular, and not its own", () => {
  const endpoints = [
    "127.0.0.1:1",
    "0.0.0.0:1",
    "224.0.0.1:1",
    "255.255.255.255:1",
    "169.254.1.1:1",
    "[::1]:1",
    "[fe80::2]:1",
    "[ff02::1]:1",
  ];
  const good = ["10.0.0.8:4000", "[2001:db8::8]:1"];
  const told = [...endpoints, "[::ffff:127.0.0.1]:1", "10.0.0.7:4000", ...good].map((endpoint) => ({ kind: "lan" as const, endpoint }));
  expect(worthTrying(told, ownAddresses(interfaces, PREFIX)).map(({ endpoint }) => endpoint)).toEqual(good);
});
