import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DesiredPeer, OverlayCandidates, PeerPath } from "@indium/contract/direct";
import { newId } from "@indium/contract/plain/ids";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Child, eventually, ip, nft, removeNamespaces, why, within } from "../test-support/overlay-lab";

/**
 * The ways that are left where NATs give each connection another port. Every host here is behind such a one: G and H have IPv6 as well, through firewalls that let nothing in
 * that was not asked for; J has a forwarded port, and K nothing.
 */
if (why !== null) console.log(`The tests of direct tunnels' other ways are left out: ${why}.`);

const id = process.pid % 100_000;
const NAMES = ["G", "H", "J", "K"] as const;
type Name = (typeof NAMES)[number];
const namespaces = (kind: string) => Object.fromEntries(NAMES.map((name) => [name, `${kind}${name}-${id}`])) as Record<Name, string>;
const ns = namespaces("idw");
const router = namespaces("idwN");
const relayNs = `idwR-${id}`;
const PREFIX = "fd7a:1:2";
const FORWARDED = { outside: 40_000, inside: 51_820 };
/** J's router. */
const DECLARED = `10.99.0.23:${FORWARDED.outside}`;

/** Another port for each connection, and nothing in that was not asked for, by IPv4 and IPv6. */
const rules = (forward: string) => `table ip nat {
  chain post {
    type nat hook postrouting priority 100;
    oifname "pub0" masquerade fully-random
  }
  chain pre {
    type nat hook prerouting priority -100;
    ${forward}
  }
}
table inet filter {
  chain forward {
    type filter hook forward priority 0; policy drop;
    iifname "lan0" accept
    ct status dnat accept
    ct state established,related accept
  }
}
`;

interface Direct {
  readonly paths: PeerPath[];
  readonly told: OverlayCandidates | null;
}

const directory = mkdtempSync(join(tmpdir(), `indium-ways-${process.pid}-`));
const hostIds = Object.fromEntries(NAMES.map((name) => [name, newId("host")])) as Record<Name, `h-${string}`>;
const agents = {} as Record<Name, Child>;
const overlayKeys = {} as Record<Name, string>;
let relay: Child;

const directOf = (name: Name) => agents[name].ask<Direct>("direct");

async function tell(of: Name, other: Name, candidates: OverlayCandidates | null): Promise<void> {
  const peer: DesiredPeer = {
    ...{ hostId: hostIds[other], name: `host-${other}`, publicKey: overlayKeys[other] },
    ...{ address: `${PREFIX}:2::${(0xa + NAMES.indexOf(other)).toString(16)}` },
    ...{ candidates: candidates?.candidates ?? [], nat: candidates?.nat ?? null },
  };
  await agents[of].ask("peers", { desired: [peer] });
}

/** As it goes in an installation: both are told of the pair, both tell where they are, both are told that. What each told. */
async function allow(left: Name, right: Name): Promise<Partial<Record<Name, OverlayCandidates>>> {
  await Promise.all([tell(left, right, null), tell(right, left, null)]);
  const told: Partial<Record<Name, OverlayCandidates>> = {};
  for (const name of [left, right]) {
    const direct = await eventually(
      `${name} tells where its relay sees it`,
      () => directOf(name),
      ({ told }) => told !== null && told.nat !== null,
    );
    if (direct.told !== null) told[name] = direct.told;
  }
  await Promise.all([tell(left, right, told[right] ?? null), tell(right, left, told[left] ?? null)]);
  return told;
}

const goesDirectly = async (name: Name): Promise<PeerPath | undefined> => {
  const { paths } = await eventually(
    `${name} goes directly, and its heartbeats are answered`,
    () => directOf(name),
    ({ paths: [path] }) => path?.state === "direct" && path.roundTripMs !== null,
  );
  return paths[0];
};

describe.skipIf(why !== null)("direct tunnels through NATs that give each connection another port", () => {
  beforeAll(async () => {
    for (const namespace of [relayNs, ...Object.values(ns), ...Object.values(router)]) {
      ip("netns", "add", namespace);
      ip("-n", namespace, "link", "set", "lo", "up");
    }
    ip("-n", relayNs, "link", "add", "br0", "type", "bridge");
    ip("-n", relayNs, "addr", "add", "10.99.0.1/24", "dev", "br0");
    ip("-n", relayNs, "link", "set", "br0", "up");
    for (const [at, name] of NAMES.entries()) {
      ip("-n", relayNs, "link", "add", `p${name}`, "type", "veth", "peer", "name", "pub0", "netns", router[name]);
      ip("-n", relayNs, "link", "set", `p${name}`, "master", "br0", "up");
      ip("-n", router[name], "link", "add", "lan0", "type", "veth", "peer", "name", "eth0", "netns", ns[name]);
      for (const [namespace, device, address] of [
        [router[name], "pub0", `10.99.0.${21 + at}/24`],
        [router[name], "lan0", `192.168.${at + 1}.1/24`],
        [ns[name], "eth0", `192.168.${at + 1}.2/24`],
      ] as const) {
        ip("-n", namespace, "addr", "add", address, "dev", device);
        ip("-n", namespace, "link", "set", device, "up");
      }
      ip("-n", ns[name], "route", "add", "default", "via", `192.168.${at + 1}.1`);
      within(router[name], "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
      const { outside, inside } = FORWARDED;
      nft(router[name], rules(name === "J" ? `iifname "pub0" udp dport ${outside} dnat to 192.168.${at + 1}.2:${inside}` : ""));
      if (name !== "G" && name !== "H") continue;
      ip("-n", router[name], "addr", "add", `2001:db8:99::${at + 1}/64`, "dev", "pub0", "nodad");
      ip("-n", router[name], "addr", "add", `2001:db8:${at + 1}::1/64`, "dev", "lan0", "nodad");
      ip("-n", ns[name], "addr", "add", `2001:db8:${at + 1}::2/64`, "dev", "eth0", "nodad");
      ip("-n", ns[name], "-6", "route", "add", "default", "via", `2001:db8:${at + 1}::1`);
      ip("-n", router[name], "-6", "route", "add", `2001:db8:${2 - at}::/64`, "via", `2001:db8:99::${2 - at}`, "dev", "pub0");
    }
    for (const name of NAMES) agents[name] = new Child(ns[name], "overlay-agent", [join(directory, name), "http://10.99.0.1:7783"]);
    relay = new Child(relayNs, "overlay-centre", [join(directory, "relay"), "10.99.0.1:7785", "7785"]);
    const { centrePublicKey } = await relay.ask<{ centrePublicKey: string }>("start", { epoch: 0 });
    await Promise.all(
      NAMES.map(async (name, at) => {
        const { publicKey } = await agents[name].ask<{ publicKey: string }>("key");
        overlayKeys[name] = (await agents[name].ask<{ publicKey: string }>("overlayKey")).publicKey;
        await relay.ask("host", { publicKey, hostId: hostIds[name], index: 0xa + at });
      }),
    );
    await relay.ask("pairs", {
      of: [
        [0xa, 0xb],
        [0xc, 0xd],
      ],
    });
    await eventually(
      "the overlay is up",
      () => relay.ask<{ off: string | null }>("state", {}),
      ({ off }) => off === null,
    );
    for (const name of NAMES) {
      const declared = name === "J" ? { listenPort: FORWARDED.inside, declaredEndpoint: DECLARED } : {};
      await agents[name].ask("start", { hostId: hostIds[name], centrePublicKey, ...declared });
    }
    for (const name of NAMES)
      await eventually(
        `${name} is on the overlay`,
        () => agents[name].ask<{ path: { kind: string } }>("state"),
        ({ path }) => path.kind === "overlay",
      );
  }, 120_000);

  afterAll(async () => {
    for (const child of [relay, ...Object.values(agents)]) {
      if (child?.process.exitCode === null && child.process.signalCode === null) await child.ask("close").catch(() => {});
      await child?.kill();
    }
    removeNamespaces([relayNs, ...Object.values(ns), ...Object.values(router)]);
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  it("go by IPv6, through a firewall on either side", async () => {
    const told = await allow("G", "H");
    expect(told.G?.candidates.map(({ kind }) => kind)).toEqual(["lan", "ipv6", "observed"]);
    for (const [name, other] of [
      ["G", "2"],
      ["H", "1"],
    ] as const) {
      expect(told[name]?.nat).toBe("changesPorts");
      const path = await goesDirectly(name);
      expect(path?.via?.kind).toBe("ipv6");
      expect(path?.via?.endpoint).toMatch(new RegExp(`^\\[2001:db8:${other}::2\\]:\\d+$`));
    }
  }, 90_000);

  it("go by a forwarded port that was declared, on one side", async () => {
    const told = await allow("J", "K");
    expect(told.J?.candidates.at(-1)).toEqual({ kind: "declared", endpoint: DECLARED });
    expect((await goesDirectly("K"))?.via).toEqual({ kind: "declared", endpoint: DECLARED });
    // K knocked from a port that its NAT made up.
    const path = await goesDirectly("J");
    expect(path?.via?.kind).toBeNull();
    expect(path?.via?.endpoint).toMatch(/^10\.99\.0\.24:\d+$/);
  }, 90_000);
});
