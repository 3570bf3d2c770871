import { BlockList, isIPv4, isIPv6 } from "node:net";
import type { networkInterfaces } from "node:os";
import { type Candidate, IpEndpoint, MAX_CANDIDATES, type NatKind } from "@indium/contract/direct";
import { BRIDGE_PREFIX } from "../network/names";

/**
 * Where this host may be reached by WireGuard, for the other hosts of its pairs:
 *
 *   lan        its own IPv4 addresses (and IPv6 ones of a local prefix): the other host is beside it, or the address is a public one
 *   ipv6       its own global IPv6 addresses: through stateful firewalls too, since both sides knock
 *   observed   where its relay sees it: behind a NAT that keeps the port
 *   declared   what its operator set: a forwarded port
 */
export interface Surroundings {
  readonly interfaces: ReturnType<typeof networkInterfaces>;
  /** WireGuard's UDP port on this host. */
  readonly port: number;
  readonly observed: string | null;
  readonly declared: string | null;
  /** Addresses of the overlay lead into the tunnel itself. */
  readonly overlayPrefix: string;
}

export interface Reachable {
  readonly candidates: readonly Candidate[];
  readonly nat: NatKind | null;
}

const MAX_LAN = 4;
const MAX_IPV6 = 2;
/** Guests' and containers' bridges, and the overlay itself: the same addresses on every host, or none of another's business. */
const INSIDE = new RegExp(`^(${BRIDGE_PREFIX}|iov|docker|br-[0-9a-f]{12}$|veth|virbr|lxc|cni|podman)`);

// One list a family: Node takes an IPv4 address for a mapped IPv6 one as well.
const never = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 3],
] as const)
  never.ipv4.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::", 96],
  ["::ffff:0:0", 96],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  never.ipv6.addSubnet(network, prefix, "ipv6");
const global = new BlockList();
global.addSubnet("2000::", 3, "ipv6");

export function reachableAt({ interfaces, port, observed, declared, overlayPrefix }: Surroundings): Reachable {
  const own = ownAddresses(interfaces, overlayPrefix);
  const lan = own.filter((address) => !isGlobalIpv6(address)).slice(0, MAX_LAN);
  const ipv6 = own.filter(isGlobalIpv6).slice(0, MAX_IPV6);
  const told: { kind: Candidate["kind"]; endpoint: string | null }[] = [
    ...lan.map((address) => ({ kind: "lan" as const, endpoint: endpointOf(address, port) })),
    ...ipv6.map((address) => ({ kind: "ipv6" as const, endpoint: endpointOf(address, port) })),
    { kind: "observed", endpoint: observed },
    { kind: "declared", endpoint: declared },
  ];
  const candidates: Candidate[] = [];
  for (const { kind, endpoint } of told) {
    const parsed = IpEndpoint.safeParse(endpoint);
    if (parsed.success && !candidates.some((each) => each.endpoint === parsed.data)) candidates.push({ kind, endpoint: parsed.data });
  }
  return { candidates: candidates.slice(0, MAX_CANDIDATES), nat: natOf(observed, own, port) };
}

/** Of what another host says: what is neither this host itself nor no one's address in particular. Its relay, or it, may say what it likes. */
export function worthTrying(candidates: readonly Candidate[], own: readonly string[]): readonly Candidate[] {
  return candidates.filter(({ endpoint }) => {
    const address = addressOf(endpoint);
    return !isNobodys(address) && !own.includes(address);
  });
}

/** Addresses by which others might reach this host, IPv4 first, as the kernel tells them. */
export function ownAddresses(interfaces: Surroundings["interfaces"], overlayPrefix: string): readonly string[] {
  const found = Object.entries(interfaces)
    .filter(([name]) => !INSIDE.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !isNobodys(address))
    .map(({ address }) => address)
    .filter((address) => !address.startsWith(`${overlayPrefix}:`));
  return [...new Set([...found.filter(isIPv4), ...found.filter(isIPv6)])];
}

/** By what its relay sees: a NAT that keeps the port for the relay keeps it for others, most likely (RFC 4787 section 4.2). */
function natOf(observed: string | null, own: readonly string[], port: number): NatKind | null {
  if (observed === null) return null;
  if (own.includes(addressOf(observed))) return "none";
  return observed.endsWith(`:${port}`) ? "keepsPorts" : "changesPorts";
}

const isNobodys = (address: string): boolean => (isIPv6(address) ? never.ipv6.check(address, "ipv6") : never.ipv4.check(address, "ipv4"));
const isGlobalIpv6 = (address: string): boolean => isIPv6(address) && global.check(address, "ipv6");
const endpointOf = (address: string, port: number): string => `${isIPv6(address) ? `[${address}]` : address}:${port}`;
const addressOf = (endpoint: string): string => endpoint.slice(0, endpoint.lastIndexOf(":")).replace(/^\[|\]$/g, "");
