import { BlockList, isIP } from "node:net";

/**
 * Which addresses a download may go to. The agent stands inside somebody's network: a URL that a user gives must not make it
 * ask the neighbours, the cloud's metadata service or itself (IANA's special-purpose registries, RFC 6890 and successors).
 */
const REFUSED_IPV4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10], // carrier-grade NAT, RFC 6598
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
/** Of 2000::/3, which alone is global unicast: what carries an IPv4 address or is for documentation. */
const REFUSED_IPV6: readonly (readonly [string, number])[] = [
  ["2001::", 23], // Teredo, ORCHID, benchmarking
  ["2001:db8::", 32],
  ["2002::", 16], // 6to4
  ["3fff::", 20],
];

const refused = new BlockList();
for (const [network, prefix] of REFUSED_IPV4) refused.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of REFUSED_IPV6) refused.addSubnet(network, prefix, "ipv6");
const globalUnicast = new BlockList();
globalUnicast.addSubnet("2000::", 3, "ipv6");

/** False for what is no address at all, and for IPv4 written as IPv6 (::ffff:10.0.0.1), which lies outside 2000::/3. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !refused.check(address, "ipv4");
    case 6:
      return globalUnicast.check(address, "ipv6") && !refused.check(address, "ipv6");
    default:
      return false;
  }
}

/** What an administrator allows although it is private: host names, addresses, CIDRs (INDIUM_ALLOW_PRIVATE_IMAGE_HOSTS). */
export class AllowedHosts {
  readonly #names = new Set<string>();
  readonly #networks = new BlockList();

  /** Entries that are none of the three allow nothing. */
  constructor(entries: readonly string[]) {
    for (const entry of entries.map((each) => each.trim().toLowerCase()).filter((each) => each !== "")) {
      const [network = "", prefix] = entry.split("/");
      const version = isIP(network);
      if (version === 0) {
        if (prefix === undefined) this.#names.add(entry);
        continue;
      }
      const bits = version === 4 ? 32 : 128;
      const length = prefix === undefined ? bits : Number(prefix);
      if (Number.isInteger(length) && length >= 0 && length <= bits)
        this.#networks.addSubnet(network, length, version === 4 ? "ipv4" : "ipv6");
    }
  }

  allows(hostname: string, address: string): boolean {
    if (this.#names.has(hostname.toLowerCase())) return true;
    const version = isIP(address);
    return version !== 0 && this.#networks.check(address, version === 4 ? "ipv4" : "ipv6");
  }
}
