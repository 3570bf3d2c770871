import { describe, expect, it } from "vitest";
import { AllowedHosts, isPublicAddress } from "./addresses";

describe("a public address", () => {
  it.each([
    "1.1.1.1",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.169.0.1",
    "223.255.255.255",
    "2a00:1450::1",
    "2606:4700::1111",
  ])("is %s", (address) => expect(isPublicAddress(address)).toBe(true));

  it.each([
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:1.1.1.1",
    "::ffff:7f00:1",
    "64:ff9b::a00:1",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fd12::1",
    "ff02::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "example.org",
    "",
    "127.1",
    "fe80::1%eth0",
  ])("is not %s", (address) => expect(isPublicAddress(address)).toBe(false));
});

describe("allowed hosts", () => {
  const allowed = new AllowedHosts(["127.0.0.1", "10.1.0.0/16", "fd00::/8", "Mirror.Lan", "", "10.0.0.0/99", "a/b"]);
  it.each([
    ["x", "127.0.0.1", true],
    ["x", "127.0.0.2", false],
    ["x", "10.1.2.3", true],
    ["x", "10.2.0.1", false],
    ["x", "fd12::1", true],
    ["x", "fe80::1", false],
    ["mirror.lan", "192.168.1.1", true],
    ["evil.mirror.lan", "192.168.1.1", false],
  ])("%s at %s: %s", (name, address, expected) => expect(allowed.allows(name, address)).toBe(expected));
});
