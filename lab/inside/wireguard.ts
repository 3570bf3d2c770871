import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { after, before, test } from "node:test";
import { generateSealingKeyPair } from "@indium/tunnel/keys";
import { type OverlayInterface, type OverlaySystem, openOverlayInterface } from "@indium/tunnel/overlay/interface";
import { overlaySystem } from "../../apps/relay/src/system/exec";

/**
 * The overlay's interface by the kernel's own WireGuard, which most hosts have and most places that the tests run in do not: two hosts
 * as namespaces with a cable between them, each with an interface made by the code that agents and relays use.
 */
const NAMES = ["iwg-a", "iwg-b"] as const;
type Name = (typeof NAMES)[number];
const UDP_PORT = 7799;
const OVERLAY = { "iwg-a": "fd77:1:2:2::a", "iwg-b": "fd77:1:2:2::b" } as const;
const CABLE = { "iwg-a": "10.77.0.1", "iwg-b": "10.77.0.2" } as const;
const keys = { "iwg-a": generateSealingKeyPair(), "iwg-b": generateSealingKeyPair() };
const publicKey = (name: Name) =>
  createPublicKey(keys[name].privateKey).export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
const ip = (...args: string[]) => execFileSync("ip", args, { encoding: "utf8" });

/** As in an agent, in the host's own namespace. */
const system = (namespace: Name): OverlaySystem => ({
  run: (file, args, options) => overlaySystem.run("ip", ["netns", "exec", namespace, file, ...args], options),
  start: (file) => {
    throw new Error(`${file} was started: the kernel's WireGuard was not used`);
  },
});
const open = (name: Name): Promise<OverlayInterface> =>
  openOverlayInterface({
    system: system(name),
    name: "iwg0",
    privateKey: keys[name].privateKey,
    listenPort: UDP_PORT,
    address: OVERLAY[name],
    routes: ["fd77:1:2::/48"],
    rules: { table: "iwg0", interfaceName: "iwg0", address: OVERLAY[name], services: [] },
  });
const other = (name: Name): Name => (name === "iwg-a" ? "iwg-b" : "iwg-a");
const peerOf = (name: Name, allowedIps = [`${OVERLAY[other(name)]}/128`]) => ({
  publicKey: publicKey(other(name)),
  endpoint: `${CABLE[other(name)]}:${UDP_PORT}`,
  keepalive: 1,
  allowedIps,
});
const reaches = (from: Name): boolean => {
  try {
    execFileSync("ip", ["netns", "exec", from, "ping", "-6", "-c", "1", "-W", "5", OVERLAY[other(from)]], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

const devices: Partial<Record<Name, OverlayInterface>> = {};
const device = (name: Name): OverlayInterface => {
  const found = devices[name];
  assert.ok(found);
  return found;
};

before(() => {
  for (const name of NAMES) ip("netns", "add", name);
  ip("-n", "iwg-a", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", "iwg-b");
  for (const name of NAMES) {
    ip("-n", name, "addr", "add", `${CABLE[name]}/24`, "dev", "eth0");
    for (const link of ["lo", "eth0"]) ip("-n", name, "link", "set", link, "up");
  }
});
after(() => {
  for (const name of NAMES) ip("netns", "del", name);
});

test("the interface is the kernel's, and what an agent before left of it is no hindrance", async () => {
  for (const name of NAMES) devices[name] = await open(name);
  devices["iwg-a"] = await open("iwg-a");
  for (const name of NAMES) assert.equal(device(name).kind, "kernel");
});

test("peers reach each other, and when they did last is known", async () => {
  for (const name of NAMES) await device(name).wireguard.configure({ peers: [peerOf(name)] });
  assert.equal(reaches("iwg-a"), true);
  const [peer, ...others] = await device("iwg-a").wireguard.peers();
  assert.deepEqual(others, []);
  assert.equal(peer?.publicKey, publicKey("iwg-b"));
  assert.equal(peer?.endpoint, `${CABLE["iwg-b"]}:${UDP_PORT}`);
  assert.deepEqual(peer?.allowedIps, [`${OVERLAY["iwg-b"]}/128`]);
  assert.ok(Math.abs(Date.now() - (peer?.lastHandshakeAt ?? 0)) < 60_000);
});

test("a peer that is named again keeps its handshake; one without addresses carries nothing, and is still there", async () => {
  await device("iwg-a").wireguard.configure({ peers: [peerOf("iwg-a", [])] });
  assert.equal(reaches("iwg-a"), false);
  const [peer] = await device("iwg-a").wireguard.peers();
  assert.deepEqual(peer?.allowedIps, []);
  assert.ok(peer?.lastHandshakeAt !== null);
  await device("iwg-a").wireguard.configure({ peers: [peerOf("iwg-a")] });
  assert.equal(reaches("iwg-a"), true);
});

test("a peer that is removed is gone", async () => {
  await device("iwg-a").wireguard.configure({ remove: [publicKey("iwg-b")] });
  assert.deepEqual(await device("iwg-a").wireguard.peers(), []);
  assert.equal(reaches("iwg-b"), false);
  await device("iwg-a").wireguard.configure({ peers: [peerOf("iwg-a")] });
  assert.equal(reaches("iwg-b"), true);
});

test("a port that another program has is named", async () => {
  const taken = `require("dgram").createSocket("udp4").bind(${UDP_PORT + 1}, () => console.log("bound")); setTimeout(() => {}, 60_000)`;
  const holder = execFile("ip", ["netns", "exec", "iwg-a", process.execPath, "-e", taken]);
  await new Promise((resolve) => holder.stdout?.once("data", resolve));
  await assert.rejects(device("iwg-a").wireguard.configure({ listenPort: UDP_PORT + 1 }), /UDP port/);
  holder.kill();
});

test("thousands of peers are set at once", async () => {
  const peers = Array.from({ length: 3_000 }, (_, at) => ({
    publicKey: Buffer.concat([Buffer.alloc(28, 7), Buffer.from([at >> 8, at & 255, 0, 1])]).toString("base64"),
    allowedIps: [`fd77:1:2:2::1:${(at + 1).toString(16)}/128`],
  }));
  const began = performance.now();
  await device("iwg-b").wireguard.configure({ peers });
  console.log(`3,000 peers: ${Math.round(performance.now() - began)} ms`);
  assert.equal((await device("iwg-b").wireguard.peers()).length, 3_001);
});

test("closed, nothing of it is left", async () => {
  for (const name of NAMES) await device(name).close();
  for (const name of NAMES) {
    assert.doesNotMatch(ip("-n", name, "link", "show"), /iwg0/);
    assert.equal(execFileSync("ip", ["netns", "exec", name, "nft", "list", "tables"], { encoding: "utf8" }).trim(), "");
  }
});
