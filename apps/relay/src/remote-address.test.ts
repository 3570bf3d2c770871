import { expect, it } from "vitest";
import { isAddressOrNetwork, RemoteAddresses } from "./remote-address";

const from = (remoteAddress: string, forwardedFor?: string, proxies: readonly string[] = []) =>
  new RemoteAddresses(proxies).of({ headers: { "x-forwarded-for": forwardedFor }, socket: { remoteAddress } });

it("is the front's word on this machine, and the socket's from elsewhere", () => {
  expect(from("127.0.0.1", "6.6.6.6, 10.0.0.9")).toBe("10.0.0.9");
  expect(from("::ffff:127.0.0.1", "10.0.0.9")).toBe("10.0.0.9");
  expect(from("203.0.113.5", "6.6.6.6")).toBe("203.0.113.5");
  expect(from("::ffff:203.0.113.5", "6.6.6.6")).toBe("203.0.113.5");
  expect(from("::1")).toBe("::1");
});

it("is a trusted proxy's word, and nobody else's", () => {
  const proxies = ["10.0.0.2", "192.0.2.0/24", "2001:db8::/64"];
  for (const proxy of ["10.0.0.2", "::ffff:10.0.0.2", "192.0.2.77", "2001:db8::5"])
    expect(from(proxy, "6.6.6.6, 198.51.100.1", proxies), proxy).toBe("198.51.100.1");
  for (const other of ["10.0.0.3", "192.0.3.1", "2001:db8:0:1::5"]) expect(from(other, "6.6.6.6", proxies)).toBe(other);
});

it("is trusted of this machine and of what is named", () => {
  const addresses = new RemoteAddresses(["10.0.0.2"]);
  for (const trusted of ["127.0.0.1", "::ffff:127.0.0.1", "::1", "10.0.0.2", "::ffff:10.0.0.2"])
    expect(addresses.trusts(trusted)).toBe(true);
  for (const other of [undefined, "", "nonsense", "10.0.0.3", "fd00::1"]) expect(addresses.trusts(other)).toBe(false);
});

it("takes addresses and networks only", () => {
  for (const good of ["10.0.0.2", "10.0.0.0/8", "::1", "2001:db8::/64"]) expect(isAddressOrNetwork(good), good).toBe(true);
  for (const bad of ["", "proxy", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/8/8", "2001:db8::/129"])
    expect(isAddressOrNetwork(bad), bad).toBe(false);
});
