import type { DesiredNic } from "@indium/contract/network";
import type { Refusal } from "@indium/domain/nic-counters";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMetadataService } from "../metadata/service";
import { createNetworkManager } from "./manager";
import { ALL_NODES, arp, ETHERTYPE, ether, extension, fragment6, IP6, icmp6, ipv4, ipv6, neighbour, tagged, udp } from "./testing/frames";
import { assignedNic, guestDocument, Lab, natNetwork, whyNoLab } from "./testing/lab";

const skip = await whyNoLab();
if (skip !== null) console.warn(`hostile guests' tests skipped: ${skip}`);

/** Two guests and a LAN on one bridge; `mallory` forges frames below her own kernel. What the others' links receive is recorded. */
describe.skipIf(skip !== null)("hostile guests", () => {
  const lab = new Lab();
  const metadata = createMetadataService({ log: () => {} });
  let manager: ReturnType<typeof createNetworkManager>;
  const network = natNetwork({
    kind: "bridge",
    bridgeInterface: "lan0",
    mtu: 1500,
    ipv4: { cidr: "192.0.2.0/24", gateway: "192.0.2.1" },
    ipv6: { cidr: "fd77::/64", gateway: "fd77::1" },
  });
  const nicOf = (last: number): DesiredNic =>
    assignedNic(network, last, { ipv6: { address: `fd77::${last}`, prefixLength: 64, gateway: null } });
  const [aliceNic, malloryNic] = [nicOf(40), nicOf(41)];
  const [aliceDocument, malloryDocument] = [aliceNic, malloryNic].map((nic, index) => guestDocument([nic], [network], `vm${index}`)) as [
    ReturnType<typeof guestDocument>,
    ReturnType<typeof guestDocument>,
  ];
  let alice = "";
  let mallory = "";
  const watchers = new Map<string, Awaited<ReturnType<Lab["sniff"]>>>();

  beforeAll(async () => {
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
    alice = await lab.guest(aliceNic);
    mallory = await lab.guest(malloryNic);
    for (const document of [aliceDocument, malloryDocument]) {
      metadata.setDocument(document);
      await manager.ensureNic(document.instance.nics[0]!, network, document.instance.id);
    }
    watchers.set("alice", await lab.sniff(alice));
    watchers.set("lan", await lab.sniff(lab.lan));
    watchers.set("alice's metadata", await lab.sniff(await metadataOf(aliceNic)));
    watchers.set("mallory's metadata", await lab.sniff(await metadataOf(malloryNic)));
  });
  afterAll(async () => {
    for (const watcher of watchers.values()) await watcher.stop();
    await manager?.close();
    await lab.close();
  });

  async function metadataOf(nic: DesiredNic): Promise<string> {
    const listed = (await lab.exec(lab.host, "ip", "netns", "list")).stdout;
    return new RegExp(`indium-md-\\S+${nic.id}`).exec(listed)?.[0] ?? "";
  }

  let marks = 0;
  /** Eight bytes that no other frame has. */
  const mark = (): Buffer => Buffer.from(`M${process.pid.toString(36)}`.padEnd(5, "_").slice(0, 5) + String(++marks).padStart(3, "0"));

  /** Which links carried a frame with this mark (the LAN's own frames, too), and which counters grew. */
  async function sent(from: { namespace: string; counts: DesiredNic }, frames: readonly Buffer[], marked: Buffer) {
    const before = await manager.counters(from.counts.id);
    await lab.send(from.namespace, frames);
    // Frames keep their order: once a frame that must pass has passed, all before it have passed or been dropped.
    const fence = mark();
    await lab.send(mallory, [v4(fence)]);
    await expect.poll(() => watchers.get("alice")?.seen().includes(fence.toString("hex")), { timeout: 10_000 }).toBe(true);
    const after = await manager.counters(from.counts.id);
    const grown = Object.keys(after).filter((name) => (after[name]?.packets ?? 0) > (before[name]?.packets ?? 0));
    const seenBy = [...watchers].filter(([, watcher]) => watcher.seen().includes(marked.toString("hex"))).map(([name]) => name);
    return { seenBy, grown, raised: (name: string) => (after[name]?.packets ?? 0) - (before[name]?.packets ?? 0) };
  }

  const me = malloryNic.macAddress;
  const own6 = "fe80::5054:ff:fe77:29";
  const alices6 = "fe80::5054:ff:fe77:28";
  const lsrr = Buffer.from([131, 7, 4, 192, 0, 2, 40, 0]);
  const ssrr = Buffer.from([137, 7, 4, 192, 0, 2, 40, 0]);
  const data = (m: Buffer): Buffer => udp(5, 1001, Buffer.concat([Buffer.alloc(20), m]));
  const v4 = (m: Buffer, source = "192.0.2.41", to = "192.0.2.255"): Buffer => ether(me, ETHERTYPE.ipv4, ipv4(source, to, 17, data(m)));
  const v6 = (source: string, next: number, payload: Buffer, to = "ff02::1"): Buffer =>
    ether(me, ETHERTYPE.ipv6, ipv6(source, to, next, payload), ALL_NODES);
  const advert = (m: Buffer): Buffer => icmp6(134, Buffer.concat([Buffer.alloc(12), m]));
  const vlan = (m: Buffer, ...tags: (readonly [number, number])[]): Buffer => {
    const [type, payload] = tagged(tags, ETHERTYPE.ipv4, ipv4("192.0.2.41", "192.0.2.255", 17, data(m)));
    return ether(me, type, payload);
  };

  it.each<[attack: string, counter: Refusal, frames: (m: Buffer) => Buffer | Buffer[]]>([
    ["a neighbour's MAC", "droppedMac", (m) => ether(aliceNic.macAddress, ETHERTYPE.ipv4, ipv4("192.0.2.41", "192.0.2.255", 17, data(m)))],
    ["a neighbour's IPv4 address", "droppedIpv4", (m) => v4(m, "192.0.2.40")],
    ["the router's IPv4 address", "droppedIpv4", (m) => v4(m, "192.0.2.1")],
    ["the metadata service's IPv4 address", "droppedIpv4", (m) => v4(m, "169.254.169.254")],
    ["a neighbour's IPv6 address", "droppedIpv6", (m) => v6("fd77::40", IP6.udp, data(m))],
    ["the metadata service's IPv6 address", "droppedIpv6", (m) => v6("fe80::a9fe:a9fe", IP6.udp, data(m))],
    [
      "ARP with a neighbour's address",
      "droppedArp",
      (m) => ether(me, ETHERTYPE.arp, Buffer.concat([arp(2, me, "192.0.2.40", "192.0.2.1"), m])),
    ],
    [
      "ARP with a neighbour's MAC",
      "droppedArp",
      (m) => ether(me, ETHERTYPE.arp, Buffer.concat([arp(1, aliceNic.macAddress, "192.0.2.41", "192.0.2.1"), m])),
    ],
    [
      "ARP as the metadata service",
      "droppedArp",
      (m) => ether(me, ETHERTYPE.arp, Buffer.concat([arp(2, me, "169.254.169.254", "192.0.2.40"), m])),
    ],
    [
      "an ARP probe of a neighbour's address",
      "droppedArp",
      (m) => ether(me, ETHERTYPE.arp, Buffer.concat([arp(1, me, "0.0.0.0", "192.0.2.40"), m])),
    ],
    ["a router advertisement", "droppedRouter", (m) => v6(own6, IP6.icmp, advert(m))],
    [
      "a router advertisement behind other headers",
      "droppedRouter",
      (m) => v6(own6, IP6.hopByHop, Buffer.concat([extension(IP6.destination, [5, 2, 0, 0, 1, 0]), extension(IP6.icmp), advert(m)])),
    ],
    [
      "a router advertisement in a whole fragment",
      "droppedFragment",
      (m) => v6(own6, IP6.fragment, Buffer.concat([fragment6(IP6.icmp, 0, false), advert(m)])),
    ],
    [
      "a router advertisement hidden behind a fragment's chain of headers",
      "droppedFragment",
      (m) => [
        v6(own6, IP6.fragment, Buffer.concat([fragment6(IP6.destination, 0, true), extension(IP6.icmp)])),
        v6(own6, IP6.fragment, Buffer.concat([fragment6(IP6.destination, 1, false), advert(m)])),
      ],
    ],
    [
      "a first fragment too short to tell what it is",
      "droppedFragment",
      (m) => [
        v6(own6, IP6.fragment, fragment6(IP6.icmp, 0, true)),
        v6(own6, IP6.fragment, Buffer.concat([fragment6(IP6.destination, 0, false), extension(IP6.icmp), advert(m)])),
      ],
    ],
    ["an IPv6 redirect", "droppedRouter", (m) => v6(own6, IP6.icmp, icmp6(137, Buffer.concat([Buffer.alloc(36), m])))],
    [
      "an IPv4 redirect",
      "droppedRouter",
      (m) => ether(me, ETHERTYPE.ipv4, ipv4("192.0.2.41", "192.0.2.40", 1, Buffer.concat([Buffer.from([5, 1, 0, 0]), m]))),
    ],
    [
      "a DHCP server",
      "droppedServer",
      (m) => ether(me, ETHERTYPE.ipv4, ipv4("192.0.2.41", "255.255.255.255", 17, udp(67, 68, Buffer.concat([Buffer.alloc(240), m])))),
    ],
    ["a DHCPv6 server", "droppedServer", (m) => v6(own6, IP6.udp, udp(547, 546, m))],
    ["a VLAN tag", "droppedVlan", (m) => vlan(m, [ETHERTYPE.vlan, 5])],
    [
      "a priority tag around a foreign address",
      "droppedVlan",
      (m) => {
        const [type, payload] = tagged([[ETHERTYPE.vlan, 0]], ETHERTYPE.ipv4, ipv4("192.0.2.40", "192.0.2.255", 17, data(m)));
        return ether(me, type, payload);
      },
    ],
    ["two VLAN tags", "droppedVlan", (m) => vlan(m, [ETHERTYPE.vlan, 1], [ETHERTYPE.vlan, 5])],
    ["a provider's tag around a VLAN tag", "droppedVlan", (m) => vlan(m, [ETHERTYPE.qinq, 1], [ETHERTYPE.vlan, 5])],
    ["a switch's own protocol (LLDP)", "droppedType", (m) => ether(me, ETHERTYPE.lldp, Buffer.concat([Buffer.alloc(50), m]))],
    [
      "an 802.3 frame with IP inside",
      "droppedType",
      (m) => ether(me, 60, Buffer.concat([Buffer.from("aaaa030000000800", "hex"), ipv4("192.0.2.40", "192.0.2.255", 17, data(m))])),
    ],
    [
      "a loose source route",
      "droppedSourceRoute",
      (m) => ether(me, ETHERTYPE.ipv4, ipv4("192.0.2.41", "192.0.2.255", 17, data(m), { options: lsrr })),
    ],
    [
      "a strict source route",
      "droppedSourceRoute",
      (m) => ether(me, ETHERTYPE.ipv4, ipv4("192.0.2.41", "192.0.2.255", 17, data(m), { options: ssrr })),
    ],
    [
      "an IPv6 routing header",
      "droppedSourceRoute",
      (m) => v6(own6, IP6.routing, Buffer.concat([extension(IP6.udp, [0, 1, 0, 0, 0, 0]), data(m)])),
    ],
    [
      "a segment route behind another header",
      "droppedSourceRoute",
      (m) => v6(own6, IP6.destination, Buffer.concat([extension(IP6.routing), extension(IP6.udp, [4, 0, 0, 0, 0, 0]), data(m)])),
    ],
    [
      "fragments to the metadata service",
      "droppedFragment",
      (m) => ether(me, ETHERTYPE.ipv4, ipv4("192.0.2.41", "169.254.169.254", 17, data(m), { fragment: 0x2000 })),
    ],
    ["a neighbour's fe80:: address", "droppedLinkLocal", (m) => v6(alices6, IP6.udp, data(m))],
    ["the fe80:: address of a MAC that is not even here", "droppedLinkLocal", (m) => v6("fe80::211:22ff:fe33:4455", IP6.udp, data(m))],
    ["an advertisement of a neighbour's fe80:: address", "droppedLinkLocal", (m) => v6(own6, IP6.icmp, neighbour(136, alices6, m))],
    [
      "an advertisement of an fe80:: address nobody gave her",
      "droppedLinkLocal",
      (m) => v6(own6, IP6.icmp, neighbour(136, "fe80::1234", m)),
    ],
    ["an advertisement of a neighbour's address", "droppedIpv6", (m) => v6(own6, IP6.icmp, neighbour(136, "fd77::40", m))],
    ["an advertisement as the metadata service", "droppedIpv6", (m) => v6(own6, IP6.icmp, neighbour(136, "fe80::a9fe:a9fe", m))],
    [
      "a probe that would make a neighbour give up its fe80:: address",
      "droppedLinkLocal",
      (m) => v6("::", IP6.icmp, neighbour(135, alices6, m)),
    ],
    ["a probe that would make a neighbour give up its address", "droppedIpv6", (m) => v6("::", IP6.icmp, neighbour(135, "fd77::40", m))],
  ])("refuses and counts %s", async (_attack, counter, frames) => {
    const marked = mark();
    const result = await sent({ namespace: mallory, counts: malloryNic }, [frames(marked)].flat(), marked);
    expect(result.seenBy).toEqual([]);
    expect(result.grown).toContain(counter);
  });

  it.each<[name: string, frame: (m: Buffer) => Buffer]>([
    ["her own IPv4", (m) => v4(m)],
    ["IPv4 fragments", (m) => ether(me, ETHERTYPE.ipv4, ipv4("192.0.2.41", "192.0.2.255", 17, data(m), { fragment: 0x0010 }))],
    [
      "a harmless IPv4 option",
      (m) => ether(me, ETHERTYPE.ipv4, ipv4("192.0.2.41", "192.0.2.255", 17, data(m), { options: Buffer.from([148, 4, 0, 0]) })),
    ],
    ["her own IPv6", (m) => v6("fd77::41", IP6.udp, data(m))],
    ["her own fe80:: address", (m) => v6(own6, IP6.udp, data(m))],
    [
      "a listener report behind its hop-by-hop header",
      (m) =>
        v6("::", IP6.hopByHop, Buffer.concat([extension(IP6.icmp, [5, 2, 0, 0, 1, 0]), icmp6(143, Buffer.concat([Buffer.alloc(4), m]))])),
    ],
    ["IPv6 fragments", (m) => v6("fd77::41", IP6.fragment, Buffer.concat([fragment6(IP6.udp, 0, true), data(m)]))],
    [
      "a large ping's first fragment",
      (m) => v6("fd77::41", IP6.fragment, Buffer.concat([fragment6(IP6.icmp, 0, true), icmp6(128, Buffer.concat([Buffer.alloc(4), m]))])),
    ],
    ["a large ping's later fragments", (m) => v6("fd77::41", IP6.fragment, Buffer.concat([fragment6(IP6.icmp, 180, false), m]))],
    ["ARP for her own address", (m) => ether(me, ETHERTYPE.arp, Buffer.concat([arp(1, me, "192.0.2.41", "192.0.2.40"), m]))],
    ["an ARP probe of her own address", (m) => ether(me, ETHERTYPE.arp, Buffer.concat([arp(1, me, "0.0.0.0", "192.0.2.41"), m]))],
    ["an advertisement of her own address", (m) => v6(own6, IP6.icmp, neighbour(136, "fd77::41", m))],
    ["QEMU's announcement after a migration", (m) => ether(me, ETHERTYPE.rarp, Buffer.concat([arp(3, me, "0.0.0.0", "0.0.0.0"), m]))],
  ])("lets %s through", async (_name, frame) => {
    const marked = mark();
    const { seenBy, grown } = await sent({ namespace: mallory, counts: malloryNic }, [frame(marked)], marked);
    expect(seenBy).toEqual(["alice", "lan"]);
    expect(grown.filter((name) => name.startsWith("dropped"))).toEqual([]);
  });

  it("keeps the neighbour's metadata from her, whatever she asks it as", async () => {
    for (const source of ["192.0.2.40", "192.0.2.41"]) {
      const marked = mark();
      const { seenBy } = await sent({ namespace: mallory, counts: malloryNic }, [v4(marked, source, "169.254.169.254")], marked);
      expect(seenBy).toEqual(["mallory's metadata"]);
    }
  });

  it.each<[string, (m: Buffer) => Buffer]>([
    ["169.254.169.254", (m) => ether("02:00:00:00:00:66", ETHERTYPE.ipv4, ipv4("169.254.169.254", "192.0.2.40", 17, data(m)))],
    [
      "169.254.169.254 in ARP",
      (m) => ether("02:00:00:00:00:66", ETHERTYPE.arp, Buffer.concat([arp(2, "02:00:00:00:00:66", "169.254.169.254", "192.0.2.40"), m])),
    ],
    ["fe80::a9fe:a9fe", (m) => ether("02:00:00:00:00:66", ETHERTYPE.ipv6, ipv6("fe80::a9fe:a9fe", "ff02::1", IP6.udp, data(m)), ALL_NODES)],
    [
      "fe80::a9fe:a9fe in an advertisement",
      (m) =>
        ether("02:00:00:00:00:66", ETHERTYPE.ipv6, ipv6("fe80::1", "ff02::1", IP6.icmp, neighbour(136, "fe80::a9fe:a9fe", m)), ALL_NODES),
    ],
  ])("lets nobody on the LAN pose as %s, and counts it where it was bound", async (_name, frame) => {
    const marked = mark();
    const { seenBy, raised } = await sent({ namespace: lab.lan, counts: aliceNic }, [frame(marked)], marked);
    expect(seenBy).toEqual(["lan"]);
    expect(raised("droppedImpersonation")).toBe(1);
  });

  describe("and the fe80:: addresses that guests make up", () => {
    const speak = async (source: string, from = malloryNic, namespace = mallory) => {
      const marked = mark();
      const frame = ether(from.macAddress, ETHERTYPE.ipv6, ipv6(source, "ff02::1", IP6.udp, data(marked)), ALL_NODES);
      return (await sent({ namespace, counts: from }, [frame], marked)).seenBy;
    };
    const probe = async (target: string, from = malloryNic, namespace = mallory) => {
      const marked = mark();
      const solicited = ether(from.macAddress, ETHERTYPE.ipv6, ipv6("::", "ff02::1", IP6.icmp, neighbour(135, target, marked)), ALL_NODES);
      return (await sent({ namespace, counts: from }, [solicited], marked)).seenBy;
    };

    it("belong to the first who uses or probes for them", async () => {
      expect(await speak("fe80::a:11ce", aliceNic, alice)).toContain("lan");
      expect(await speak("fe80::a:11ce")).toEqual([]);
      expect(await probe("fe80::a:11cf", aliceNic, alice)).toContain("lan");
      // While she waits for an answer nobody may make her step back; and then it is hers.
      expect(await probe("fe80::a:11cf")).toEqual([]);
      expect(await speak("fe80::a:11cf")).toEqual([]);
      expect(await speak("fe80::a:11cf", aliceNic, alice)).toContain("lan");
    });

    it("belong to the LAN where they were seen there", async () => {
      const marked = mark();
      const frame = ether("02:00:00:00:00:66", ETHERTYPE.ipv6, ipv6("fe80::1", "ff02::1", IP6.udp, data(marked)), ALL_NODES);
      expect((await sent({ namespace: lab.lan, counts: aliceNic }, [frame], marked)).seenBy).toContain("alice");
      expect(await speak("fe80::1")).toEqual([]);
    });

    it("survive a second convergence", async () => {
      await manager.ensureNic(malloryNic, network, malloryDocument.instance.id);
      expect(await speak("fe80::a:11ce")).toEqual([]);
    });

    it("are found duplicate by a real kernel, and hers is not", async () => {
      await lab.exec(alice, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/eth0/accept_dad");
      await lab.exec(mallory, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/eth0/accept_dad");
      const state = async (namespace: string, address: string): Promise<string> =>
        (await lab.exec(namespace, "ip", "-6", "-o", "addr", "show", "dev", "eth0", "to", address)).stdout;
      await lab.ip(alice, "addr add fe80::bead:1/64 dev eth0");
      await expect.poll(() => state(alice, "fe80::bead:1"), { timeout: 20_000 }).not.toMatch(/tentative|^$/);
      // Past the moment in which a second probe is refused.
      await new Promise((resolve) => setTimeout(resolve, 5_500));
      await lab.ip(mallory, "addr add fe80::bead:1/64 dev eth0", "addr add fe80::bead:2/64 dev eth0");
      await expect.poll(() => state(mallory, "fe80::bead:1"), { timeout: 20_000 }).toContain("dadfailed");
      await expect.poll(() => state(mallory, "fe80::bead:2"), { timeout: 20_000 }).not.toMatch(/tentative|dadfailed|^$/);
      // What is left to speak from is the one that was not a duplicate.
      await lab.ip(mallory, `addr del ${own6}/64 dev eth0`, "addr del fe80::bead:1/64 dev eth0");
      const ping = await lab.exec(mallory, "busybox", "ping", "-6", "-c", "1", "-W", "3", "-I", "eth0", alices6);
      expect(ping.code, ping.stdout + ping.stderr).toBe(0);
    });

    it("are not hers without end", async () => {
      const seen: string[][] = [];
      for (let last = 0x10; last < 0x1c; last++) seen.push(await speak(`fe80::f:${last.toString(16)}`));
      expect(seen[0]).toContain("lan");
      expect(seen.at(-1)).toEqual([]);
    });
  });

  it("ends floods of the metadata service without harm to a neighbour, and counts them", async () => {
    await lab.ip(alice, "route replace 169.254.169.254 dev eth0");
    await lab.ip(mallory, "route replace 169.254.169.254 dev eth0");
    // As many connections as she can make for four seconds, some idle, some with headers that never end.
    const flood = lab.node(
      mallory,
      `const net = require("node:net"); let made = 0;
       const dial = () => { if (Date.now() > end) return; made++; const c = net.connect({ host: "169.254.169.254", port: 80 });
         c.on("error", () => {}); c.on("close", dial); c.on("connect", () => { if (made % 3 === 0) return;
           c.write("GET / HTTP/1.1\\r\\nHost: x\\r\\n"); }); };
       const end = Date.now() + 4000; for (let i = 0; i < 1500; i++) dial();
       setTimeout(() => { console.log(made); process.exit(0); }, 5000);`,
    );
    const before = await manager.counters(malloryNic.id);
    const answers: number[] = [];
    for (let round = 0; round < 5; round++) answers.push((await lab.http(alice, "/latest/meta-data/hostname")).status);
    await flood;
    expect((await lab.http(mallory, "/", { headers: { "x-long": "y".repeat(20_000) } })).status).toBe(431);
    expect(answers).toEqual([200, 200, 200, 200, 200]);
    const after = await manager.counters(malloryNic.id);
    const raised = (name: string) => (after[name]?.packets ?? 0) - (before[name]?.packets ?? 0);
    const refused = Object.fromEntries(["droppedFlood", "metadataConnections", "metadataOversized"].map((name) => [name, raised(name)]));
    expect(
      Object.keys(refused).filter((name) => refused[name] === 0),
      JSON.stringify(refused),
    ).toEqual([]);
    expect(
      Object.entries(await manager.counters(aliceNic.id)).filter(
        ([name, { packets }]) => name.startsWith("metadata") && name !== "metadata" && packets > 0,
      ),
    ).toEqual([]);
  });
});
