import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DesiredNetwork } from "@indium/contract/network";
import { newId } from "@indium/contract/plain/ids";
import type { DesiredSecurityGroup, DesiredSecurityRule } from "@indium/contract/security-group";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMetadataService } from "../metadata/service";
import { run } from "../system/exec";
import { BRIDGE_CONNTRACK_CHECK } from "./bridge-filter";
import { createNetworkManager } from "./manager";
import { assignedNic, guestDocument, Lab, natNetwork, whyNoLab } from "./testing/lab";

const skip = await whyNoLab();
if (skip !== null) console.warn(`security groups' tests skipped: ${skip}`);
else {
  const tracked = (await run("nft", [...BRIDGE_CONNTRACK_CHECK], { allowFailure: true })).code === 0;
  console.info(
    `security groups: this kernel ${tracked ? "tracks connections on bridges" : "does not track connections on bridges; flows are remembered in nft sets"}`,
  );
}

const EVERYONE = ["0.0.0.0/0", "::/0"];
type Rule = Partial<DesiredSecurityRule> & { port?: number };
const group = (...rules: Rule[]): DesiredSecurityGroup => ({
  id: newId("securityGroup"),
  name: "lab",
  rules: rules.map(({ port, ...rule }) => ({
    direction: "in",
    protocol: "tcp",
    remotes: EVERYONE,
    ports: port === undefined ? null : { from: port, to: port },
    ...rule,
  })),
});
const ALL_OUT: Rule = { direction: "out", protocol: "any" };
const PING: Rule = { protocol: "icmp" };
const SSH: Rule = { port: 22 };

const bridged = natNetwork({
  kind: "bridge",
  bridgeInterface: "lan0",
  mtu: 1500,
  ipv4: { cidr: "192.0.2.0/24", gateway: "192.0.2.1" },
});

/** `server` is the filtered one; `peer` is on the same bridge; the LAN is behind the host (nat) or on the bridge, too. */
describe.skipIf(skip !== null).each<[string, DesiredNetwork]>([
  ["a NAT network", natNetwork()],
  ["a LAN bridge", bridged],
])("security groups on %s", (_kind, network) => {
  const lab = new Lab();
  const metadata = createMetadataService({ log: () => {} });
  let manager: ReturnType<typeof createNetworkManager>;
  const v6 = (last: number) => ({ address: `fd77::${last}`, prefixLength: 64, gateway: null });
  const serverNic = assignedNic(network, 10, { ipv6: v6(10) });
  const peerNic = assignedNic(network, 11, { ipv6: v6(11) });
  const address = serverNic.ipv4?.address ?? "";
  let server = "";
  let peer = "";
  const ends: (() => Promise<void>)[] = [];

  const apply = (...groups: DesiredSecurityGroup[]) => manager.ensureSecurity(serverNic, network, groups);
  const counted = async (name: string) => (await manager.counters(serverNic.id))[name]?.packets ?? 0;

  const echo = async (namespace: string, ...ports: number[]): Promise<void> => {
    const { stop } = await lab.background(
      namespace,
      `const ports = ${JSON.stringify(ports)}; let left = ports.length;
       for (const port of ports) {
         require("node:net").createServer((c) => { c.on("error", () => {}); if (port === 22) c.write("SSH-2.0-lab\\r\\n"); c.pipe(c); })
           .listen(port, "::", () => { if (--left === 0) console.log("up"); });
         const u = require("node:dgram").createSocket("udp6"); u.on("message", (m, r) => u.send(m, r.port, r.address)); u.bind(port);
       }`,
    );
    ends.push(stop);
  };
  /** Whether a connection, or an answer to a datagram, comes about. */
  const reaches = async (from: string, host: string, port: number, protocol: "tcp" | "udp" = "tcp"): Promise<boolean> =>
    (await lab.node(
      from,
      protocol === "tcp"
        ? `const c = require("node:net").connect({ host: "${host}", port: ${port} }); const end = (w) => { console.log(w); process.exit(0); };
           c.on("connect", () => end("yes")); c.on("error", () => end("no")); setTimeout(() => end("no"), 1500);`
        : `const c = require("node:dgram").createSocket("${host.includes(":") ? "udp6" : "udp4"}"); const end = (w) => { console.log(w); process.exit(0); };
           c.on("message", () => end("yes")); c.on("error", () => end("no")); c.send("x", ${port}, "${host}"); setTimeout(() => end("no"), 1500);`,
    )) === "yes";
  let flows = 0;
  /** A connection that echoes ten times a second; gives how often it was answered. */
  const flow = async (from: string, host: string, port: number): Promise<() => Promise<number>> => {
    const path = join(lab.stateDir, `flow-${++flows}`);
    const { stop } = await lab.background(
      from,
      `const fs = require("node:fs"); let got = 0; const c = require("node:net").connect({ host: "${host}", port: ${port} });
       c.on("error", () => {}); c.on("data", () => fs.writeFileSync("${path}", String(++got)));
       c.on("connect", () => { setInterval(() => c.write("x"), 100); console.log("up"); });`,
    );
    ends.push(stop);
    return async () => Number(await readFile(path, "utf8").catch(() => "0"));
  };
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  /** As soon as it has been answered again; a machine under load takes its time. */
  const grows = async (answered: () => Promise<number>): Promise<boolean> => {
    const before = await answered();
    for (let round = 0; round < 60; round++) {
      if ((await answered()) > before + 1) return true;
      await wait(250);
    }
    return false;
  };
  /** What was under way may still arrive; after that nothing does. */
  const stops = async (answered: () => Promise<number>): Promise<boolean> => {
    await wait(1_000);
    const before = await answered();
    await wait(2_000);
    return (await answered()) === before;
  };

  beforeAll(async () => {
    await lab.open();
    manager = createNetworkManager({ stateDir: lab.stateDir, metadata, vmUid: 65_534, hostNetns: lab.host, log: () => {} });
    if (network.kind === "bridge") {
      await lab.ip(
        lab.host,
        "link add lan0 type bridge forward_delay 0 mcast_snooping 0",
        "addr flush dev uplink0",
        "link set uplink0 master lan0 up",
        "addr add 192.0.2.2/24 dev lan0",
        "link set lan0 up",
      );
    }
    server = await lab.guest(serverNic);
    peer = await lab.guest(peerNic);
    const documents = [guestDocument([serverNic], [network], "server"), guestDocument([peerNic], [network], "peer")];
    await manager.ensureNetwork(network);
    for (const [index, nic] of [serverNic, peerNic].entries()) {
      metadata.setDocument(documents[index]!);
      await manager.ensureNic(nic, network, documents[index]!.instance.id, {
        groups: nic === serverNic ? [group(ALL_OUT, SSH, PING)] : null,
      });
    }
    await lab.ip(server, "addr add fd77::10/64 dev eth0 nodad", "route replace 169.254.169.254 dev eth0");
    await lab.ip(peer, "addr add fd77::11/64 dev eth0 nodad");
    await echo(server, 22, 80, 8080);
    await echo(lab.lan, 5555, 7777);
    await echo(peer, 5555, 7777);
  });
  afterAll(async () => {
    for (const end of ends) await end();
    await manager?.close();
    await lab.close();
  });

  it("by default let everything out, and SSH and ICMP in, over IPv4 and IPv6", async () => {
    await apply(group(ALL_OUT, SSH, PING));
    for (const host of [address, "fd77::10"]) {
      expect(await reaches(peer, host, 22), host).toBe(true);
      expect(await reaches(peer, host, 80), host).toBe(false);
      expect(await reaches(peer, host, 22, "udp"), host).toBe(false);
      expect(await lab.pings(peer, host), host).toBe(true);
    }
    for (const host of ["192.0.2.1", peerNic.ipv4?.address ?? "", "fd77::11"]) {
      expect(await reaches(server, host, 5555), host).toBe(true);
      expect(await reaches(server, host, 7777, "udp"), host).toBe(true);
      expect(await lab.pings(server, host), host).toBe(true);
    }
    expect(await counted("droppedIn")).toBeGreaterThan(3);
    expect(await counted("droppedOut")).toBe(0);
  });

  it("that allow nothing still leave the guest its metadata, its ARP and the host's look at SSH", async () => {
    await apply(group());
    await lab.ip(server, "neigh flush dev eth0");
    await lab.ip(peer, "neigh flush dev eth0");
    expect(await reaches(peer, address, 22)).toBe(false);
    expect(await reaches(server, "192.0.2.1", 5555)).toBe(false);
    expect(await lab.pings(server, peerNic.ipv4?.address ?? "")).toBe(false);
    expect((await lab.http(server, "/latest/meta-data/hostname")).body).toBe("server");
    expect(await manager.probeSsh(serverNic, network, 5_000)).toBe(true);
    // Only SSH, and only from the host itself.
    expect(await reaches(lab.host, address, 80)).toBe(false);
    expect(await counted("droppedOut")).toBeGreaterThan(0);
  });

  it("change live: what stays allowed is not cut, what is no longer allowed is, both ways", async () => {
    await apply(group(ALL_OUT, SSH, { port: 80 }));
    const [ssh, web, outward] = [await flow(peer, address, 22), await flow(peer, address, 80), await flow(server, "192.0.2.1", 5555)];
    for (const answered of [ssh, web, outward]) expect(await grows(answered)).toBe(true);
    await apply(group(ALL_OUT, SSH, PING, { port: 8080 }));
    expect(await stops(web)).toBe(true);
    expect(await grows(ssh)).toBe(true);
    expect(await grows(outward)).toBe(true);
    await apply(group({ direction: "out", port: 7777 }, SSH));
    expect(await stops(outward)).toBe(true);
    expect(await grows(ssh)).toBe(true);
    // What was cut and not given up goes on when it may again.
    await apply(group(ALL_OUT, SSH, { port: 80 }));
    await expect.poll(() => grows(web), { timeout: 60_000 }).toBe(true);
  });

  it("let answers in and nothing else, whatever the port they come from", async () => {
    await apply(group({ direction: "out", protocol: "udp", port: 7777 }, { direction: "out", protocol: "tcp", port: 5555 }));
    expect(await reaches(server, peerNic.ipv4?.address ?? "", 7777, "udp")).toBe(true);
    expect(await reaches(server, peerNic.ipv4?.address ?? "", 5555)).toBe(true);
    expect(await reaches(server, peerNic.ipv4?.address ?? "", 7777)).toBe(false);
    // From the very port that answers come from, without having been asked.
    const unasked = await lab.node(
      peer,
      `const c = require("node:net").connect({ host: "${address}", port: 8080, localPort: 6666 }); const end = (w) => { console.log(w); process.exit(0); };
       c.on("connect", () => end("open")); c.on("error", () => end("no")); setTimeout(() => end("no"), 1500);`,
    );
    expect(unasked).toBe("no");
    expect(await lab.pings(peer, address)).toBe(false);
  });

  it("name who may come, one by one or as a group's members, and add up", async () => {
    const member = `${peerNic.ipv4?.address}/32`;
    await apply(group({ port: 80, remotes: ["203.0.113.0/24", "203.0.113.7/32"] }));
    expect(await reaches(peer, address, 80)).toBe(false);
    await apply(group({ port: 80, remotes: ["203.0.113.0/24"] }), group({ port: 80, remotes: [member, "10.0.0.0/30", "10.0.0.1/32"] }));
    expect(await reaches(peer, address, 80)).toBe(true);
    expect(await reaches(lab.host, address, 80)).toBe(false);
    await apply(group({ ports: { from: 79, to: 81 }, remotes: [member] }));
    expect(await reaches(peer, address, 80)).toBe(true);
    expect(await reaches(peer, address, 8080)).toBe(false);
  });

  it("cut nothing and count on when they are set again", async () => {
    const groups = [group(ALL_OUT, SSH)];
    await apply(...groups);
    const ssh = await flow(peer, address, 22);
    expect(await reaches(peer, address, 80)).toBe(false);
    const before = await counted("droppedIn");
    for (let round = 0; round < 5; round++) await apply(...groups);
    expect(await counted("droppedIn")).toBeGreaterThanOrEqual(before);
    expect(await grows(ssh)).toBe(true);
  });

  it("taken off leave nothing filtered, and the NIC's deletion leaves nothing at all", async () => {
    await manager.ensureSecurity(serverNic, network, null);
    expect(await reaches(peer, address, 8080)).toBe(true);
    await manager.deleteNic(serverNic.id);
    const left = (await lab.exec(lab.host, "nft", "list", "ruleset")).stdout;
    expect(left).toContain("table bridge indium-");
    await manager.deleteNic(peerNic.id);
    expect((await lab.exec(lab.host, "nft", "list", "tables")).stdout).not.toContain("bridges");
  });
});
