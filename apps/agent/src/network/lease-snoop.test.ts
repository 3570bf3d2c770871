import { describe, expect, it } from "vitest";
import { DHCP_MESSAGE } from "../metadata/dhcp";
import { LeaseSnoop } from "./lease-snoop";

const MAC = "52:54:00:12:34:56";
const GUEST = 68;
const SERVER = 67;

function message(type: keyof typeof DHCP_MESSAGE, options: { xid?: number; mac?: string; address?: string; server?: string } = {}): Buffer {
  const bytes = Buffer.alloc(300);
  const isReply = ["offer", "ack", "nak"].includes(type);
  bytes.set([isReply ? 2 : 1, 1, 6, 0]);
  bytes.writeUInt32BE(options.xid ?? 7, 4);
  bytes.set((options.address ?? "0.0.0.0").split(".").map(Number), 16);
  bytes.set(
    (options.mac ?? MAC).split(":").map((each) => Number.parseInt(each, 16)),
    28,
  );
  bytes.writeUInt32BE(0x63825363, 236);
  bytes.set([53, 1, DHCP_MESSAGE[type], 54, 4, ...(options.server ?? "192.0.2.1").split(".").map(Number), 255], 240);
  return bytes;
}

const asked = (): LeaseSnoop => {
  const snoop = new LeaseSnoop(MAC);
  expect(snoop.hear(message("discover", { xid: 6 }), GUEST)).toBeNull();
  expect(snoop.hear(message("request"), GUEST)).toBeNull();
  return snoop;
};
const ack = (options: Parameters<typeof message>[1] = {}) => message("ack", { address: "192.0.2.50", ...options });

describe("a guest's lease", () => {
  it("is what the server acknowledged", () => {
    const snoop = asked();
    expect(snoop.hear(message("offer", { address: "192.0.2.49" }), SERVER)).toBeNull();
    expect(snoop.hear(ack(), SERVER)).toEqual({ kind: "leased", address: "192.0.2.50" });
  });

  it("is lost by the server's no, and by giving it back", () => {
    const snoop = asked();
    expect(snoop.hear(message("nak"), SERVER)).toEqual({ kind: "lost" });
    expect(snoop.hear(message("release"), GUEST)).toEqual({ kind: "lost" });
    expect(snoop.hear(message("decline"), GUEST)).toEqual({ kind: "lost" });
  });

  it.each([
    ["an answer to nobody's question", ack({ xid: 8 }), SERVER],
    ["an answer to a question that was no request", ack({ xid: 6 }), SERVER],
    ["another guest's answer", ack({ mac: "52:54:00:00:00:01" }), SERVER],
    ["an answer of the guest's own making", ack(), GUEST],
    ["a request from a server's port", message("release"), SERVER],
    ["an answer from any other port", ack(), 4711],
    ["no address", ack({ address: "0.0.0.0" }), SERVER],
    ["the metadata service's address", ack({ address: "169.254.169.254" }), SERVER],
    ["the server's own address", ack({ address: "192.0.2.1" }), SERVER],
    ["a multicast address", ack({ address: "224.0.0.1" }), SERVER],
    ["garbage", Buffer.alloc(300, 0xff), SERVER],
  ])("is not %s", (_, bytes, port) => expect(asked().hear(bytes, port)).toBeNull());

  it("is known by the last sixteen questions", () => {
    const snoop = asked();
    for (let xid = 100; xid < 116; xid++) snoop.hear(message("request", { xid }), GUEST);
    expect(snoop.hear(ack(), SERVER)).toBeNull();
    expect(snoop.hear(ack({ xid: 115 }), SERVER)).not.toBeNull();
  });
});
