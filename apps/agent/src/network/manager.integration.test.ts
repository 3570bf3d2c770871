import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DesiredNic } from "@indium/contract/network";
import { newId } from "@indium/contract/plain/ids";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMetadataService } from "../metadata/service";
import type { GuestDocument, GuestEvent } from "../metadata/types";
import { run } from "../system/exec";
import { createNetworkManager } from "./manager";
import { assignedNic, guestDocument, Lab, natNetwork, whyNoLab } from "./testing/lab";

const skip = await whyNoLab();
if (skip !== null) console.warn(`network integration tests skipped: ${skip}`);

const silent = (): void => {};

describe.skipIf(skip !== null)("NICs of a NAT network", () => {
  const lab = new Lab();
  const metadata = createMetadataService({ log: silent });
  const warnings: string[] = [];
  let manager: ReturnType<typeof createNetworkManager>;
  const network = natNetwork();
  const nicA = assignedNic(network, 10);
  const nicB = assignedNic(network, 11);
  const documentA = guestDocument([nicA], [network], "alpha", { userData: "#!/bin/sh\necho Ä\n", passwordHash: "$6$salt$hash" });
  const documentB = guestDocument([nicB], [network], "beta");
  let guestA = "";
  let guestB = "";

  const bringUp = async (nic: DesiredNic, document: GuestDocument) => manager.ensureNic(nic, network, document.instance.id);
  const counter = async (nic: DesiredNic, name: string) => (await manager.counters(nic.id))[name]?.packets ?? -1;

  beforeAll(async () => {
    await lab.open();
    manager = createNetworkManager({
      stateDir: lab.stateDir,
      metadata,
      vmUid: 65_534,
      hostNetns: lab.host,
      log: (level, message) => level === "warning" && warnings.push(message),
    });
    guestA = await lab.guest(nicA);
    guestB = await lab.guest(nicB);
    metadata.setDocument(documentA);
    metadata.setDocument(documentB);
    await manager.ensureNetwork(network);
    await Promise.all([bringUp(nicA, documentA), bringUp(nicB, documentB)]);
  });

  afterAll(async () => {
    await manager?.close();
    await lab.close();
  });

  it("serves each guest its own metadata, over IPv4 and IPv6", async () => {
    const events: GuestEvent[] = [];
    const stop = metadata.onGuestEvent((_id, event) => events.push(event));
    const a = await lab.http(guestA, "/openstack/latest/meta_data.json", { headers: { "user-agent": "lab" } });
    expect(a.status, a.body).toBe(200);
    expect(JSON.parse(a.body)).toMatchObject({ uuid: documentA.instance.guestUuid, hostname: "alpha" });
    const b = await lab.http(guestB, "/latest/meta-data/hostname");
    expect(b).toEqual({ status: 200, body: "beta" });
    const overV6 = await lab.http(guestA, "/openstack/latest/user_data", { host: "fe80::a9fe:a9fe%eth0" });
    expect(overV6).toEqual({ status: 200, body: "#!/bin/sh\necho Ä\n" });
    expect(await lab.http(guestB, "/openstack/latest/user_data")).toMatchObject({ status: 404 });
    stop();
    expect(events).toEqual([
      { kind: "metadataFetched", userAgent: "lab" },
      { kind: "metadataFetched", userAgent: null },
    ]);
    expect(await counter(nicA, "metadata")).toBeGreaterThan(3);
  });

  it("cannot be made to serve a neighbour's: neither by the neighbour's address nor by its MAC", async () => {
    await lab.ip(
      guestB,
      "addr del 10.231.7.11/24 dev eth0",
      `addr add ${nicA.ipv4?.address}/24 dev eth0`,
      // As DHCP's option 121 says; by the gateway it would not even get so far, its ARP being dropped.
      "route add 169.254.169.254 dev eth0",
    );
    expect(await lab.http(guestB, "/latest/meta-data/hostname")).toEqual({ status: 200, body: "beta" });
    await lab.ip(
      guestB,
      "link set eth0 down",
      `link set eth0 address ${nicA.macAddress}`,
      "link set eth0 up",
      "route replace 169.254.169.254 dev eth0",
    );
    const dropped = await counter(nicB, "droppedMac");
    expect((await lab.http(guestB, "/latest/meta-data/hostname")).status).toBe(0);
    expect(await counter(nicB, "droppedMac")).toBeGreaterThan(dropped);
    await lab.ip(
      guestB,
      "link set eth0 down",
      `link set eth0 address ${nicB.macAddress}`,
      "addr flush dev eth0",
      "addr add 10.231.7.11/24 dev eth0",
      "link set eth0 up",
      "route replace default via 10.231.7.1",
    );
    expect(await lab.pings(guestB, "10.231.7.10")).toBe(true);
  });

  it("is out of reach for the host and the LAN", async () => {
    expect((await lab.http(lab.host, "/", {})).status).toBe(0);
    await lab.ip(lab.lan, "route add 169.254.169.254/32 via 192.0.2.2", "route add 10.231.7.0/24 via 192.0.2.2");
    expect((await lab.http(lab.lan, "/", {})).status).toBe(0);
  });

  it("lets guests out masqueraded, and nobody in but answers", async () => {
    expect(await lab.pings(guestA, "192.0.2.1")).toBe(true);
    expect(await lab.pings(lab.lan, "10.231.7.10")).toBe(false);
    expect(await lab.pings(lab.host, "10.231.7.10")).toBe(true);
  });

  it("shows guests nothing of the host but ping", async () => {
    const server = await lab.background(
      lab.host,
      `const s = require("node:net").createServer((c) => { c.on("error", () => {}); c.end("hello"); }); s.listen(4455, "0.0.0.0", () => console.log("up"));`,
    );
    const probe = (host: string) =>
      `const c = require("node:net").connect({ host: "${host}", port: 4455 }); c.on("connect", () => { console.log("open"); process.exit(0); });
       c.on("error", () => { console.log("closed"); process.exit(0); }); setTimeout(() => { console.log("silent"); process.exit(0); }, 1500);`;
    expect(await lab.node(lab.lan, probe("192.0.2.2"))).toBe("open");
    expect(await lab.node(guestA, probe("10.231.7.1"))).toBe("silent");
    expect(await lab.node(guestA, probe("192.0.2.2"))).toBe("silent");
    expect(await lab.pings(guestA, "10.231.7.1")).toBe(true);
    await server.stop();
  });

  it("drops and counts what is sent in another's name", async () => {
    const before = await manager.counters(nicA.id);
    await lab.ip(guestA, "addr add 10.231.7.99/24 dev eth0");
    await lab.ip(guestA, "neigh flush dev eth0");
    // Asking for the gateway's MAC in that name first (ARP), then, knowing it, speaking in it (IPv4).
    expect(await lab.pings(guestA, "10.231.7.1", "10.231.7.99")).toBe(false);
    const gateway = /link\/ether (\S+)/.exec((await lab.exec(lab.host, "ip", "link", "show", "type", "bridge")).stdout)?.[1];
    await lab.ip(guestA, `neigh replace 10.231.7.1 lladdr ${gateway} dev eth0`);
    expect(await lab.pings(guestA, "10.231.7.1", "10.231.7.99")).toBe(false);
    await lab.ip(guestA, "addr add fd77::99/64 dev eth0 nodad");
    await lab.exec(guestA, "busybox", "ping", "-6", "-c", "1", "-W", "1", "-I", "fd77::99", "fd77::1");
    await lab.node(
      guestA,
      `const s = require("node:dgram").createSocket("udp4"); s.bind(67, () => { s.setBroadcast(true); s.send("x".repeat(300), 68, "10.231.7.255", () => { s.close(); }); });`,
    );
    await lab.ip(guestA, "addr del 10.231.7.99/24 dev eth0", "addr del fd77::99/64 dev eth0", "neigh flush dev eth0");
    const after = await manager.counters(nicA.id);
    const grown = Object.keys(after).filter((name) => (after[name]?.packets ?? 0) > (before[name]?.packets ?? 0));
    expect(grown).toEqual(expect.arrayContaining(["droppedArp", "droppedIpv4", "droppedIpv6", "droppedServer"]));
    expect(await lab.pings(guestA, "10.231.7.1")).toBe(true);
  });

  it("gives a bare guest its address by DHCP", async () => {
    const script = join(lab.stateDir, "lease.sh");
    await writeFile(script, `#!/bin/sh\n[ "$1" = bound ] && env > ${lab.stateDir}/lease\nexit 0\n`);
    await chmod(script, 0o755);
    await lab.ip(guestA, "addr flush dev eth0");
    const result = await lab.exec(
      guestA,
      "busybox",
      "udhcpc",
      "-i",
      "eth0",
      "-n",
      "-q",
      "-f",
      "-t",
      "3",
      "-T",
      "2",
      "-s",
      script,
      "-O",
      "121",
      "-O",
      "26",
    );
    expect(result.code, result.stderr).toBe(0);
    const lease = await readFile(join(lab.stateDir, "lease"), "utf8");
    for (const line of [
      "ip=10.231.7.10",
      "subnet=255.255.255.0",
      "router=10.231.7.1",
      "dns=192.0.2.53",
      "hostname=alpha",
      "mtu=1450",
      "serverid=169.254.169.254",
    ]) {
      expect(lease.split("\n")).toContain(line);
    }
    expect(lease).toMatch(/staticroutes=169\.254\.169\.254\/32 0\.0\.0\.0 0\.0\.0\.0\/0 10\.231\.7\.1/);
    await lab.ip(guestA, "addr add 10.231.7.10/24 dev eth0", "route replace default via 10.231.7.1");
  });

  it("cuts nothing and counts on when run again", async () => {
    const counted = (await manager.counters(nicA.id)).accepted?.packets ?? 0;
    const echo = await lab.background(
      lab.lan,
      `const s = require("node:dgram").createSocket("udp4"); s.on("message", (m, r) => s.send(m, r.port, r.address)); s.bind(7777, () => console.log("up"));`,
    );
    const flood = lab.node(
      guestA,
      `const net = require("node:dgram"); const s = net.createSocket("udp4"); let sent = 0, got = 0;
       s.on("message", () => { got++; }); s.bind(() => { const t = setInterval(() => { sent++; s.send("x", 7777, "192.0.2.1");
       if (sent === 300) { clearInterval(t); setTimeout(() => { console.log(JSON.stringify({ sent, got })); process.exit(0); }, 500); } }, 8); });`,
    );
    for (let round = 0; round < 10; round++) {
      await manager.ensureNetwork(network);
      await bringUp(nicA, documentA);
    }
    const { sent, got } = JSON.parse(await flood) as { sent: number; got: number };
    expect({ sent, got }).toEqual({ sent: 300, got: 300 });
    expect((await manager.counters(nicA.id)).accepted?.packets).toBeGreaterThan(counted + 200);
    await echo.stop();
  });

  it("keeps a forwarding exception in a firewall that drops, and takes it away with the network", async () => {
    const other = natNetwork({ ipv4: { cidr: "10.231.8.0/24", gateway: "10.231.8.1" } });
    const nic = assignedNic(other, 20);
    const document = guestDocument([nic], [other], "gamma");
    const guest = await lab.guest(nic);
    await run("nsenter", [`--net=/run/netns/${lab.host}`, "nft", "-f", "-"], {
      input: "table ip filter {\n chain FORWARD {\n type filter hook forward priority 0; policy drop;\n }\n}\n",
    });
    expect(await lab.pings(guestA, "192.0.2.1")).toBe(false);
    await manager.ensureNetwork(network);
    await manager.ensureNetwork(network);
    await manager.ensureNetwork(other);
    await manager.ensureNic(nic, other, document.instance.id);
    expect(await lab.pings(guestA, "192.0.2.1")).toBe(true);
    expect(await lab.pings(guest, "192.0.2.1")).toBe(true);
    // Two networks of Indium's do not see each other.
    expect(await lab.pings(guest, "10.231.7.10")).toBe(false);
    const rules = async () =>
      (await lab.exec(lab.host, "nft", "list", "chain", "ip", "filter", "FORWARD")).stdout.match(/comment/g)?.length ?? 0;
    expect(await rules()).toBe(4);
    await expect(manager.deleteNetwork(other.id)).rejects.toMatchObject({ code: "network_failed" });
    await manager.deleteNic(nic.id);
    await manager.deleteNetwork(other.id);
    expect(await rules()).toBe(2);
  });

  it("sees SSH of a guest answer, and not something else", async () => {
    const banner = (text: string) =>
      `const s = require("node:net").createServer((c) => { c.on("error", () => {}); c.end(${JSON.stringify(text)}); }); s.listen(22, () => console.log("up"));`;
    expect(await manager.probeSsh(nicB, network, 500)).toBe(false);
    const ssh = await lab.background(guestB, banner("SSH-2.0-lab\r\n"));
    const mail = await lab.background(guestA, banner("220 mail\r\n"));
    expect(await manager.probeSsh(nicB, network, 1_000)).toBe(true);
    expect(await manager.probeSsh(nicA, network, 1_000)).toBe(false);
    await Promise.all([ssh.stop(), mail.stop()]);
  });

  it("mends what was torn: namespace, pair and rules, while the guest keeps its tap", async () => {
    const [namespace] = (await run("ip", ["netns", "list"])).stdout.match(new RegExp(`indium-md-\\S+${nicA.id}`)) ?? [];
    expect(namespace).toBeDefined();
    await run("ip", ["netns", "del", namespace ?? ""]);
    await lab.exec(lab.host, "nft", "flush", "ruleset");
    await manager.ensureNetwork(network);
    await bringUp(nicA, documentA);
    await bringUp(nicB, documentB);
    expect((await lab.http(guestA, "/latest/meta-data/hostname")).body).toBe("alpha");
    expect((await lab.http(guestB, "/latest/meta-data/hostname")).body).toBe("beta");
    expect(await lab.pings(guestA, "192.0.2.1")).toBe(true);
  });

  it("makes a real tap for the VM's user, and refuses a LAN bridge that is not there", async () => {
    const nic = assignedNic(network, 30);
    const { interfaceName } = await manager.ensureNic(nic, network, newId("instance"));
    expect(interfaceName.length).toBeLessThanOrEqual(15);
    expect((await lab.exec(lab.host, "ip", "-d", "link", "show", interfaceName)).stdout).toMatch(/tun type tap .* user (nobody|65534)/);
    expect(await manager.listNics()).toEqual(expect.arrayContaining([nicA.id, nicB.id, nic.id]));
    await manager.deleteNic(nic.id);
    const missing = natNetwork({ kind: "bridge", bridgeInterface: "br-none" });
    await expect(manager.ensureNetwork(missing)).rejects.toMatchObject({
      code: "network_failed",
      message: expect.stringContaining("br-none"),
    });
    const uplink = natNetwork({ kind: "bridge", bridgeInterface: "uplink0" });
    await expect(manager.ensureNetwork(uplink)).rejects.toMatchObject({ code: "network_failed" });
  });

  it("leaves nothing behind", async () => {
    for (const id of await manager.listNics()) await manager.deleteNic(id);
    await manager.deleteNetwork(network.id);
    expect((await lab.exec(lab.host, "nft", "list", "tables")).stdout).not.toContain("indium");
    expect((await lab.exec(lab.host, "ip", "-br", "link")).stdout).not.toMatch(/^(it|im|ibr-)/m);
    expect((await run("ip", ["netns", "list"])).stdout).not.toContain(nicA.id);
    expect(JSON.parse(await readFile(join(lab.stateDir, "network", "names.json"), "utf8"))).toMatchObject({ nics: {}, networks: {} });
    expect(await manager.listNics()).toEqual([]);
  });
});
