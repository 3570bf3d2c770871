import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createMetadataService } from "../metadata/service";
import { createNetworkManager } from "./manager";
import { assignedNic, guestDocument, Lab, natNetwork, whyNoLab } from "./testing/lab";

const skip = await whyNoLab();
if (skip !== null) console.warn(`network integration tests skipped: ${skip}`);

describe.skipIf(skip !== null)("isolated and bridge networks", () => {
  const lab = new Lab();
  const metadata = createMetadataService({ log: () => {} });
  let manager: ReturnType<typeof createNetworkManager>;

  beforeAll(async () => {
    await lab.open();
    manager = createNetworkManager({ stateDir: lab.stateDir, metadata, vmUid: 65_534, hostNetns: lab.host, log: () => {} });
    // The administrator's LAN bridge: the uplink is its port, the host's address is on it.
    await lab.ip(
      lab.host,
      "link add lan0 type bridge forward_delay 0 mcast_snooping 0",
      "addr flush dev uplink0",
      "link set uplink0 master lan0 up",
      "addr add 192.0.2.2/24 dev lan0",
      "link set lan0 up",
    );
  });
  afterAll(async () => {
    await manager?.close();
    await lab.close();
  });

  it("isolated guests see each other and their metadata, and not the host", async () => {
    const network = natNetwork({ kind: "isolated", ipv4: { cidr: "10.231.9.0/24", gateway: "10.231.9.1" } });
    const nics = [assignedNic(network, 10), assignedNic(network, 11)];
    const documents = nics.map((nic, index) => guestDocument([nic], [network], `iso${index}`));
    await manager.ensureNetwork(network);
    const guests: string[] = [];
    for (const [index, nic] of nics.entries()) {
      guests.push(await lab.guest(nic));
      metadata.setDocument(documents[index]!);
      await manager.ensureNic(nic, network, documents[index]!.instance.id);
    }
    expect(await lab.pings(guests[0]!, "10.231.9.11")).toBe(true);
    // Nothing but what the network's configuration says: DHCP, whose option 121 leads to the service on the link; there is no gateway.
    const described = JSON.parse(
      (await lab.http(guests[0]!, "/openstack/latest/network_data.json", { host: "fe80::a9fe:a9fe%eth0" })).body,
    );
    expect(described.networks).toEqual([expect.objectContaining({ type: "ipv4_dhcp" })]);
    await lab.ip(guests[0]!, "addr flush dev eth0 scope global");
    const script = join(lab.stateDir, "lease.sh");
    await writeFile(
      script,
      '#!/bin/sh\n[ "$1" = bound ] || exit 0\nip addr add $ip/$mask dev $interface\nset -- $staticroutes\nwhile [ $# -gt 1 ]; do\n' +
        "  if [ $2 = 0.0.0.0 ]; then ip route add $1 dev $interface; else ip route add $1 via $2 dev $interface; fi; shift 2\ndone\n",
      { mode: 0o755 },
    );
    const dhcp = await lab.exec(
      guests[0]!,
      "busybox",
      "udhcpc",
      "-i",
      "eth0",
      "-n",
      "-q",
      "-f",
      "-t",
      "5",
      "-T",
      "2",
      "-s",
      script,
      "-O",
      "121",
    );
    expect(dhcp.code, dhcp.stderr).toBe(0);
    expect((await lab.http(guests[0]!, "/latest/meta-data/hostname")).body).toBe("iso0");
    expect(await lab.pings(guests[0]!, "10.231.9.11")).toBe(true);
    await lab.ip(guests[0]!, "route add 192.0.2.2 dev eth0");
    expect(await lab.pings(guests[0]!, "192.0.2.2")).toBe(false);
    expect(await manager.probeSsh(nics[0]!, network, 500)).toBe(false);
    for (const nic of nics) await manager.deleteNic(nic.id);
    await manager.deleteNetwork(network.id);
  });

  it("a LAN guest is on the LAN, its metadata is not, and nobody there can pretend to be it", async () => {
    const network = natNetwork({
      kind: "bridge",
      bridgeInterface: "lan0",
      mtu: 1500,
      ipv4: { cidr: "192.0.2.0/24", gateway: "192.0.2.1" },
    });
    const nic = assignedNic(network, 40);
    const document = guestDocument([nic], [network], "lanes");
    const guest = await lab.guest(nic);
    metadata.setDocument(document);
    await manager.ensureNetwork(network);
    await manager.ensureNic(nic, network, document.instance.id);
    expect(await lab.pings(guest, "192.0.2.1")).toBe(true);
    expect(await lab.pings(lab.lan, "192.0.2.40")).toBe(true);
    await lab.ip(guest, "route add default via 192.0.2.1");
    expect((await lab.http(guest, "/latest/meta-data/hostname")).body).toBe("lanes");
    await lab.ip(lab.lan, "route add 169.254.169.254 dev eth0");
    expect((await lab.http(lab.lan, "/latest/meta-data/hostname")).status).toBe(0);
    // The LAN claims the service's address and calls the guest.
    await lab.ip(lab.lan, "route del 169.254.169.254 dev eth0", "addr add 169.254.169.254/32 dev eth0");
    const echoes = async (): Promise<number> => {
      const [names, values] = (await lab.exec(guest, "cat", "/proc/net/snmp")).stdout
        .split("\n")
        .filter((line) => line.startsWith("Icmp:"));
      return Number(values?.split(" ")[names?.split(" ").indexOf("InEchos") ?? -1]);
    };
    const before = await echoes();
    await lab.pings(lab.lan, "192.0.2.40", "192.0.2.1");
    expect(await echoes()).toBe(before + 1);
    await lab.pings(lab.lan, "192.0.2.40", "169.254.169.254");
    expect(await echoes()).toBe(before + 1);
    expect((await lab.http(guest, "/latest/meta-data/hostname")).body).toBe("lanes");
    await lab.ip(lab.lan, "addr del 169.254.169.254/32 dev eth0");
    await manager.deleteNic(nic.id);
    await manager.deleteNetwork(network.id);
    expect((await lab.exec(lab.host, "ip", "-br", "addr", "show", "lan0")).stdout).toContain("192.0.2.2/24");
  });

  it("learns a NIC's address from the LAN's own DHCP server, and holds the guest to it", async () => {
    const network = natNetwork({ kind: "bridge", bridgeInterface: "lan0", mtu: 1500, ipv4: null });
    const nic = assignedNic(network, 50, { addressMode: "learned", ipv4: null });
    const document = guestDocument([nic], [network], "learner");
    const guest = await lab.guest(nic);
    metadata.setDocument(document);
    const told: (string | null)[] = [];
    const stop = manager.onAddressLearned(() => told.push(manager.learnedAddress(nic.id)));
    await manager.ensureNic(nic, network, document.instance.id);
    await lab.exec(guest, "sysctl", "-qw", "net.ipv4.ip_nonlocal_bind=1");
    const dropped = async () => (await manager.counters(nic.id)).droppedIpv4?.packets ?? 0;

    // Before a lease: DHCP, metadata, and nothing else.
    await lab.ip(guest, "addr add 192.0.2.77/24 dev eth0", "route add 169.254.169.254 dev eth0");
    expect(await lab.pings(guest, "192.0.2.1")).toBe(false);
    expect((await lab.http(guest, "/latest/meta-data/hostname")).body).toBe("learner");
    await lab.ip(guest, "addr flush dev eth0");
    expect(manager.learnedAddress(nic.id)).toBeNull();

    // The LAN's server gives one. Nobody of ours does: the only offers are the server's.
    const server = await lab.dhcpServer({ first: "192.0.2.150", last: "192.0.2.150" });
    const script = join(lab.stateDir, "lease-script");
    await writeFile(
      script,
      '#!/bin/sh\n[ "$1" = bound ] && ip addr replace "$ip/$mask" dev "$interface" && echo "$ip $serverid"\nexit 0\n',
      { mode: 0o755 },
    );
    const ask = () => lab.exec(guest, "busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "8", "-T", "1", "-s", script);
    expect((await ask()).stdout).toBe("192.0.2.150 192.0.2.1\n");
    await vi.waitFor(() => expect(manager.learnedAddress(nic.id)).toBe("192.0.2.150"), 10_000);
    expect(await lab.pings(guest, "192.0.2.1")).toBe(true);
    expect(await lab.pings(lab.lan, "192.0.2.150")).toBe(true);
    const before = await dropped();
    await lab.ip(guest, "addr add 192.0.2.77/24 dev eth0");
    expect(await lab.pings(guest, "192.0.2.1", "192.0.2.77")).toBe(false);
    expect(await dropped()).toBeGreaterThan(before);
    await lab.ip(guest, "addr del 192.0.2.77/24 dev eth0");

    // Nobody on the LAN can take it away with an answer that was not asked for.
    await lab.node(lab.lan, unasked(nic.macAddress));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(manager.learnedAddress(nic.id)).toBe("192.0.2.150");

    // Another agent on the same state finds it again.
    await manager.close();
    manager = createNetworkManager({ stateDir: lab.stateDir, metadata, vmUid: 65_534, hostNetns: lab.host, log: () => {} });
    await manager.ensureNic(nic, network, document.instance.id);
    expect(manager.learnedAddress(nic.id)).toBe("192.0.2.150");
    expect(await lab.pings(guest, "192.0.2.1")).toBe(true);

    // A new lease replaces it.
    await server.stop();
    const other = await lab.dhcpServer({ first: "192.0.2.160", last: "192.0.2.160" });
    await lab.ip(guest, "addr flush dev eth0");
    expect((await ask()).stdout).toBe("192.0.2.160 192.0.2.1\n");
    await vi.waitFor(() => expect(manager.learnedAddress(nic.id)).toBe("192.0.2.160"), 10_000);
    expect(await lab.pings(guest, "192.0.2.1")).toBe(true);
    await other.stop();

    await lab.ip(guest, "link set eth0 down", "link set eth0 address 52:54:00:00:00:01", "link set eth0 up");
    expect(await lab.pings(guest, "192.0.2.1")).toBe(false);
    expect((await manager.counters(nic.id)).droppedMac?.packets).toBeGreaterThan(0);
    expect(told).toEqual(["192.0.2.150"]);
    stop();
    await manager.deleteNic(nic.id);
    expect(manager.learnedAddress(nic.id)).toBeNull();
  }, 120_000);
});

/** A server's ACK of 192.0.2.66 to everybody, with a transaction nobody began. */
const unasked = (macAddress: string): string => `
  const b = Buffer.alloc(300);
  b.set([2, 1, 6, 0, 1, 2, 3, 4]); b.set([192, 0, 2, 66], 16); b.set([192, 0, 2, 1], 20);
  b.set(${JSON.stringify(macAddress)}.split(":").map((each) => parseInt(each, 16)), 28);
  b.writeUInt32BE(0x63825363, 236); b.set([53, 1, 5, 54, 4, 192, 0, 2, 1, 255], 240);
  const s = require("node:dgram").createSocket({ type: "udp4", reuseAddr: true });
  s.bind(67, () => { s.setBroadcast(true); s.send(b, 68, "192.0.2.255", () => { s.send(b, 68, "192.0.2.150", () => { s.close(); console.log("sent"); }); }); });`;
