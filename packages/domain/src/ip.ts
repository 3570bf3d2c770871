/**
 * IP arithmetic for IPv4 and IPv6: pure, on big integers, with no name look-up. Texts that are not addresses give null;
 * nothing here throws on input from outside.
 */
export type IpFamily = 4 | 6;

export interface IpAddress {
  readonly family: IpFamily;
  /** The address as an unsigned integer, most significant byte first. */
  readonly value: bigint;
}

export interface Cidr {
  readonly family: IpFamily;
  /** The network's own address: host bits are zero. */
  readonly network: bigint;
  readonly prefixLength: number;
}

const bitsOf = (family: IpFamily): number => (family === 4 ? 32 : 128);

/** How many addresses a prefix holds, network and broadcast included. */
export const cidrSize = (cidr: Cidr): bigint => 1n << BigInt(bitsOf(cidr.family) - cidr.prefixLength);

export function parseIp(text: string): IpAddress | null {
  const value = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  return value === null ? null : { family: text.includes(":") ? 6 : 4, value };
}

function parseIpv4(text: string): bigint | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  let value = 0n;
  for (const part of parts) {
    // A leading zero would be octal to some readers and decimal to others: refused, as inet_pton does.
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part)) return null;
    const octet = Number(part);
    if (octet > 255) return null;
    value = (value << 8n) | BigInt(octet);
  }
  return value;
}

function parseIpv6(text: string): bigint | null {
  if (text.length > 45) return null;
  let rest = text;
  let tail: bigint | null = null;
  if (rest.includes(".")) {
    // RFC 4291 section 2.2.3: the last 32 bits may be written as IPv4.
    const at = rest.lastIndexOf(":");
    tail = parseIpv4(rest.slice(at + 1));
    if (tail === null) return null;
    rest = `${rest.slice(0, at + 1)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  }
  const halves = rest.split("::");
  if (halves.length > 2) return null;
  const groupsOf = (half: string | undefined): string[] => (half === undefined || half === "" ? [] : half.split(":"));
  const left = groupsOf(halves[0]);
  const right = groupsOf(halves[1]);
  const missing = 8 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...left, ...Array<string>(missing).fill("0"), ...right];
  let value = 0n;
  for (const group of groups) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
    value = (value << 16n) | BigInt(Number.parseInt(group, 16));
  }
  return value;
}

/** The canonical text: dotted for IPv4, RFC 5952 for IPv6. */
export function formatIp(address: IpAddress): string {
  if (address.family === 4) return [24n, 16n, 8n, 0n].map((shift) => ((address.value >> shift) & 0xffn).toString()).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => Number((address.value >> BigInt(112 - index * 16)) & 0xffffn));
  // RFC 5952 section 4.2: the longest run of at least two zero groups, the first of equals.
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.start < 0) return hex.join(":");
  return `${hex.slice(0, best.start).join(":")}::${hex.slice(best.start + best.length).join(":")}`;
}

/** `10.0.0.5/24` is read as the network 10.0.0.0/24: host bits are dropped. */
export function parseCidr(text: string): Cidr | null {
  const [addressText, lengthText, extra] = text.split("/");
  if (addressText === undefined || lengthText === undefined || extra !== undefined) return null;
  if (!/^(0|[1-9][0-9]{0,2})$/.test(lengthText)) return null;
  const address = parseIp(addressText);
  const prefixLength = Number(lengthText);
  if (address === null || prefixLength > bitsOf(address.family)) return null;
  return cidrOf(address, prefixLength);
}

/** The network of the given length that holds the address. */
export function cidrOf(address: IpAddress, prefixLength: number): Cidr {
  const hostBits = BigInt(bitsOf(address.family) - prefixLength);
  return { family: address.family, network: (address.value >> hostBits) << hostBits, prefixLength };
}

export const formatCidr = (cidr: Cidr): string => `${formatIp({ family: cidr.family, value: cidr.network })}/${cidr.prefixLength}`;

export function cidrContains(cidr: Cidr, address: IpAddress): boolean {
  return cidr.family === address.family && address.value >= cidr.network && address.value < cidr.network + cidrSize(cidr);
}

export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.network < b.network + cidrSize(b) && b.network < a.network + cidrSize(a);
}

/** The nth address counted from the network's own (0); null when it is outside. Negative n counts from the end: -1 is the last. */
export function nthAddress(cidr: Cidr, n: number | bigint): IpAddress | null {
  const size = cidrSize(cidr);
  const offset = BigInt(n) < 0n ? size + BigInt(n) : BigInt(n);
  return offset < 0n || offset >= size ? null : { family: cidr.family, value: cidr.network + offset };
}

/**
 * The addresses a host may take, both ends included: not the network's own nor IPv4's broadcast (RFC 3021: a /31 has
 * neither; a /32 and a /128 are themselves), nor IPv6's subnet-router anycast address.
 */
export function usableRange(cidr: Cidr): { readonly first: bigint; readonly last: bigint } {
  const last = cidr.network + cidrSize(cidr) - 1n;
  if (bitsOf(cidr.family) - cidr.prefixLength <= 1) return { first: cidr.network, last };
  return { first: cidr.network + 1n, last: cidr.family === 4 ? last - 1n : last };
}

/**
 * The lowest usable address of the network that is not among `taken`, at or after `from` when that is given; null when there is
 * none. Takes time in proportion to what is taken, never to the size of the network.
 */
export function nextFreeAddress(cidr: Cidr, taken: Iterable<string>, from?: IpAddress): IpAddress | null {
  const used = new Set<bigint>();
  for (const text of taken) {
    const address = parseIp(text);
    if (address !== null && cidrContains(cidr, address)) used.add(address.value);
  }
  const { first, last } = usableRange(cidr);
  const start = from !== undefined && from.family === cidr.family && from.value > first ? from.value : first;
  for (let value = start; value <= last; value++) if (!used.has(value)) return { family: cidr.family, value };
  return null;
}

/** 24 → `255.255.255.0`; for IPv6 64 → `ffff:ffff:ffff:ffff::`. */
export function netmaskOf(family: IpFamily, prefixLength: number): string {
  const bits = BigInt(bitsOf(family));
  const all = (1n << bits) - 1n;
  return formatIp({ family, value: all ^ ((1n << (bits - BigInt(prefixLength))) - 1n) });
}

/** Network byte order: 4 or 16 bytes. */
export function ipBytes(address: IpAddress): Uint8Array {
  const length = bitsOf(address.family) / 8;
  return Uint8Array.from({ length }, (_, index) => Number((address.value >> BigInt((length - 1 - index) * 8)) & 0xffn));
}
