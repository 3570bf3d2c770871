import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InstanceId, NetworkId, NicId } from "@indium/contract/ids";
import type { DesiredInstance, GuestSecrets } from "@indium/contract/instance";
import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import { newId } from "@indium/contract/plain/ids";
import type { GuestDocument } from "../../metadata/types";
import { type RunResult, run, spawnChild } from "../../system/exec";
import { aliasOf, ownerTag, shortCandidate, TAP_PREFIX } from "../names";

/** A packet socket on the link named by the argument (packet(7)); Perl is on every Debian. */
const RAW_SOCKET = `socket(my $s, 17, 3, 0x0300) or die $!; my $i = pack("a16 x24", $ARGV[0]); ioctl($s, 0x8933, $i) or die $!; bind($s, pack("S n l x12", 17, 3, unpack("x16 l", $i))) or die $!;`;

/** Why namespaces cannot be used here, or null. */
export async function whyNoLab(): Promise<string | null> {
  if (process.getuid?.() !== 0) return "needs root to make network namespaces";
  for (const tool of ["ip", "nft", "nsenter", "busybox", "perl"]) {
    if ((await run("which", [tool], { allowFailure: true })).code !== 0) return `needs ${tool}`;
  }
  return null;
}

/**
 * A host in a namespace, a LAN behind its uplink, and guests that are namespaces too. A guest's end stands in for QEMU: a veth
 * pair whose host end bears the tap's name and alias, made before the NIC, so that the manager takes it for its tap.
 */
export class Lab {
  readonly tag: string;
  readonly host: string;
  readonly lan: string;
  stateDir = "";
  readonly #namespaces: string[] = [];
  #guests = 0;

  constructor() {
    this.tag = `${process.pid.toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`;
    this.host = `ilab-h-${this.tag}`;
    this.lan = `ilab-l-${this.tag}`;
  }

  async open(): Promise<void> {
    this.stateDir = await mkdtemp(join(tmpdir(), "indium-lab-"));
    for (const namespace of [this.host, this.lan]) await this.#namespace(namespace);
    await run("ip", ["-n", this.host, "link", "add", "uplink0", "type", "veth", "peer", "name", "eth0", "netns", this.lan]);
    await this.ip(this.host, "addr add 192.0.2.2/24 dev uplink0", "link set uplink0 up", "route add default via 192.0.2.1");
    await this.ip(this.lan, "addr add 192.0.2.1/24 dev eth0", "link set eth0 up");
  }

  /** Whatever the test left, also after a failure. */
  async close(): Promise<void> {
    const own = (await run("ip", ["netns", "list"])).stdout.split("\n").map((line) => line.split(" ")[0] ?? "");
    const mine = own.filter((name) => name.startsWith(`indium-md-${ownerTag(this.stateDir)}-`));
    for (const namespace of [...mine, ...this.#namespaces]) await run("ip", ["netns", "del", namespace], { allowFailure: true });
    await rm(this.stateDir, { recursive: true, force: true });
  }

  async #namespace(name: string): Promise<void> {
    await run("ip", ["netns", "add", name]);
    this.#namespaces.push(name);
    await run("ip", ["-n", name, "link", "set", "lo", "up"]);
  }

  async ip(namespace: string, ...lines: string[]): Promise<void> {
    await run("ip", ["-n", namespace, "-batch", "-"], { input: `${lines.join("\n")}\n` });
  }

  exec(namespace: string, file: string, ...args: string[]): Promise<RunResult> {
    return run("nsenter", [`--net=/run/netns/${namespace}`, file, ...args], { allowFailure: true, timeoutMs: 60_000 });
  }

  /** Runs JavaScript in a namespace and gives what it printed. */
  async node(namespace: string, source: string): Promise<string> {
    const result = await this.exec(namespace, process.execPath, "-e", source);
    if (result.code !== 0) throw new Error(`script failed: ${result.stderr}`);
    return result.stdout.trim();
  }

  /** Starts JavaScript in a namespace; resolves once it printed something. `stop` ends it. */
  async background(namespace: string, source: string): Promise<{ stop: () => Promise<void> }> {
    const child = spawnChild("nsenter", [`--net=/run/netns/${namespace}`, process.execPath, "-e", source]);
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once("data", () => resolve());
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`script ended with code ${String(code)}`)));
    });
    return {
      async stop() {
        child.kill("SIGKILL");
        await gone;
      },
    };
  }

  /** Puts frames on `eth0` as they are. */
  async send(namespace: string, frames: readonly Buffer[]): Promise<void> {
    const input = `${frames.map((frame) => frame.toString("hex")).join("\n")}\n`;
    await run(
      "nsenter",
      [
        `--net=/run/netns/${namespace}`,
        "perl",
        "-e",
        `${RAW_SOCKET} while (<STDIN>) { chomp; send($s, pack("H*", $_), 0) or die $!; }`,
        "eth0",
      ],
      { input },
    );
  }

  /** What a link receives, in hexadecimal, from now on. */
  async sniff(namespace: string, link = "eth0"): Promise<{ seen: () => string; stop: () => Promise<void> }> {
    const source = `$| = 1; ${RAW_SOCKET} print "up\\n"; while (sysread($s, my $b, 65536)) { print unpack("H*", $b), "\\n"; }`;
    const child = spawnChild("nsenter", [`--net=/run/netns/${namespace}`, "perl", "-e", source, link]);
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    let seen = "";
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on("data", (chunk: Buffer) => {
        seen += chunk.toString("latin1");
        resolve();
      });
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the sniffer ended with code ${String(code)}`)));
    });
    return {
      seen: () => seen,
      async stop() {
        child.kill("SIGKILL");
        await gone;
      },
    };
  }

  /** A DHCP server on the LAN, as a site has one, with 192.0.2.1 as router. */
  async dhcpServer(range: { first: string; last: string }): Promise<{ stop: () => Promise<void> }> {
    const leases = join(this.stateDir, `leases-${range.first}`);
    const config = join(this.stateDir, `udhcpd-${range.first}.conf`);
    await writeFile(leases, "");
    await writeFile(
      config,
      `start ${range.first}\nend ${range.last}\ninterface eth0\nlease_file ${leases}\npidfile ${leases}.pid\nremaining yes\nopt subnet 255.255.255.0\nopt router 192.0.2.1\nopt lease 600\n`,
    );
    const child = spawnChild("nsenter", [`--net=/run/netns/${this.lan}`, "busybox", "udhcpd", "-f", config]);
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    await new Promise<void>((resolve, reject) => {
      child.stderr?.once("data", () => resolve());
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`udhcpd ended with code ${String(code)}`)));
    });
    return {
      async stop() {
        child.kill("SIGKILL");
        await gone;
      },
    };
  }

  /** The guest asks DHCP, and takes the address and the routes of option 121 (RFC 3442), as a boot's first stage does. */
  async dhcpClient(guest: string): Promise<void> {
    const script = join(this.stateDir, "dhcp-client");
    const lines = [
      "#!/bin/sh",
      '[ "$1" = bound ] || exit 0',
      'ip addr replace "$ip/$mask" dev "$interface"',
      "set -- $staticroutes",
      "while [ $# -ge 2 ]; do",
      '  case $2 in 0.0.0.0) ip route replace "$1" dev "$interface" ;; *) ip route replace "$1" via "$2" dev "$interface" ;; esac',
      "  shift 2",
      "done",
    ];
    await writeFile(script, `${lines.join("\n")}\n`, { mode: 0o755 });
    const args = ["-i", "eth0", "-n", "-q", "-f", "-t", "8", "-T", "1", "-O", "staticroutes", "-s", script];
    const asked = await this.exec(guest, "busybox", "udhcpc", ...args);
    if (asked.code !== 0) throw new Error(`no DHCP lease in ${guest}: ${asked.stderr}`);
  }

  /** The guest's namespace; its `eth0` bears the NIC's MAC and, unless `bare`, its address. */
  async guest(nic: DesiredNic, options: { bare?: boolean } = {}): Promise<string> {
    const namespace = `ilab-g${this.#guests++}-${this.tag}`;
    await this.#namespace(namespace);
    const owner = ownerTag(this.stateDir);
    const tap = `${TAP_PREFIX}${shortCandidate(owner, nic.id, 0)}`;
    await this.ip(
      this.host,
      `link add ${tap} type veth peer name eth0 netns ${namespace}`,
      `link set ${tap} alias "${aliasOf(owner, nic.id)}"`,
    );
    // No second of waiting for rivals of its link-local address.
    await run("nsenter", [`--net=/run/netns/${namespace}`, "tee", "/proc/sys/net/ipv6/conf/eth0/accept_dad"], { input: "0" });
    await this.ip(
      namespace,
      `link set eth0 address ${nic.macAddress}`,
      ...(options.bare || nic.ipv4 === null ? [] : [`addr add ${nic.ipv4.address}/${nic.ipv4.prefixLength} dev eth0`]),
      "link set eth0 up",
      ...(options.bare || nic.ipv4 === null || nic.ipv4.gateway === null ? [] : [`route add default via ${nic.ipv4.gateway}`]),
    );
    return namespace;
  }

  /** A namespace behind the guest's, which routes and masquerades for it as Docker does. */
  async behind(guest: string): Promise<string> {
    const namespace = `ilab-c${this.#guests++}-${this.tag}`;
    await this.#namespace(namespace);
    await this.ip(
      guest,
      `link add inner type veth peer name eth0 netns ${namespace}`,
      "addr add 172.30.0.1/24 dev inner",
      "link set inner up",
    );
    await this.ip(namespace, "addr add 172.30.0.2/24 dev eth0", "link set eth0 up", "route add default via 172.30.0.1");
    await run("nsenter", [`--net=/run/netns/${guest}`, "tee", "/proc/sys/net/ipv4/ip_forward"], { input: "1" });
    const rules =
      'table ip nat {\nchain out {\ntype nat hook postrouting priority 100;\nip saddr 172.30.0.0/24 oifname "eth0" masquerade\n}\n}\n';
    await run("nsenter", [`--net=/run/netns/${guest}`, "nft", "-f", "-"], { input: rules });
    return namespace;
  }

  async pings(namespace: string, address: string, source?: string): Promise<boolean> {
    const from = source === undefined ? [] : ["-I", source];
    return (await this.exec(namespace, "busybox", "ping", "-c", "1", "-W", "1", ...from, address)).code === 0;
  }

  /** An HTTP request from within; status 0 when there was no answer. */
  async http(
    namespace: string,
    path: string,
    options: { host?: string; method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<{ status: number; body: string }> {
    const request = {
      host: options.host ?? "169.254.169.254",
      path,
      method: options.method ?? "GET",
      headers: options.headers ?? {},
      timeout: 1_500,
    };
    const printed = await this.node(
      namespace,
      `const http = require("node:http");
       const done = (status, body) => { console.log(JSON.stringify({ status, body })); process.exit(0); };
       const request = http.request(${JSON.stringify(request)}, (response) => {
         let body = ""; response.on("data", (chunk) => { body += chunk; }); response.on("end", () => done(response.statusCode, body));
       });
       request.on("error", (error) => done(0, error.message));
       request.on("timeout", () => done(0, "time-out"));
       request.end(${JSON.stringify(options.body ?? "")});`,
    );
    return JSON.parse(printed) as { status: number; body: string };
  }
}

export function natNetwork(overrides: Partial<DesiredNetwork> = {}): DesiredNetwork {
  return {
    id: newId("network") as NetworkId,
    name: "lab",
    kind: "nat",
    ipv4: { cidr: "10.231.7.0/24", gateway: "10.231.7.1" },
    ipv6: null,
    dnsServers: ["192.0.2.53"],
    mtu: 1450,
    bridgeInterface: null,
    ...overrides,
  };
}

export function assignedNic(network: DesiredNetwork, last: number, overrides: Partial<DesiredNic> = {}): DesiredNic {
  const base = network.ipv4?.cidr.split(".").slice(0, 3).join(".") ?? "10.0.0";
  return {
    id: newId("nic") as NicId,
    networkId: network.id,
    macAddress: `52:54:00:77:00:${last.toString(16).padStart(2, "0")}`,
    addressMode: "assigned",
    ipv4: { address: `${base}.${last}`, prefixLength: 24, gateway: network.kind === "nat" ? (network.ipv4?.gateway ?? null) : null },
    ipv6: null,
    ...overrides,
  };
}

export function guestDocument(
  nics: DesiredNic[],
  networks: DesiredNetwork[],
  name: string,
  secrets: GuestSecrets | null = null,
): GuestDocument {
  const instance: DesiredInstance = {
    id: newId("instance") as InstanceId,
    name,
    generation: 1,
    desired: "running",
    guestUuid: crypto.randomUUID(),
    power: null,
    stopGraceMs: 1_000,
    vcpus: 1,
    memoryBytes: 128 * 1024 * 1024,
    firmware: "bios",
    rootVolume: { id: newId("volume"), imageId: newId("image"), sizeBytes: 1 },
    nics,
    metadata: { hostname: name, sshKeys: [{ name: "me", key: "ssh-ed25519 AAAA me" }], tags: {}, availabilityZone: "lab" },
    guestAgent: "none",
    dialect: "openstack",
    metadataTokens: "optional",
    metadataHopLimit: 1,
    sealedSecrets: null,
  };
  return { instance, networks, secrets };
}
