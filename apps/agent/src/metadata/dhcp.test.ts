import { describe, expect, it } from "vitest";
import { answerDhcp, type DhcpLease, type DhcpRequest, parseDhcpRequest } from "./dhcp";

const LEASE: DhcpLease = {
  macAddress: "52:54:00:12:34:56",
  address: "10.0.0.7",
  prefixLength: 24,
  gateway: "10.0.0.1",
  dnsServers: ["9.9.9.9", "2620:fe::fe", "1.1.1.1"],
  mtu: 1450,
  hostname: "vm1",
};

/** BOOTREQUEST, Ethernet, xid deadbeef, secs 5, chaddr 52:54:00:12:34:56, magic cookie, then the options given in hex. */
function datagram(options: string, changes: (bytes: Buffer) => void = () => {}): Buffer {
  const bytes = Buffer.from(
    `01010600deadbeef00050000${"00000000".repeat(4)}525400123456${"00".repeat(10)}${"00".repeat(192)}63825363${options}`,
    "hex",
  );
  changes(bytes);
  return bytes;
}
const parse = (options: string, changes?: (bytes: Buffer) => void): DhcpRequest => {
  const request = parseDhcpRequest(datagram(options, changes));
  if (request === null) throw new Error("not parsed");
  return request;
};
const DISCOVER = "350101" + "3707011c02030f060c" + "ff";
/** REQUEST of 10.0.0.7 from 169.254.169.254. */
const REQUEST = "350103" + "32040a000007" + "3604a9fea9fe" + "ff";

describe("parsing", () => {
  it("reads a discover as clients send it, padding included", () => {
    expect(parse(`00${DISCOVER}0000`)).toMatchObject({
      messageType: 1,
      transactionId: 0xdeadbeef,
      secs: 5,
      macAddress: "52:54:00:12:34:56",
      requestedAddress: null,
      serverIdentifier: null,
    });
  });

  it.each([
    ["empty", Buffer.alloc(0)],
    ["short", datagram(DISCOVER).subarray(0, 239)],
    ["no options", datagram("")],
    ["a reply", datagram(DISCOVER, (bytes) => bytes.writeUInt8(2, 0))],
    ["another link type", datagram(DISCOVER, (bytes) => bytes.writeUInt8(6, 1))],
    ["another address length", datagram(DISCOVER, (bytes) => bytes.writeUInt8(16, 2))],
    ["a wrong cookie", datagram(DISCOVER, (bytes) => bytes.writeUInt8(0, 236))],
    ["an option cut off", datagram("350101" + "3704")],
    ["an option without length", datagram("350101" + "37")],
    ["a message type of two bytes", datagram("35020101ff")],
    ["text", Buffer.from("GET / HTTP/1.1\r\n".repeat(30))],
  ])("drops %s", (_name, bytes) => {
    expect(parseDhcpRequest(bytes)).toBeNull();
  });

  it("survives ten thousand random datagrams", () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed >> 16;
    };
    for (let round = 0; round < 10_000; round++) {
      const options = Buffer.from(Array.from({ length: random() % 60 }, () => random() & 0xff)).toString("hex");
      const request = parseDhcpRequest(datagram(options));
      if (request !== null) answerDhcp(request, LEASE);
    }
  });
});

describe("answering", () => {
  it("offers exactly the NIC's address, byte for byte", () => {
    const offer = answerDhcp(parse(DISCOVER), LEASE);
    const wanted = [
      "02010600deadbeef00058000", // BOOTREPLY, xid, secs, broadcast flag
      "00000000" + "0a000007" + "a9fea9fe" + "00000000", // ciaddr, yiaddr, siaddr, giaddr
      `525400123456${"00".repeat(10)}`,
      "00".repeat(192),
      "63825363",
      "350102", // offer
      "3604a9fea9fe",
      "330400015180", // one day
      "0104ffffff00",
      "03040a000001",
      "060809090909" + "01010101", // IPv4 servers only
      "0c03766d31",
      "1a0205aa", // 1450
      "790e20a9fea9fe00000000" + "000a000001", // RFC 3442: the service on the link, then the default route
      "ff",
    ].join("");
    expect(offer?.toString("hex")).toMatch(new RegExp(`^${wanted}(00)*$`));
    expect(offer?.length).toBeGreaterThanOrEqual(300);
  });

  it("acknowledges a request for it, and a renewal by ciaddr", () => {
    expect(answerDhcp(parse(REQUEST), LEASE)?.subarray(240, 243).toString("hex")).toBe("350105");
    const renewal = parse("350103ff", (bytes) => bytes.set([10, 0, 0, 7], 12));
    const ack = answerDhcp(renewal, LEASE);
    expect(ack?.subarray(240, 243).toString("hex")).toBe("350105");
    expect([...(ack?.subarray(12, 16) ?? [])]).toEqual([10, 0, 0, 7]);
  });

  it("refuses a request for another address", () => {
    const nak = answerDhcp(parse("350103" + "32040a000063" + "ff"), LEASE);
    expect(nak?.subarray(240, 249).toString("hex")).toBe("3501063604a9fea9fe");
    expect(nak?.readUInt32BE(16)).toBe(0);
  });

  it("tells an INFORM all but an address and a lease", () => {
    const ack = answerDhcp(
      parse("350108ff", (bytes) => bytes.set([10, 0, 0, 7], 12)),
      LEASE,
    );
    expect(ack?.readUInt32BE(16)).toBe(0);
    expect(ack?.toString("hex")).not.toContain("330400015180");
  });

  it.each([
    ["another's MAC", parse(DISCOVER, (bytes) => bytes.writeUInt8(0x99, 33))],
    ["a request to another server", parse("350103" + "32040a000007" + "36040a000002" + "ff")],
    ["a release", parse("350107ff")],
    ["a decline", parse("350104ff")],
    ["an unknown type", parse("3501c8ff")],
  ])("is silent to %s", (_name, request) => {
    expect(answerDhcp(request, LEASE)).toBeNull();
  });

  it("leaves out gateway and DNS where there are none", () => {
    const offer = answerDhcp(parse(DISCOVER), { ...LEASE, gateway: null, dnsServers: [], hostname: "" });
    const options = offer?.subarray(240).toString("hex") ?? "";
    expect(options).toMatch(/^3501023604a9fea9fe3304000151800104ffffff001a0205aa790920a9fea9fe00000000ff/);
  });
});
