import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import { createMetadataService } from "../../apps/agent/src/metadata/service";
import { createNetworkManager } from "../../apps/agent/src/network/manager";
import { assignedNic, guestDocument, Lab, natNetwork } from "../../apps/agent/src/network/testing/lab";

/**
 * VLANs with the kernel's real 802.1Q: a host whose LAN bridge is a trunk, a LAN behind it with an end in VLAN 100 and one in VLAN 200, and
 * guests in both, with the same addresses in each.
 */
const lab = new Lab();
const metadata = createMetadataService({ log: () => {} });
let manager: ReturnType<typeof createNetworkManager>;
const RANGE = { cidr: "198.51.100.0/24", gateway: "198.51.100.1" };

const lan = (name: string, overrides: Partial<DesiredNetwork>) =>
  natNetwork({ name, kind: "bridge", mtu: 1500, ipv4: RANGE, ...overrides });
const networks = {
  blue: lan("blue", { vlan: { bridge: "lan0", id: 100 } }),
  red: lan("red", { vlan: { bridge: "lan0", id: 200 } }),
  plain: lan("plain", { bridgeInterface: "lan0" }),
};
let used = 0;
async function guestOn(network: DesiredNetwork, last: number): Promise<{ namespace: string; nic: DesiredNic }> {
  const nic = assignedNic(network, last, { macAddress: `52:54:00:77:01:${(used++).toString(16).padStart(2, "0")}` });
  const document = guestDocument([nic], [network], `g${used}`);
  const namespace = await lab.guest(nic);
  metadata.setDocument(document);
  await manager.ensureNetwork(network);
  await manager.ensureNic(nic, network, document.instance.id);
  return { namespace, nic };
}
const links = async (...args: string[]): Promise<string> => (await lab.exec(lab.host, "ip", "-o", "-d", "link", "show", ...args)).stdout;
/** What a MAC sends, seen on the wire to the LAN with its tag; null when nothing came in time. */
const onTheWire = async (filter: string, act: () => Promise<unknown>): Promise<string> => {
  const heard = lab.exec(lab.lan, "timeout", "20", "tcpdump", "-i", "eth0", "-e", "-n", "-c", "1", "-Q", "in", ...filter.split(" "));
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await act();
  return (await heard).stdout;
};

let blue: { namespace: string; nic: DesiredNic };
let blue2: { namespace: string; nic: DesiredNic };
let red: { namespace: string; nic: DesiredNic };
let plain: { namespace: string; nic: DesiredNic };

before(async () => {
  await lab.open();
  manager = createNetworkManager({ stateDir: lab.stateDir, metadata, vmUid: 65_534, hostNetns: lab.host, log: () => {} });
  await lab.ip(
    lab.host,
    "link add lan0 type bridge forward_delay 0 mcast_snooping 0",
    "addr flush dev uplink0",
    "link set uplink0 master lan0 up",
    "addr add 192.0.2.2/24 dev lan0",
    "link set lan0 up",
  );
  await lab.ip(
    lab.lan,
    "link add link eth0 name eth0.100 type vlan id 100",
    "addr add 198.51.100.1/24 dev eth0.100",
    "link set eth0.100 up",
    "link add link eth0 name eth0.200 type vlan id 200",
    "link set eth0.200 up",
  );
  [blue, blue2, red, plain] = [
    await guestOn(networks.blue, 10),
    await guestOn(networks.blue, 11),
    await guestOn(networks.red, 20),
    await guestOn(networks.plain, 30),
  ];
});
after(async () => {
  await manager.close();
  await lab.close();
});

test("a guest's untagged frames leave with their VLAN's tag, and answers come back", async () => {
  assert.equal(await lab.pings(blue.namespace, "198.51.100.1"), true);
  assert.equal(await lab.pings(lab.lan, "198.51.100.10"), true);
  const wire = await onTheWire(`ether src ${blue.nic.macAddress}`, () => lab.pings(blue.namespace, "198.51.100.1"));
  assert.match(wire, /vlan 100/);
});

test("guests of one VLAN reach each other; another VLAN and the untagged LAN do not exist for them, though all have one range", async () => {
  assert.equal(await lab.pings(blue.namespace, "198.51.100.11"), true);
  assert.equal(await lab.pings(blue2.namespace, "198.51.100.20"), false);
  assert.equal(await lab.pings(blue2.namespace, "198.51.100.30"), false);
  assert.equal(await lab.pings(red.namespace, "198.51.100.10"), false);
  assert.equal(await lab.pings(red.namespace, "198.51.100.1"), false);
  assert.equal(await lab.pings(plain.namespace, "198.51.100.10"), false);
});

test("a guest cannot tag its own frames into another VLAN, neither from a VLAN nor from the untagged LAN", async () => {
  for (const [guest, tag] of [
    [plain, 100],
    [red, 100],
  ] as const) {
    const namespace = guest.namespace;
    await lab.ip(
      namespace,
      `link add link eth0 name hop type vlan id ${tag}`,
      "addr flush dev eth0",
      `addr add ${guest.nic.ipv4?.address}/24 dev hop`,
      "link set hop up",
    );
    assert.equal(await lab.pings(namespace, "198.51.100.1"), false);
    assert.equal(await lab.pings(namespace, "198.51.100.10"), false);
    await lab.ip(namespace, "link del hop", `addr add ${guest.nic.ipv4?.address}/24 dev eth0`);
    assert.ok(((await manager.counters(guest.nic.id)).droppedVlan?.packets ?? 0) > 0);
  }
});

test("the host has no address in a VLAN of guests and does not answer there; the LAN's own address stays where it was", async () => {
  await lab.ip(blue.namespace, "route add 192.0.2.2 dev eth0");
  assert.equal(await lab.pings(blue.namespace, "192.0.2.2"), false);
  assert.equal(await lab.pings(lab.lan, "192.0.2.2"), true);
  const addresses = (await lab.exec(lab.host, "ip", "-br", "addr")).stdout.split("\n").filter((line) => /^(ivl|ibr)-/.test(line));
  assert.equal(addresses.length, 4);
  for (const line of addresses) assert.doesNotMatch(line, /\d+\.\d+\.\d+\.\d+|::/);
});

test("its metadata is there as on any network", async () => {
  await lab.ip(blue.namespace, "route add 169.254.169.254 dev eth0");
  // A question has a second and a half; emulated on a busy machine an answer may take longer.
  let told = "";
  for (let tries = 0; tries < 10 && told !== "g1"; tries++) told = (await lab.http(blue.namespace, "/latest/meta-data/hostname")).body;
  assert.equal(told, "g1");
});

test("setting it up again changes nothing", async () => {
  const before = await links("type", "vlan");
  await manager.ensureNetwork(networks.blue);
  assert.equal(await links("type", "vlan"), before);
  assert.equal(await lab.pings(blue.namespace, "198.51.100.1"), true);
});

test("on a bridge that filters VLANs itself the trunk's port decides, and the bridge's own end joins", async () => {
  await lab.ip(lab.host, "link set lan0 type bridge vlan_filtering 1");
  await lab.exec(lab.host, "bridge", "vlan", "add", "dev", "uplink0", "vid", "100");
  await manager.ensureNetwork(networks.blue);
  assert.equal(await lab.pings(blue.namespace, "198.51.100.1"), true);
  assert.equal(await lab.pings(blue2.namespace, "198.51.100.20"), false);
  await lab.ip(lab.host, "link set lan0 type bridge vlan_filtering 0");
});

test("a VLAN that somebody else made on the bridge is theirs: refused in words", async () => {
  await lab.ip(lab.host, "link add link lan0 name theirs type vlan id 300");
  const taken = lan("taken", { vlan: { bridge: "lan0", id: 300 } });
  await assert.rejects(manager.ensureNetwork(taken), (error: Error) => /VLAN 300 on the bridge lan0/.test(error.message));
  await manager.deleteNetwork(taken.id);
  assert.match(await links("type", "vlan"), /theirs@lan0/);
});

test("deleted, nothing of it is left and the LAN is as before", async () => {
  for (const [network, guests] of [
    [networks.red, [red]],
    [networks.blue, [blue, blue2]],
  ] as const) {
    await assert.rejects(manager.deleteNetwork(network.id), /still has interfaces/);
    for (const guest of guests) {
      await manager.deleteNic(guest.nic.id);
    }
    await manager.deleteNetwork(network.id);
  }
  assert.doesNotMatch(await links(), /ivl-|ibr-/);
  assert.equal(await lab.pings(lab.lan, "192.0.2.2"), true);
  assert.equal(await lab.pings(lab.lan, "198.51.100.30"), false);
});
