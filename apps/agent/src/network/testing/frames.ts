import { ipBytes, parseIp } from "@indium/domain/ip";

/** Ethernet frames as an attacker forges them. Checksums of UDP and ICMPv6 are left out: no rule and no sniffer looks. */
const mac = (text: string): Buffer => Buffer.from(text.replaceAll(":", ""), "hex");
const u16 = (...values: number[]): Buffer => Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]));
export const ip = (text: string): Buffer => {
  const address = parseIp(text);
  if (address === null) throw new Error(`not an address: ${text}`);
  return Buffer.from(ipBytes(address));
};

export const BROADCAST = "ff:ff:ff:ff:ff:ff";
export const ALL_NODES = "33:33:00:00:00:01";
export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd, vlan: 0x8100, qinq: 0x88a8, lldp: 0x88cc, rarp: 0x8035 } as const;
export const IP6 = { hopByHop: 0, tcp: 6, udp: 17, routing: 43, fragment: 44, icmp: 58, none: 59, destination: 60 } as const;

export const ether = (source: string, type: number, payload: Buffer, destination = BROADCAST): Buffer =>
  Buffer.concat([mac(destination), mac(source), u16(type), payload]);
export const tagged = (tags: readonly (readonly [type: number, id: number])[], type: number, payload: Buffer): [number, Buffer] => {
  const [first = [ETHERTYPE.vlan, 0], ...rest] = tags;
  return [first[0], Buffer.concat([u16(first[1]), ...rest.map(([kind, id]) => u16(kind, id)), u16(type), payload])];
};

export const arp = (operation: number, senderMac: string, sender: string, target: string): Buffer =>
  Buffer.concat([u16(1, 0x0800, 0x0604, operation), mac(senderMac), ip(sender), Buffer.alloc(6), ip(target)]);

export function ipv4(
  source: string,
  destination: string,
  protocol: number,
  payload: Buffer,
  options: { options?: Buffer; fragment?: number } = {},
): Buffer {
  const extra = options.options ?? Buffer.alloc(0);
  const header = Buffer.concat([Buffer.alloc(12), ip(source), ip(destination), extra]);
  header[0] = 0x40 | (header.length / 4);
  header.writeUInt16BE(header.length + payload.length, 2);
  header.writeUInt16BE(options.fragment ?? 0, 6);
  header[8] = 64;
  header[9] = protocol;
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  header.writeUInt16BE(~sum & 0xffff, 10);
  return Buffer.concat([header, payload]);
}

export const ipv6 = (source: string, destination: string, next: number, payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x60, 0, 0, 0]), u16(payload.length), Buffer.from([next, 255]), ip(source), ip(destination), payload]);
/** A destination, hop-by-hop or routing header of 8 bytes. */
export const extension = (next: number, body: readonly number[] = [1, 4, 0, 0, 0, 0]): Buffer => Buffer.from([next, 0, ...body]);
export const fragment6 = (next: number, offset: number, more: boolean): Buffer =>
  Buffer.concat([Buffer.from([next, 0]), u16((offset << 3) | (more ? 1 : 0), 0, 7)]);

export const udp = (sourcePort: number, port: number, payload: Buffer): Buffer =>
  Buffer.concat([u16(sourcePort, port, 8 + payload.length, 0), payload]);
export const icmp6 = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([type, 0, 0, 0]), body]);
/** Neighbour solicitation (135) and advertisement (136): flags, then the target. */
export const neighbour = (type: 135 | 136, target: string, rest: Buffer = Buffer.alloc(0)): Buffer =>
  icmp6(type, Buffer.concat([Buffer.from([type === 136 ? 0x20 : 0, 0, 0, 0]), ip(target), rest]));
