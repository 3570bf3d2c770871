import { LAN_BRIDGE_PREFIX } from "@indium/contract/plain/lan-bridge";
import { describe, expect, it } from "vitest";
import { bridgeRefusal, type UplinkSigns } from "./refusal";

const plain: UplinkSigns = {
  name: "eth0",
  exists: true,
  kind: null,
  loopback: false,
  up: true,
  wireless: false,
  master: null,
  manager: null,
  netplan: false,
  leased: false,
  policyRules: false,
  unmovable: null,
  firewallNames: false,
};

describe("bridgeRefusal", () => {
  it("has nothing against a NIC with addresses of its own", () => {
    expect(bridgeRefusal(plain)).toBeNull();
    expect(bridgeRefusal({ ...plain, kind: "bond" })).toBeNull();
  });

  it.each<[string, Partial<UplinkSigns>, RegExp]>([
    ["one that is not there", { exists: false }, /no interface eth0/],
    ["Wi-Fi", { wireless: true }, /Wi-Fi/],
    ["a port of a bridge", { master: { name: "br0", kind: "bridge" } }, /belongs to the bridge br0.*existing bridge/],
    ["a port of Indium's own bridge", { master: { name: `${LAN_BRIDGE_PREFIX}1a2b3c4d`, kind: "bridge" } }, /Use that network/],
    ["a member of a bond", { master: { name: "bond0", kind: "bond" } }, /bond0 \(bond\).*Choose bond0 instead/],
    ["a bridge", { kind: "bridge" }, /is a bridge already/],
    ["a tunnel", { kind: "wireguard" }, /virtual interface/],
    ["one without a cable", { up: false }, /is down/],
    ["NetworkManager's", { manager: "network-manager" }, /nmcli connection add type bridge/],
    ["netplan's", { manager: "networkd", netplan: true }, /netplan try/],
    ["networkd's", { manager: "networkd" }, /Kind=bridge/],
    ["one with a lease", { leased: true }, /DHCP.*bridge_ports eth0/],
    ["one that policy rules name", { policyRules: true }, /ip rule/],
    ["one with a strange route", { unmovable: "a route over several interfaces" }, /several interfaces/],
    ["one that the firewall names", { firewallNames: true }, /no longer match/],
  ])("refuses %s, and says what to do", (_name, signs, words) => {
    expect(bridgeRefusal({ ...plain, ...signs })).toMatch(words);
  });
});
