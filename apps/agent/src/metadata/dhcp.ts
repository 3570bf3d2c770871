import { ipBytes, netmaskOf, parseIp } from "@indium/domain/ip";

/**
 * DHCPv4 (RFC 2131, options of RFC 2132) as far as one NIC needs it: its guest is offered exactly its own address. Pure; the
 * socket is the service's.
 */
export const DHCP_MESSAGE = { discover: 1, offer: 2, request: 3, decline: 4, ack: 5, nak: 6, release: 7, inform: 8 } as const;

/** Fixed part (236 bytes) and magic cookie. */
const HEADER_BYTES = 240;
const MAGIC_COOKIE = 0x63825363;
const BOOTREQUEST = 1;
const BOOTREPLY = 2;
const ETHERNET = 1;
const BROADCAST_FLAG = 0x8000;
/** Old clients drop shorter messages (RFC 1542 section 2.1). */
const MIN_REPLY_BYTES = 300;
const SERVER_ADDRESS = "169.254.169.254";
const LEASE_SECONDS = 86_400;

export interface DhcpRequest {
  readonly messageType: number;
  readonly transactionId: number;
  readonly secs: number;
  readonly clientAddress: Uint8Array;
  readonly relayAddress: Uint8Array;
  /** The 16 bytes of chaddr, as sent. */
  readonly hardwareAddress: Uint8Array;
  /** `52:54:00:12:34:56` */
  readonly macAddress: string;
  /** Option 50, dotted. */
  readonly requestedAddress: string | null;
  /** Option 54, dotted. */
  readonly serverIdentifier: string | null;
}

export interface DhcpLease {
  readonly macAddress: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string | null;
  /** IPv6 ones are left out: option 6 holds IPv4. */
  readonly dnsServers: readonly string[];
  readonly mtu: number;
  readonly hostname: string;
}

const dotted = (bytes: Uint8Array): string => [...bytes].join(".");

/** Any message of a client or a server, as far as either side of it is of use here. */
export interface DhcpMessage extends DhcpRequest {
  readonly isRequest: boolean;
  /** yiaddr, dotted: what a server gives. */
  readonly yourAddress: string;
}

/** Null for anything that is not a well-formed request of an Ethernet client. */
export function parseDhcpRequest(datagram: Uint8Array): DhcpRequest | null {
  const message = parseDhcpMessage(datagram);
  return message?.isRequest === true ? message : null;
}

/** Null for anything that is not a well-formed message about an Ethernet client. */
export function parseDhcpMessage(datagram: Uint8Array): DhcpMessage | null {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  if (bytes.length < HEADER_BYTES || bytes[1] !== ETHERNET || bytes[2] !== 6) return null;
  if (bytes[0] !== BOOTREQUEST && bytes[0] !== BOOTREPLY) return null;
  if (bytes.readUInt32BE(HEADER_BYTES - 4) !== MAGIC_COOKIE) return null;
  const options = new Map<number, Buffer>();
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const code = bytes[at];
    if (code === undefined || code === 255) break;
    if (code === 0) {
      at++;
      continue;
    }
    const length = bytes[at + 1];
    if (length === undefined || at + 2 + length > bytes.length) return null;
    if (!options.has(code)) options.set(code, bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  const type = options.get(53);
  const messageType = type?.length === 1 ? type[0] : undefined;
  if (messageType === undefined) return null;
  const addressOption = (code: number): string | null => {
    const value = options.get(code);
    return value?.length === 4 ? dotted(value) : null;
  };
  const hardwareAddress = bytes.subarray(28, 44);
  return {
    isRequest: bytes[0] === BOOTREQUEST,
    yourAddress: dotted(bytes.subarray(16, 20)),
    messageType,
    transactionId: bytes.readUInt32BE(4),
    secs: bytes.readUInt16BE(8),
    clientAddress: bytes.subarray(12, 16),
    relayAddress: bytes.subarray(24, 28),
    hardwareAddress,
    macAddress: [...hardwareAddress.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, "0")).join(":"),
    requestedAddress: addressOption(50),
    serverIdentifier: addressOption(54),
  };
}

/**
 * The reply to a request, or null when it is not ours to answer. A guest that insists on another address is told no at once,
 * so that it asks anew instead of waiting for a time-out.
 */
export function answerDhcp(request: DhcpRequest, lease: DhcpLease): Buffer | null {
  if (request.macAddress !== lease.macAddress.toLowerCase()) return null;
  const claimed = dotted(request.clientAddress);
  switch (request.messageType) {
    case DHCP_MESSAGE.discover:
      return encodeReply(request, lease, DHCP_MESSAGE.offer);
    case DHCP_MESSAGE.request: {
      // RFC 2131 section 4.3.2: naming another server is choosing its offer.
      if (request.serverIdentifier !== null && request.serverIdentifier !== SERVER_ADDRESS) return null;
      const wanted = request.requestedAddress ?? claimed;
      return wanted === lease.address ? encodeReply(request, lease, DHCP_MESSAGE.ack) : encodeNak(request);
    }
    case DHCP_MESSAGE.inform:
      return claimed === lease.address ? encodeReply(request, lease, DHCP_MESSAGE.ack) : null;
    default:
      return null;
  }
}

function header(request: DhcpRequest): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes[0] = BOOTREPLY;
  bytes[1] = ETHERNET;
  bytes[2] = 6;
  bytes.writeUInt32BE(request.transactionId, 4);
  bytes.writeUInt16BE(request.secs, 8);
  bytes.writeUInt16BE(BROADCAST_FLAG, 10);
  bytes.set(request.relayAddress, 24);
  bytes.set(request.hardwareAddress, 28);
  bytes.writeUInt32BE(MAGIC_COOKIE, HEADER_BYTES - 4);
  return bytes;
}

function finish(head: Buffer, options: readonly (readonly [number, Uint8Array])[]): Buffer {
  const body = Buffer.concat([
    head,
    ...options.map(([code, value]) => Buffer.concat([Buffer.from([code, value.length]), value])),
    Buffer.from([255]),
  ]);
  return body.length >= MIN_REPLY_BYTES ? body : Buffer.concat([body, Buffer.alloc(MIN_REPLY_BYTES - body.length)]);
}

const ipv4 = (text: string): Uint8Array => {
  const address = parseIp(text);
  if (address === null || address.family !== 4) throw new Error(`not an IPv4 address: ${text}`);
  return ipBytes(address);
};
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

function encodeNak(request: DhcpRequest): Buffer {
  return finish(header(request), [
    [53, Buffer.from([DHCP_MESSAGE.nak])],
    [54, ipv4(SERVER_ADDRESS)],
  ]);
}

function encodeReply(request: DhcpRequest, lease: DhcpLease, messageType: number): Buffer {
  const inform = request.messageType === DHCP_MESSAGE.inform;
  const head = header(request);
  head.set(request.clientAddress, 12);
  if (!inform) head.set(ipv4(lease.address), 16);
  head.set(ipv4(SERVER_ADDRESS), 20);
  const dns = lease.dnsServers.filter((server) => !server.includes(":"));
  const hostname = Buffer.from(lease.hostname, "latin1").subarray(0, 255);
  return finish(head, [
    [53, Buffer.from([messageType])],
    [54, ipv4(SERVER_ADDRESS)],
    ...(inform ? [] : [[51, uint32(LEASE_SECONDS)] as const]),
    [1, ipv4(netmaskOf(4, lease.prefixLength))],
    ...(lease.gateway === null ? [] : [[3, ipv4(lease.gateway)] as const]),
    ...(dns.length === 0 ? [] : [[6, Buffer.concat(dns.map(ipv4))] as const]),
    ...(hostname.length === 0 ? [] : [[12, hostname] as const]),
    [26, Buffer.from([lease.mtu >> 8, lease.mtu & 0xff])],
    [121, classlessRoutes(lease.gateway)],
  ]);
}

/** RFC 3442: who takes option 121 ignores option 3, so the default route is in both. The service is on the link itself. */
function classlessRoutes(gateway: string | null): Buffer {
  return Buffer.concat([
    Buffer.from([32, ...ipv4(SERVER_ADDRESS), 0, 0, 0, 0]),
    ...(gateway === null ? [] : [Buffer.from([0, ...ipv4(gateway)])]),
  ]);
}
