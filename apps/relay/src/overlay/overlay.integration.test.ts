import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostPath } from "@indium/contract/overlay";
import { newId } from "@indium/contract/plain/ids";
import { uapiWireGuard } from "@indium/tunnel/overlay/wireguard";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Child, connects, eventually, interfaceOf, ip, nft, removeNamespaces, why, within } from "../test-support/overlay-lab";
import { readPeers } from "./peers-file";

/**
 * A relay and two hosts in network namespaces, with real WireGuard between them. The relay's namespace has a bridge that both hosts are on
 * (10.99.0.0/24), an address of its own that no host is to reach by the overlay (fd99::1), and a service on every address (port 8000).
 */
if (why !== null) console.log(`The overlay's tests are left out: ${why}.`);

const id = process.pid % 100_000;
const ns = { R: `iovR-${id}`, A: `iovA-${id}`, B: `iovB-${id}` };
const UDP_PORT = 7785;
const PREFIX = "fd7a:1:2";
const RELAY = `${PREFIX}:1::1`;
const HOST = { A: `${PREFIX}:2::a`, B: `${PREFIX}:2::b` };

interface AgentState {
  readonly path: HostPath;
  readonly link: { kind: string; relayUrl?: string };
  readonly states: string[];
  readonly slow: number;
}
interface RelayState {
  readonly off: string | null;
  readonly health: { healthy: boolean; roundTripMs: number | null } | null;
  readonly logged: string[];
  readonly epoch: number;
}

const directory = mkdtempSync(join(tmpdir(), `indium-overlay-${process.pid}-`));
const hostIds = { A: newId("host"), B: newId("host") };
const children: Child[] = [];
const services: ChildProcess[] = [];
let relay: Child;
let agents: { A: Child; B: Child };
const relayDirectory = join(directory, "relay");
const keys = { A: "", B: "" };

async function startRelay(epoch: number): Promise<string> {
  relay = new Child(ns.R, "overlay-centre", [relayDirectory, `10.99.0.1:${UDP_PORT}`, String(UDP_PORT)]);
  children.push(relay);
  const { centrePublicKey } = await relay.ask<{ centrePublicKey: string }>("start", { epoch });
  for (const [at, name] of (["A", "B"] as const).entries())
    await relay.ask("host", { publicKey: keys[name], hostId: hostIds[name], index: 0xa + at });
  await eventually(
    "the overlay is up",
    () => relay.ask<RelayState>("state", {}),
    ({ off }) => off === null,
  );
  return centrePublicKey;
}

const stateOf = (name: "A" | "B") => () => agents[name].ask<AgentState>("state");
const healthOf = (name: "A" | "B") => () => relay.ask<RelayState>("state", { hostId: hostIds[name] });

describe.skipIf(why !== null)("the overlay", () => {
  beforeAll(async () => {
    for (const namespace of Object.values(ns)) {
      ip("netns", "add", namespace);
      ip("-n", namespace, "link", "set", "lo", "up");
    }
    ip("-n", ns.R, "link", "add", "br0", "type", "bridge");
    ip("-n", ns.R, "addr", "add", "10.99.0.1/24", "dev", "br0");
    ip("-n", ns.R, "link", "set", "br0", "up");
    ip("-n", ns.R, "addr", "add", "fd99::1/128", "dev", "lo");
    for (const [at, name] of (["A", "B"] as const).entries()) {
      ip("-n", ns.R, "link", "add", `p${name}`, "type", "veth", "peer", "name", "eth0", "netns", ns[name]);
      ip("-n", ns.R, "link", "set", `p${name}`, "master", "br0", "up");
      ip("-n", ns[name], "addr", "add", `10.99.0.${10 + at}/24`, "dev", "eth0");
      ip("-n", ns[name], "link", "set", "eth0", "up");
    }
    const serve = (namespace: string, port: number, address: string) => {
      const code = `require("net").createServer(s=>{s.on("error",()=>{});s.end("hello")}).listen(${port},"${address}")`;
      services.push(spawn("ip", ["netns", "exec", namespace, process.execPath, "-e", code], { stdio: "ignore" }));
    };
    for (const namespace of Object.values(ns)) serve(namespace, 8000, "::");
    // The port that the overlay lets through, on an address that is not the overlay's.
    serve(ns.R, 7786, "fd99::1");
    agents = {
      A: new Child(ns.A, "overlay-agent", [join(directory, "A"), "http://10.99.0.1:7783"]),
      B: new Child(ns.B, "overlay-agent", [join(directory, "B"), "http://10.99.0.1:7783"]),
    };
    children.push(agents.A, agents.B);
    for (const name of ["A", "B"] as const) keys[name] = (await agents[name].ask<{ publicKey: string }>("key")).publicKey;
    const centrePublicKey = await startRelay(0);
    for (const name of ["A", "B"] as const) await agents[name].ask("start", { hostId: hostIds[name], centrePublicKey });
  }, 120_000);

  afterAll(async () => {
    for (const child of children) {
      if (child.process.exitCode === null && child.process.signalCode === null) await child.ask("close").catch(() => {});
      await child.kill();
    }
    for (const service of services) service.kill("SIGKILL");
    removeNamespaces(Object.values(ns));
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  it("comes up by itself, and links move to it: calls go over WireGuard, and both sides measure it", async () => {
    for (const name of ["A", "B"] as const) {
      const { path, states } = await eventually(`${name} is on the overlay`, stateOf(name), ({ path }) => path.kind === "overlay");
      expect(path).toMatchObject({ reason: "healthy", detail: null });
      expect(path.roundTripMs).toBeLessThan(500);
      expect(states).toContain("ready http://10.99.0.1:7783");
      expect(states.at(-1)).toBe(`ready http://[${RELAY}]:7786`);
      expect(states).not.toContain("waiting");
      const seen = await eventually("the relay hears it", healthOf(name), ({ health }) => health?.roundTripMs != null);
      expect(seen.health?.healthy).toBe(true);
    }
    // Nothing else is let through to the relay: were the link not in the tunnel, this call would not arrive.
    nft(ns.A, "table ip cut { chain o { type filter hook output priority 0; policy accept; tcp dport 7783 reject with tcp reset\n}\n}");
    expect(await relay.ask("call", { hostId: hostIds.A, path: "clock", timeoutMs: 5_000 })).toBeTruthy();
    nft(ns.A, "delete table ip cut");
  }, 90_000);

  it("keeps hosts apart, and from the relay's other addresses; a relay reaches nothing of theirs", async () => {
    // What a host may be made to do: its own table lets B's service through, and A sends to whatever address it likes.
    const [toB, toA] = [interfaceOf(ns.B), interfaceOf(ns.A)];
    nft(ns.B, `insert rule inet ${toB.replace("-", "_")} from_overlay tcp dport 8000 accept`);
    const device = uapiWireGuard(toA);
    const [peer] = await device.peers();
    if (peer === undefined) throw new Error("A has no peer");
    await device.configure({ peers: [{ publicKey: peer.publicKey, allowedIps: [`${PREFIX}::/48`, "fd99::1/128"] }] });
    ip("-n", ns.A, "-6", "route", "add", "fd99::1/128", "dev", toA);
    expect(connects(ns.R, "fd99::1", 8000)).toBe(true);
    expect(connects(ns.A, "fd99::1", 8000)).toBe(false);
    expect(connects(ns.R, "fd99::1", 7786)).toBe(true);
    expect(connects(ns.A, "fd99::1", 7786)).toBe(false);
    expect(connects(ns.A, RELAY, 8000)).toBe(false);
    expect(connects(ns.A, RELAY, 7786)).toBe(true);
    // As if the relay's machine were a router anyway.
    within(ns.R, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
    expect(connects(ns.A, HOST.B, 8000)).toBe(false);
    // The relay reaches what a host's own rules let through, and nothing else.
    expect(connects(ns.R, HOST.B, 8000)).toBe(true);
    expect(connects(ns.R, HOST.A, 8000)).toBe(false);
  }, 60_000);

  it("lets a pair of hosts reach each other once it is allowed, and no longer once it is revoked", async () => {
    await relay.ask("pairs", { of: [[0xa, 0xb]] });
    await eventually(
      "A reaches B",
      async () => connects(ns.A, HOST.B, 8000),
      (reached) => reached,
    );
    expect(connects(ns.B, HOST.A, 8000)).toBe(false);
    await relay.ask("pairs", { of: [] });
    await eventually(
      "A reaches B no more",
      async () => connects(ns.A, HOST.B, 8000),
      (reached) => !reached,
    );
  }, 60_000);

  it("goes over websocket while UDP is blocked and back afterwards, and loses no call", async () => {
    let calling = true;
    const failures: string[] = [];
    let answered = 0;
    const calls = (async () => {
      while (calling) {
        // Three at once: one that takes its time is under way at each change.
        await Promise.all(
          ["clock", "slow", "slow"].map((path) =>
            relay.ask("call", { hostId: hostIds.A, path, timeoutMs: 20_000 }).then(
              () => {
                answered += 1;
              },
              (thrown: unknown) => void failures.push(String(thrown)),
            ),
          ),
        );
      }
    })();
    nft(ns.A, `table inet cut { chain o { type filter hook output priority 0; policy accept; udp dport ${UDP_PORT} drop\n}\n}`);
    const blocked = await eventually("A is on the websocket", stateOf("A"), ({ path }) => path.kind === "websocket");
    expect(blocked.path).toMatchObject({ reason: "silent" });
    expect(blocked.path.overlayHeardAt).toBeGreaterThan(Date.now() - 60_000);
    nft(ns.A, "delete table inet cut");
    const back = await eventually("A is on the overlay again", stateOf("A"), ({ path }) => path.kind === "overlay");
    calling = false;
    await calls;
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(6);
    expect(back.states).not.toContain("waiting");
    // Each call was carried out once, though some were sent over two links.
    expect((await stateOf("A")()).slow).toBe((answered * 2) / 3);
  }, 120_000);

  it("is there again within seconds of a relay that was killed, hosts idle or not", async () => {
    const { epoch } = await healthOf("B")();
    // The relay looks where its peers are every 15 s, and when a host asks where it is seen: that may have been before B was heard.
    await eventually(
      "B's endpoint is kept",
      async () => (await readPeers(join(relayDirectory, "peers.json"))).find(({ hostId }) => hostId === hostIds.B)?.endpoint ?? null,
      (endpoint) => endpoint !== null,
      30_000,
    );
    await relay.kill();
    // An idle host: it says nothing of its own, so only the relay's greeting can wake the tunnel.
    nft(ns.B, `table inet idle { chain o { type filter hook output priority 0; policy accept; oifname "${interfaceOf(ns.B)}" drop\n}\n}`);
    await startRelay(epoch);
    const handshake = async () => {
      const [peer] = await uapiWireGuard(interfaceOf(ns.R))
        .peers()
        .then((peers) => peers.filter(({ allowedIps }) => allowedIps[0]?.startsWith(HOST.B)));
      return peer?.lastHandshakeAt ?? null;
    };
    // WireGuard knocks a second time after 5 s; without the greeting it takes more than two minutes.
    await eventually("the tunnel to B is up", handshake, (at) => at !== null, 12_000);
    nft(ns.B, "delete table inet idle");
    await eventually("B is heard", healthOf("B"), ({ health }) => health?.healthy === true, 15_000);
    // Until they have noticed, hosts speak of the link that was: what counts is that the new relay gets answers, and then by which way.
    for (const name of ["A", "B"] as const) {
      const call = () => relay.ask("call", { hostId: hostIds[name], path: "clock", timeoutMs: 5_000 }).catch(() => null);
      await eventually(`${name} answers the new relay`, call, (answer) => answer !== null, 90_000);
      await eventually(`${name} is on the overlay`, stateOf(name), ({ path }) => path.kind === "overlay", 90_000);
      expect(await call()).toBeTruthy();
    }
  }, 180_000);
});
