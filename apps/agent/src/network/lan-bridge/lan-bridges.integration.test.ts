import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DesiredNetwork } from "@indium/contract/network";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { LinkWitness } from "../../link/link-witness";
import { createMetadataService } from "../../metadata/service";
import { run, spawnChild } from "../../system/exec";
import { createNetworkManager } from "../manager";
import { lanBridgeName, ownerTag } from "../names";
import { assignedNic, guestDocument, Lab, natNetwork, whyNoLab } from "../testing/lab";

const skip = await whyNoLab();
if (skip !== null) console.warn(`LAN bridge integration tests skipped: ${skip}`);

/** On a machine where nine others build, a process may take seconds to start. */
const LIMIT_MS = 15_000;

describe.skipIf(skip !== null)("a bridge of the host's own uplink", () => {
  const lab = new Lab();
  const ends: (() => Promise<void> | void)[] = [];
  let echoedAt = 0;
  /** A TCP connection to the router that stands for the centre: whatever was sent then has been answered. */
  const link: LinkWitness = {
    get state() {
      return Date.now() - echoedAt < 5_000 ? "linked" : "down";
    },
    provenSince: (at) => echoedAt > at,
  };
  const bridgeOf = (network: DesiredNetwork): string => lanBridgeName(ownerTag(lab.stateDir), network.id);
  const ofUplink = (uplink = "uplink0"): DesiredNetwork =>
    natNetwork({ kind: "bridge", mtu: 1500, ipv4: { cidr: "192.0.2.0/24", gateway: "192.0.2.1" }, uplinkInterface: uplink });
  const agent = (options: { limitMs?: number; link?: LinkWitness } = {}) => {
    const metadata = createMetadataService({ log: () => {} });
    const manager = createNetworkManager({
      stateDir: lab.stateDir,
      metadata,
      vmUid: 65_534,
      hostNetns: lab.host,
      lanBridgeLimitMs: options.limitMs ?? LIMIT_MS,
      ...(options.link === undefined ? {} : { link: options.link }),
      log: () => {},
    });
    ends.push(() => manager.close());
    return { manager, metadata };
  };

  /** Every address and route of the host, as the kernel words them. */
  async function picture(): Promise<string[]> {
    const lines: string[] = [];
    for (const args of [
      ["-o", "addr", "show"],
      ["-o", "-4", "route", "show", "table", "all"],
      ["-o", "-6", "route", "show", "table", "all"],
    ])
      lines.push(...(await run("ip", ["-n", lab.host, ...args])).stdout.split("\n"));
    // Indices differ, and so do lifetimes and what the kernel does for link-local space of each interface by itself.
    return lines
      .map((line) =>
        line
          .replace(/^\d+:\s+/, "")
          .replace(/\d+sec/g, "sec")
          .replace(/\s+/g, " ")
          .trim(),
      )
      .filter((line) => line !== "" && !/fe80::|ff00::|^multicast/.test(line))
      .sort();
  }
  const master = async (): Promise<string> => (await run("ip", ["-n", lab.host, "-o", "link", "show", "uplink0"])).stdout;
  const until = async (what: () => Promise<boolean>, ms = 60_000): Promise<void> => {
    for (const end = Date.now() + ms; !(await what()); await new Promise((done) => setTimeout(done, 50)))
      if (Date.now() > end) throw new Error("it did not come to that");
  };
  const nft = async (rules: string): Promise<void> => {
    await run("nsenter", [`--net=/run/netns/${lab.host}`, "nft", "-f", "-"], { input: rules });
  };
  const droppingInput = (family: string): string =>
    `table ${family} lose {\nchain in {\ntype filter hook input priority 0;\niifname "uplink0" drop\n}\n}\n`;
  /** As a switch or hypervisor that takes nothing from a bridge: what passes through one is lost. */
  const loseBridged = async (lose: boolean): Promise<void> => {
    const rules = "table bridge lose {\nchain in {\ntype filter hook prerouting priority 0; policy drop;\n}\n}\n";
    await nft(`table bridge lose\ndelete table bridge lose\n${lose ? rules : ""}`);
  };
  /** What the host's own configuration says of its uplink; `route add default` of the lab goes first. */
  const configuration = [
    "addr add 192.0.2.3/24 dev uplink0",
    "addr add 10.5.0.2/16 brd + dev uplink0",
    "addr add 2001:db8:9::2/64 dev uplink0 nodad",
    "addr add 2001:db8:9::77/64 dev uplink0 nodad valid_lft 4000 preferred_lft 3000",
    "route add default via 192.0.2.1 dev uplink0 proto static metric 100",
    "route add default via 10.5.0.1 dev uplink0 metric 900",
    "route add 203.0.113.0/24 via 192.0.2.1 dev uplink0 src 192.0.2.3 mtu 1400",
    "route add 198.51.100.7 dev uplink0 scope link table 77",
    "route add ::/0 via 2001:db8:9::1 dev uplink0 metric 50",
    "route add 2001:db8:aa::/48 via 2001:db8:9::1 dev uplink0",
  ];

  beforeAll(async () => {
    await lab.open();
    // uplink0 has 192.0.2.2/24 already.
    await lab.ip(lab.host, "route del default", ...configuration, "link add spare0 type veth peer name sparex");
    await lab.ip(lab.lan, "addr add 2001:db8:9::1/64 dev eth0 nodad", "addr add 10.5.0.1/16 dev eth0");
    const router = await lab.background(
      lab.lan,
      `require("node:net").createServer((socket) => { socket.pipe(socket); socket.on("error", () => {}); })
         .listen(7000, "0.0.0.0", () => console.log("listening"));`,
    );
    ends.push(router.stop);
    const client = spawnChild("nsenter", [
      `--net=/run/netns/${lab.host}`,
      process.execPath,
      "-e",
      `const socket = require("node:net").connect(7000, "192.0.2.1");
       setInterval(() => socket.write(Date.now() + "\\n"), 100);
       socket.on("data", (chunk) => process.stdout.write(chunk));
       socket.on("error", () => process.exit(1)); socket.on("close", () => process.exit(1));`,
    ]);
    client.stdout?.on("data", (chunk: Buffer) => {
      echoedAt = Math.max(
        echoedAt,
        ...chunk
          .toString()
          .split("\n")
          .map(Number)
          .filter((at) => at > 1e12),
      );
    });
    ends.push(() => void client.kill("SIGKILL"));
    // One connection for all of it: it must outlive every change and every putting back.
    client.once("exit", () => {
      echoedAt = Number.NEGATIVE_INFINITY;
    });
    await until(() => Promise.resolve(link.state === "linked"));
  });
  afterEach(() => loseBridged(false));
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
    await lab.close();
  });

  const attemptsLeft = async (): Promise<string[]> =>
    (await readdir(join(lab.stateDir, "network", "lan-bridges"))).filter((name) => name !== "journal.json");

  it("moves addresses and routes over and back, and the link to the centre outlives both", async () => {
    const network = ofUplink();
    const bridge = bridgeOf(network);
    const before = await picture();
    const { manager, metadata } = agent({ link });
    await manager.ensureNetwork(network);
    expect(await master()).toContain(`master ${bridge}`);
    expect(await picture()).toEqual(before.map((line) => line.replaceAll("uplink0", bridge)).sort());
    expect(await attemptsLeft()).toEqual([]);

    // Once more changes nothing; what comes back to the uplink follows.
    await manager.ensureNetwork(network);
    await lab.ip(lab.host, "addr add 192.0.2.2/24 dev uplink0", "route add 192.0.2.99 dev uplink0");
    await manager.ensureNetwork(network);
    await lab.ip(lab.host, `route del 192.0.2.99 dev ${bridge}`);
    expect(await picture()).toEqual(before.map((line) => line.replaceAll("uplink0", bridge)).sort());

    // A guest on it is in the LAN; while it is there the bridge stays.
    const nic = assignedNic(network, 40);
    const document = guestDocument([nic], [network], "lanes");
    const guest = await lab.guest(nic);
    metadata.setDocument(document);
    await manager.ensureNic(nic, network, document.instance.id);
    expect(await lab.pings(guest, "192.0.2.1")).toBe(true);
    expect(await lab.pings(lab.lan, "192.0.2.40")).toBe(true);
    await lab.ip(guest, "route add default via 192.0.2.1");
    expect((await lab.http(guest, "/latest/meta-data/hostname")).body).toBe("lanes");
    await lab.ip(guest, "addr add 192.0.2.41/24 dev eth0");
    expect(await lab.pings(guest, "192.0.2.1", "192.0.2.41")).toBe(false);
    await expect(manager.deleteNetwork(network.id)).rejects.toMatchObject({ code: "network_failed" });
    await manager.deleteNic(nic.id);

    await manager.deleteNetwork(network.id);
    expect(await picture()).toEqual(before);
    expect((await run("ip", ["-n", lab.host, "link"])).stdout).not.toContain("inbr-");
    expect(await attemptsLeft()).toEqual([]);
    await until(() => Promise.resolve(link.state === "linked"));
  });

  it("puts everything back when the link is lost, says so, and does not try again by itself", async () => {
    const network = ofUplink();
    const before = await picture();
    await loseBridged(true);
    const { manager } = agent({ limitMs: 4_000, link });
    const failure = { code: "network_failed", message: expect.stringMatching(/gateway 192.0.2.1 no longer answered.*put back as it was/) };
    await expect(manager.ensureNetwork(network)).rejects.toMatchObject(failure);
    expect(await picture()).toEqual(before);
    await loseBridged(false);
    const started = Date.now();
    await expect(manager.ensureNetwork(network)).rejects.toMatchObject(failure);
    expect(Date.now() - started).toBeLessThan(3_000);
    expect(await picture()).toEqual(before);
    await until(() => Promise.resolve(link.state === "linked"));
    await manager.deleteNetwork(network.id);
    expect(await picture()).toEqual(before);
  });

  it("keeps the bridge when the way back cannot prove itself", async () => {
    const network = ofUplink();
    await agent({ link }).manager.ensureNetwork(network);
    const standing = await picture();
    await nft(`${droppingInput("inet")}${droppingInput("arp")}`);
    try {
      await expect(agent({ limitMs: 4_000, link }).manager.deleteNetwork(network.id)).rejects.toMatchObject({
        message: expect.stringContaining("tried again in ten minutes"),
      });
      expect(await picture()).toEqual(standing);
      await until(() => Promise.resolve(link.state === "linked"));
    } finally {
      await nft("delete table inet lose\ndelete table arp lose\n");
    }
    await agent({ link }).manager.deleteNetwork(network.id);
  });

  /** An agent in a process of its own, killed while its change waits for a proof that cannot come. */
  async function killMidway(network: DesiredNetwork, limitMs: number): Promise<void> {
    await loseBridged(true);
    const script = fileURLToPath(new URL("../testing/make-lan-bridge.ts", import.meta.url));
    const input = JSON.stringify({ stateDir: lab.stateDir, hostNetns: lab.host, network, lanBridgeLimitMs: limitMs });
    const child = spawnChild(process.execPath, ["--import", "tsx", script, input], { stdio: ["ignore", "ignore", "inherit"] });
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    try {
      await until(async () => (await master()).includes("master inbr-"));
    } finally {
      child.kill("SIGKILL");
      await gone;
    }
  }

  it("is put back by the switch when the agent is killed and never comes again", async () => {
    const network = ofUplink();
    const before = await picture();
    await killMidway(network, LIMIT_MS);
    expect(await picture()).not.toEqual(before);
    await until(async () => !(await master()).includes("master"));
    await until(async () => JSON.stringify(await picture()) === JSON.stringify(before), 10_000);
    await until(() => Promise.resolve(link.state === "linked"));
    const { manager } = agent({ link });
    await expect(manager.ensureNetwork(network)).rejects.toMatchObject({ message: expect.stringContaining("put back as it was") });
    await manager.deleteNetwork(network.id);
    expect(await picture()).toEqual(before);
  });

  it("is put back by the next agent first of all", async () => {
    const network = ofUplink();
    const before = await picture();
    await killMidway(network, 300_000);
    agent({ link });
    await until(async () => JSON.stringify(await picture()) === JSON.stringify(before), 30_000);
    const { manager } = agent({ link });
    await expect(manager.ensureNetwork(network)).rejects.toMatchObject({ message: expect.stringContaining("ended while") });
    await manager.deleteNetwork(network.id);
  });

  it("is made again after a reboot, once the gateway answers, without the centre", async () => {
    const network = ofUplink();
    const before = await picture();
    await agent({ link }).manager.ensureNetwork(network);
    const standing = await picture();
    // As a boot leaves it: no bridge, nothing on the uplink yet.
    await lab.ip(lab.host, `link del ${bridgeOf(network)}`);
    const { manager } = agent({ link: { state: "down", provenSince: () => false } });
    await expect(manager.ensureNetwork(network)).rejects.toMatchObject({ message: expect.stringContaining("nothing could prove") });
    expect(await master()).not.toContain("master");
    // Then the host's own configuration.
    await lab.ip(lab.host, "addr add 192.0.2.2/24 dev uplink0", ...configuration);
    expect(await picture()).toEqual(before);
    await manager.ensureNetwork(network);
    expect(await picture()).toEqual(standing);
    await manager.deleteNetwork(network.id);
    expect(await picture()).toEqual(before);
  });

  it("refuses what it cannot make a bridge of, and touches nothing", async () => {
    const before = await picture();
    const { manager } = agent({ link });
    const tried = async (uplink: string): Promise<unknown> => {
      const network = ofUplink(uplink);
      const error = await manager.ensureNetwork(network).catch((thrown: unknown) => thrown);
      await manager.deleteNetwork(network.id);
      return error;
    };
    expect(await tried("nothere0")).toMatchObject({ message: "This host has no interface nothere0." });
    expect(await tried("lo")).toMatchObject({ message: "lo is the loopback." });
    expect(await tried("spare0")).toMatchObject({ message: expect.stringContaining("spare0 is down") });
    await lab.ip(lab.host, "link add other0 type bridge", "link set spare0 master other0");
    expect(await tried("spare0")).toMatchObject({ message: expect.stringContaining("Choose that as an existing bridge") });
    expect(await tried("other0")).toMatchObject({ message: expect.stringContaining("is a bridge already") });
    await lab.ip(lab.host, "link del other0", "rule add iif uplink0 table 77");
    expect(await tried("uplink0")).toMatchObject({ message: expect.stringContaining("ip rule") });
    await lab.ip(lab.host, "rule del iif uplink0 table 77", "addr add 192.0.2.200/24 dev uplink0 valid_lft 600 preferred_lft 600");
    expect(await tried("uplink0")).toMatchObject({ message: expect.stringContaining("by DHCP") });
    await lab.ip(lab.host, "addr del 192.0.2.200/24 dev uplink0");
    await nft('table inet fw {\nchain input {\ntype filter hook input priority 0;\niifname "uplink0" tcp dport 9999 drop\n}\n}\n');
    expect(await tried("uplink0")).toMatchObject({ message: expect.stringContaining("firewall") });
    await nft("delete table inet fw\n");
    expect(await picture()).toEqual(before);
  });

  it("waits for the link before it tries a first time", async () => {
    const before = await picture();
    const network = ofUplink();
    const { manager } = agent({ link: { state: "down", provenSince: () => false } });
    await expect(manager.ensureNetwork(network)).rejects.toMatchObject({ message: expect.stringContaining("once this host is linked") });
    expect(await picture()).toEqual(before);
    await agent({ link }).manager.ensureNetwork(network);
    await agent({ link }).manager.deleteNetwork(network.id);
    expect(await picture()).toEqual(before);
  });
});
