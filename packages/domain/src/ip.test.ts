import { describe, expect, it } from "vitest";
import {
  type Cidr,
  cidrContains,
  cidrOf,
  cidrsOverlap,
  formatCidr,
  formatIp,
  type IpAddress,
  ipBytes,
  netmaskOf,
  nextFreeAddress,
  nthAddress,
  parseCidr,
  parseIp,
  usableRange,
} from "./ip";

const ip = (text: string): IpAddress => {
  const address = parseIp(text);
  if (address === null) throw new Error(`not an address: ${text}`);
  return address;
};
const cidr = (text: string): Cidr => {
  const parsed = parseCidr(text);
  if (parsed === null) throw new Error(`not a cidr: ${text}`);
  return parsed;
};
const text = (address: IpAddress | null): string | null => (address === null ? null : formatIp(address));

describe("addresses", () => {
  it("reads and writes IPv4", () => {
    expect(ip("169.254.169.254").value).toBe(0xa9fea9fen);
    expect(formatIp(ip("10.0.0.1"))).toBe("10.0.0.1");
    expect(formatIp(ip("255.255.255.255"))).toBe("255.255.255.255");
  });

  it.each([
    ["2001:0DB8:0000:0000:0000:ff00:0042:8329", "2001:db8::ff00:42:8329"],
    ["::", "::"],
    ["::1", "::1"],
    ["fe80::a9fe:a9fe", "fe80::a9fe:a9fe"],
    ["1::", "1::"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::ffff:10.1.2.3", "::ffff:a01:203"],
  ])("writes %s as %s (RFC 5952)", (given, wanted) => {
    expect(formatIp(ip(given))).toBe(wanted);
  });

  it.each(["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.-4", " 1.2.3.4", "1.2.3.4 ", "a.b.c.d"])(
    "refuses %j as IPv4",
    (given) => {
      expect(parseIp(given)).toBeNull();
    },
  );

  it.each([
    ":",
    ":::",
    "1:2",
    "1::2::3",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "12345::",
    "g::",
    "fe80::1%eth0",
    "::1.2.3",
    "::1.2.3.4:5",
  ])("refuses %j as IPv6", (given) => {
    expect(parseIp(given)).toBeNull();
  });

  it("gives bytes in network order", () => {
    expect([...ipBytes(ip("10.1.2.3"))]).toEqual([10, 1, 2, 3]);
    expect([...ipBytes(ip("fe80::1"))]).toEqual([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });
});

describe("networks", () => {
  it("drops host bits", () => {
    expect(formatCidr(cidr("10.20.30.40/20"))).toBe("10.20.16.0/20");
    expect(formatCidr(cidr("fd00:1::5/64"))).toBe("fd00:1::/64");
    expect(formatCidr(cidrOf(ip("10.1.1.77"), 32))).toBe("10.1.1.77/32");
    expect(formatCidr(cidr("0.0.0.0/0"))).toBe("0.0.0.0/0");
  });

  it.each(["10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8", "::/129", "x/8"])("refuses %j", (given) => {
    expect(parseCidr(given)).toBeNull();
  });

  it("knows what it contains, and never across families", () => {
    expect(cidrContains(cidr("10.0.0.0/24"), ip("10.0.0.255"))).toBe(true);
    expect(cidrContains(cidr("10.0.0.0/24"), ip("10.0.1.0"))).toBe(false);
    expect(cidrContains(cidr("::/0"), ip("10.0.0.1"))).toBe(false);
    expect(cidrsOverlap(cidr("10.0.0.0/8"), cidr("10.9.0.0/16"))).toBe(true);
    expect(cidrsOverlap(cidr("10.0.0.0/25"), cidr("10.0.0.128/25"))).toBe(false);
  });

  it("counts addresses from both ends", () => {
    expect(text(nthAddress(cidr("10.0.0.0/24"), 1))).toBe("10.0.0.1");
    expect(text(nthAddress(cidr("10.0.0.0/24"), -2))).toBe("10.0.0.254");
    expect(text(nthAddress(cidr("10.0.0.0/24"), 256))).toBeNull();
    expect(text(nthAddress(cidr("fd00::/64"), 0x10))).toBe("fd00::10");
  });

  it("leaves out the network's own and the broadcast address, but not in a /31 or a /32", () => {
    const range = (given: string) => [usableRange(cidr(given)).first, usableRange(cidr(given)).last];
    expect(range("10.0.0.0/30")).toEqual([ip("10.0.0.1").value, ip("10.0.0.2").value]);
    expect(range("10.0.0.0/31")).toEqual([ip("10.0.0.0").value, ip("10.0.0.1").value]);
    expect(range("10.0.0.7/32")).toEqual([ip("10.0.0.7").value, ip("10.0.0.7").value]);
    expect(range("fd00::/64")[0]).toBe(ip("fd00::1").value);
  });

  it("finds the next free address, whatever the network's size", () => {
    expect(text(nextFreeAddress(cidr("10.0.0.0/29"), ["10.0.0.1", "10.0.0.2", "192.168.0.3", "nonsense"]))).toBe("10.0.0.3");
    expect(text(nextFreeAddress(cidr("10.0.0.0/30"), ["10.0.0.1", "10.0.0.2"]))).toBeNull();
    expect(text(nextFreeAddress(cidr("10.0.0.0/24"), [], ip("10.0.0.10")))).toBe("10.0.0.10");
    expect(text(nextFreeAddress(cidr("fd00::/64"), ["fd00::1"]))).toBe("fd00::2");
  });

  it("writes netmasks", () => {
    expect([0, 1, 8, 23, 24, 32].map((length) => netmaskOf(4, length))).toEqual([
      "0.0.0.0",
      "128.0.0.0",
      "255.0.0.0",
      "255.255.254.0",
      "255.255.255.0",
      "255.255.255.255",
    ]);
    expect(netmaskOf(6, 64)).toBe("ffff:ffff:ffff:ffff::");
  });
});
