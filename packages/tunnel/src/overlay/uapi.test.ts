import { describe, expect, it } from "vitest";
import { generateSealingKeyPair, generateSigningKeyPair } from "../keys";
import { errnoIn, listenPortIn, parseGet, rawPrivateKey, renderSet } from "./uapi";
import { parseDump } from "./wireguard";

const KEY = Buffer.alloc(32, 7).toString("base64");
const HEX = "07".repeat(32);

describe("the configuration protocol", () => {
  it("sets keys in hex, peers after the interface, and ends with an empty line", () => {
    const { privateKey } = generateSealingKeyPair();
    expect(
      renderSet({
        privateKey,
        listenPort: 7785,
        remove: [Buffer.alloc(32, 1).toString("base64")],
        peers: [{ publicKey: KEY, endpoint: "192.0.2.1:7785", keepalive: 5, allowedIps: ["fd00:1:2:2::1/128", "fd00:1:2:2::2/128"] }],
      }),
    ).toBe(
      `set=1\nprivate_key=${rawPrivateKey(privateKey).toString("hex")}\nlisten_port=7785\npublic_key=${"01".repeat(32)}\nremove=true\n` +
        `public_key=${HEX}\nendpoint=192.0.2.1:7785\npersistent_keepalive_interval=5\nreplace_allowed_ips=true\nallowed_ip=fd00:1:2:2::1/128\nallowed_ip=fd00:1:2:2::2/128\n\n`,
    );
  });

  it("takes no key of another size, and no line's end in a value", () => {
    expect(() => renderSet({ peers: [{ publicKey: "c2hvcnQ=", allowedIps: [] }] })).toThrow(/32 bytes/);
    expect(() => renderSet({ peers: [{ publicKey: KEY, endpoint: "192.0.2.1:1\nremove=true", allowedIps: [] }] })).toThrow(/line's end/);
    expect(() => renderSet({ privateKey: generateSigningKeyPair().privateKey })).toThrow(/x25519/);
  });

  it("reads peers, their endpoints and last handshakes, and passes over what it does not know", () => {
    const answer = [
      ...["private_key=ff", "listen_port=7785", "new_thing=1", `public_key=${HEX}`, "preshared_key=00", "endpoint=[2001:db8::1]:9"],
      ...["last_handshake_time_sec=100", "last_handshake_time_nsec=5000000", "allowed_ip=fd00:1:2:2::1/128"],
      ...[`public_key=${"08".repeat(32)}`, "last_handshake_time_sec=0", "last_handshake_time_nsec=0", "errno=0", "", ""],
    ].join("\n");
    expect(parseGet(answer)).toEqual([
      { publicKey: KEY, endpoint: "[2001:db8::1]:9", allowedIps: ["fd00:1:2:2::1/128"], lastHandshakeAt: 100_005 },
      { publicKey: Buffer.alloc(32, 8).toString("base64"), endpoint: null, allowedIps: [], lastHandshakeAt: null },
    ]);
    expect(listenPortIn(answer)).toBe(7785);
    expect([listenPortIn("listen_port=0\n"), listenPortIn("listen_port=70000"), listenPortIn("")]).toEqual([null, null, null]);
    expect(errnoIn(answer)).toBe(0);
    expect(errnoIn("errno=-98\n\n")).toBe(98);
    expect(errnoIn("nonsense")).toBeNull();
  });

  it("reads the same from wg's own list", () => {
    const dump = `private\tpublic\t7785\toff\n${KEY}\t(none)\t192.0.2.1:9\tfd00:1:2:2::1/128\t100\t1\t2\toff\nother\t(none)\t(none)\t(none)\t0\t0\t0\toff\n`;
    expect(parseDump(dump)).toEqual([
      { publicKey: KEY, endpoint: "192.0.2.1:9", allowedIps: ["fd00:1:2:2::1/128"], lastHandshakeAt: 100_000 },
      { publicKey: "other", endpoint: null, allowedIps: [], lastHandshakeAt: null },
    ]);
  });
});
