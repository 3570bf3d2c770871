import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { DesiredPeer, OverlayCandidates, PeerPath } from "@indium/contract/direct";
import { newId } from "@indium/contract/plain/ids";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Child, connects, eventually, interfaceOf, ip, nft, removeNamespaces, why, within } from "../test-support/overlay-lab";

/**
 * A relay and six hosts in network namespaces, with real WireGuard. A and B are on the relay's segment (10.99.0.0/24), the others each behind a NAT of their own: C's and
 * D's give each connection another port, E's and F's keep ports. The test is the centre: it tells each host of a pair what the other told.
 */
if (why !== null) console.log(`The tests of direct tunnels are left out: ${why}.`);

const id = process.pid % 100_000;
const NAMES = ["A", "B", "C", "D", "E", "F"] as const;
type Name = (typeof NAMES)[number];
const BEHIND_NAT = ["C", "D", "E", "F"] as const satisfies Name[];
const ns = Object.fromEntries(["R", ...NAMES].map((name) => [name, `idt${name}-${id}`])) as Record<Name | "R", string>;
const nat = Object.fromEntries(BEHIND_NAT.map((name) => [name, `idtN${name}-${id}`])) as Record<(typeof BEHIND_NAT)[number], string>;
const UDP_PORT = 7785;
const PREFIX = "fd7a:1:2";
const addressOf = (name: Name) => `${PREFIX}:2::${name.toLowerCase()}`;
const SERVICE = 8000;

/** Lets nothing in that was not asked for. */
const natRules = (masquerade: "masquerade" | "masquerade fully-random") => `table ip nat {
  chain post {
    type nat hook postrouting priority 100;
    oifname "pub0" ${masquerade}
  }
}
table ip filter {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
  }
  chain forward {
    type filter hook forward priority 0; policy drop;
    iifname "lan0" accept
    ct state established,related accept
  }
}
`;
/** In A: as if B were not on its LAN. */
const NO_LAN = `table ip cut {
  chain output {
    type filter hook output priority 0; policy accept;
    ip daddr 10.99.0.11 drop
  }
  chain input {
    type filter hook input priority 0; policy accept;
    ip saddr 10.99.0.11 drop
  }
}
`;

interface Direct {
  readonly paths: PeerPath[];
  readonly told: OverlayCandidates | null;
  readonly events: string[];
}

const directory = mkdtempSync(join(tmpdir(), `indium-direct-${process.pid}-`));
const hostIds = Object.fromEntries(NAMES.map((name) => [name, newId("host")])) as Record<Name, `h-${string}`>;
const agents = {} as Record<Name, Child>;
const linkKeys = {} as Record<Name, string>;
const overlayKeys = {} as Record<Name, string>;
const programs: ChildProcess[] = [];
let relay: Child;

const directOf = (name: Name) => () => agents[name].ask<Direct>("direct");
const pathOf = async (name: Name): Promise<PeerPath | undefined> => (await directOf(name)()).paths[0];
const told = async (name: Name) => (await directOf(name)()).told;

const indexOf = (namespace: string) => /^\d+/.exec(ip("-n", namespace, "-o", "link", "show", interfaceOf(namespace)))?.[0];
const onOverlay = (name: Name) =>
  eventually(
    `${name} is on the overlay`,
    () => agents[name].ask<{ path: { kind: string } }>("state"),
    ({ path }) => path.kind === "overlay",
  );

async function startRelay(folder: string, epoch: number): Promise<string> {
  relay = new Child(ns.R, "overlay-centre", [join(directory, folder), `10.99.0.1:${UDP_PORT}`, String(UDP_PORT)]);
  const { centrePublicKey } = await relay.ask<{ centrePublicKey: string }>("start", { epoch });
  for (const [at, name] of NAMES.entries()) await relay.ask("host", { publicKey: linkKeys[name], hostId: hostIds[name], index: 0xa + at });
  await eventually(
    "the overlay is up",
    () => relay.ask<{ off: string | null }>("state", {}),
    ({ off }) => off === null,
  );
  return centrePublicKey;
}

/** What the centre's document would say to `of` about `other`. */
async function tell(of: Name, other: Name, withCandidates: boolean): Promise<void> {
  const { candidates = [], nat: there = null } = (withCandidates ? await told(other) : null) ?? {};
  const peer: DesiredPeer = {
    ...{ hostId: hostIds[other], name: `host-${other}`, publicKey: overlayKeys[other], address: addressOf(other) },
    ...{ candidates, nat: there },
  };
  await agents[of].ask("peers", { desired: [peer] });
}

/** As it goes in an installation: both are told of the pair, both tell where they are, both are told that. */
async function allow(left: Name, right: Name): Promise<void> {
  await Promise.all([tell(left, right, false), tell(right, left, false)]);
  for (const name of [left, right])
    await eventually(`${name} tells where its relay sees it`, directOf(name), ({ told }) => told !== null && told.nat !== null);
  await Promise.all([tell(left, right, true), tell(right, left, true)]);
}

const becomes = (name: Name, state: PeerPath["state"]) =>
  eventually(
    `${name} is ${state}`,
    () => pathOf(name),
    (path) => path?.state === state,
  );

/** One TCP connection from A to B that is kept busy. */
function talk() {
  const program = fileURLToPath(new URL("../test-support/echo-client.mjs", import.meta.url));
  const child = spawn("ip", ["netns", "exec", ns.A, process.execPath, program, String(SERVICE), addressOf("B")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  programs.push(child);
  let last = 0;
  if (child.stdout === null) throw new Error("no pipe");
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (Number(line) !== last + 1) throw new Error(`${line} after ${last}`);
    last += 1;
  });
  const goesOn = async (what: string) => {
    const before = last;
    await eventually(
      what,
      async () => last,
      (now) => now > before + 10,
    );
    expect(child.exitCode).toBeNull();
  };
  return { goesOn, said: () => last };
}

describe.skipIf(why !== null)("direct tunnels", () => {
  beforeAll(async () => {
    for (const namespace of [...Object.values(ns), ...Object.values(nat)]) {
      ip("netns", "add", namespace);
      ip("-n", namespace, "link", "set", "lo", "up");
    }
    ip("-n", ns.R, "link", "add", "br0", "type", "bridge");
    ip("-n", ns.R, "addr", "add", "10.99.0.1/24", "dev", "br0");
    ip("-n", ns.R, "link", "set", "br0", "up");
    const plug = (port: string, namespace: string, name: string, address: string) => {
      ip("-n", ns.R, "link", "add", port, "type", "veth", "peer", "name", name, "netns", namespace);
      ip("-n", ns.R, "link", "set", port, "master", "br0", "up");
      ip("-n", namespace, "addr", "add", address, "dev", name);
      ip("-n", namespace, "link", "set", name, "up");
    };
    plug("pA", ns.A, "eth0", "10.99.0.10/24");
    plug("pB", ns.B, "eth0", "10.99.0.11/24");
    for (const [at, name] of BEHIND_NAT.entries()) {
      plug(`p${name}`, nat[name], "pub0", `10.99.0.${21 + at}/24`);
      ip("-n", nat[name], "link", "add", "lan0", "type", "veth", "peer", "name", "eth0", "netns", ns[name]);
      ip("-n", nat[name], "addr", "add", `192.168.${at + 1}.1/24`, "dev", "lan0");
      ip("-n", nat[name], "link", "set", "lan0", "up");
      ip("-n", ns[name], "addr", "add", `192.168.${at + 1}.2/24`, "dev", "eth0");
      ip("-n", ns[name], "link", "set", "eth0", "up");
      ip("-n", ns[name], "route", "add", "default", "via", `192.168.${at + 1}.1`);
      within(nat[name], "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
      nft(nat[name], natRules(name === "C" || name === "D" ? "masquerade fully-random" : "masquerade"));
    }
    const code = `require("net").createServer(s=>{s.on("error",()=>{});s.pipe(s)}).listen(${SERVICE},"::")`;
    programs.push(spawn("ip", ["netns", "exec", ns.B, process.execPath, "-e", code], { stdio: "ignore" }));
    for (const name of NAMES) agents[name] = new Child(ns[name], "overlay-agent", [join(directory, name), "http://10.99.0.1:7783"]);
    await Promise.all(
      NAMES.map(async (name) => {
        linkKeys[name] = (await agents[name].ask<{ publicKey: string }>("key")).publicKey;
        overlayKeys[name] = (await agents[name].ask<{ publicKey: string }>("overlayKey")).publicKey;
      }),
    );
    const centrePublicKey = await startRelay("relay", 0);
    await relay.ask("pairs", {
      of: [
        [0xa, 0xb],
        [0xc, 0xd],
        [0xe, 0xf],
      ],
    });
    await Promise.all(NAMES.map((name) => agents[name].ask("start", { hostId: hostIds[name], centrePublicKey })));
    await Promise.all(NAMES.map(onOverlay));
  }, 120_000);

  afterAll(async () => {
    const end = async (child: Child | undefined) => {
      if (child?.process.exitCode === null && child.process.signalCode === null) await child.ask("close").catch(() => {});
      await child?.kill();
    };
    await Promise.all([relay, ...Object.values(agents)].map(end));
    for (const program of programs) program.kill("SIGKILL");
    removeNamespaces([...Object.values(ns), ...Object.values(nat)]);
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  it("comes up between two hosts beside each other, and a TCP connection lives through the change there and back", async () => {
    // Behind their NATs, meanwhile: the next test looks what became of it.
    const behindNats = Promise.all([allow("C", "D"), allow("E", "F")]);
    nft(ns.B, `insert rule inet ${interfaceOf(ns.B).replace("-", "_")} from_overlay tcp dport ${SERVICE} accept`);
    await eventually(
      "A reaches B through the relay",
      async () => connects(ns.A, addressOf("B"), SERVICE),
      (reached) => reached,
    );
    const { goesOn } = talk();
    await goesOn("it goes through the relay");

    const begunAt = Date.now();
    await allow("A", "B");
    for (const name of ["A", "B"] as const) {
      const path = await becomes(name, "direct");
      expect(path).toMatchObject({ reason: "direct", via: { kind: "lan" } });
      expect(path?.via?.endpoint).toMatch(name === "A" ? /^10\.99\.0\.11:/ : /^10\.99\.0\.10:/);
      expect(path?.lastHandshakeAt).toBeGreaterThan(begunAt - 1_000);
    }
    await goesOn("it goes on directly");
    // Were anything still to pass the relay, it would not now.
    const between = `iifname "${interfaceOf(ns.R)}" oifname "${interfaceOf(ns.R)}"`;
    nft(ns.R, `table inet shut { chain f { type filter hook forward priority -20; policy accept; ${between} drop\n}\n}`);
    await goesOn("it needs no relay");
    const measured = await eventually(
      "the round trip is known",
      () => pathOf("A"),
      (path) => path?.roundTripMs != null,
    );
    expect(measured?.state).toBe("direct");
    nft(ns.R, "delete table inet shut");

    nft(ns.A, NO_LAN);
    for (const name of ["A", "B"] as const)
      await eventually(
        `${name} is back`,
        () => pathOf(name),
        (path) => path?.state !== "direct",
      );
    await goesOn("it goes through the relay again");
    nft(ns.A, "delete table ip cut");
    for (const name of ["A", "B"] as const) await becomes(name, "direct");
    await goesOn("and directly again");
    const { events } = await directOf("A")();
    expect([events[0], events[1], events.at(-1)]).toEqual(["pair_direct", "pair_relayed", "pair_direct"]);
    await behindNats;
  }, 120_000);

  it("comes up through NATs that keep ports", async () => {
    for (const name of ["E", "F"] as const) {
      expect((await told(name))?.nat).toBe("keepsPorts");
      const path = await becomes(name, "direct");
      expect(path?.via).toMatchObject({ kind: "observed", endpoint: expect.stringMatching(/^10\.99\.0\.2[34]:/) });
    }
  }, 60_000);

  it("stays with the relay behind NATs that give each connection another port, and says that it is they", async () => {
    for (const name of ["C", "D"] as const) {
      expect((await told(name))?.nat).toBe("changesPorts");
      const path = await becomes(name, "relayed");
      expect(path).toMatchObject({ reason: "natBoth", via: null, lastHandshakeAt: null });
      // The relay carries it meanwhile.
      const heard = await eventually(
        `${name} hears the other`,
        () => pathOf(name),
        (now) => now?.roundTripMs != null,
      );
      expect(heard?.state).not.toBe("direct");
    }
  }, 60_000);

  it("lets nothing pass once the pair is revoked", async () => {
    const { goesOn, said } = talk();
    await goesOn("it goes on directly");
    await relay.ask("pairs", { of: [[0xc, 0xd]] });
    await agents.B.ask("peers", { desired: [] });
    // One of the two that hears of it is enough: the other hears no more answers, and their relay lets nothing through either.
    await eventually(
      "A has found out",
      () => pathOf("A"),
      (path) => path?.state !== "direct",
    );
    await becomesQuiet(said);
    expect(connects(ns.A, addressOf("B"), SERVICE)).toBe(false);
    await agents.A.ask("peers", { desired: [] });
    await eventually("A has no peer any more", directOf("A"), ({ paths }) => paths.length === 0);
    expect(connects(ns.A, addressOf("B"), SERVICE)).toBe(false);
  }, 60_000);

  it("outlives the relay, and does not mind another one", async () => {
    await Promise.all([tell("A", "B", true), tell("B", "A", true)]);
    for (const name of ["A", "B"] as const) await becomes(name, "direct");
    const { goesOn } = talk();
    await goesOn("it goes directly");
    await relay.kill();
    await eventually(
      "A has no link any more",
      () => agents.A.ask<{ link: { kind: string } }>("state"),
      ({ link }) => link.kind !== "ready",
    );
    await goesOn("it goes on without a relay");
    expect((await pathOf("A"))?.state).toBe("direct");

    // Another relay takes its place, with another key.
    const made = indexOf(ns.A);
    ip("-n", ns.R, "link", "del", interfaceOf(ns.R));
    cpSync(join(directory, "relay", "keys", "centre.key"), join(directory, "other-relay", "keys", "centre.key"));
    cpSync(join(directory, "relay", "keys", "centre.pub"), join(directory, "other-relay", "keys", "centre.pub"));
    await startRelay("other-relay", 1_000);
    for (const name of ["A", "B"] as const)
      await eventually(
        `the other relay hears ${name} in its tunnel`,
        () => relay.ask<{ health: { healthy: boolean } | null }>("state", { hostId: hostIds[name] }),
        ({ health }) => health?.healthy === true,
      );
    await goesOn("it goes on with another relay");
    expect((await pathOf("A"))?.state).toBe("direct");
    expect(indexOf(ns.A)).toBe(made);
  }, 90_000);
});

/** Waits until nothing was said for two seconds. */
async function becomesQuiet(said: () => number): Promise<void> {
  let seen = { count: said(), at: Date.now() };
  await eventually(
    "it is quiet",
    async () => {
      if (said() !== seen.count) seen = { count: said(), at: Date.now() };
      return Date.now() - seen.at;
    },
    (quietMs) => quietMs > 2_000,
  );
}
