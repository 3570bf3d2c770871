import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DesiredPeer, type OverlayCandidates, type PeerPath } from "@indium/contract/direct";
import { newId } from "@indium/contract/plain/ids";
import { loadOrCreateKeyPair } from "@indium/tunnel/key-files";
import { openOverlayInterface } from "@indium/tunnel/overlay/interface";
import { DirectTunnels } from "../../apps/agent/src/overlay/direct-tunnels";
import { createLog } from "../../apps/agent/src/system/log";
import { overlaySystem } from "../../apps/agent/src/system/overlay-system";

/**
 * A direct tunnel by the kernel's own WireGuard, which most hosts have and most places that the tests run in do not: two hosts as namespaces with a cable between
 * them, each with an agent's own code in a process of its own. The test is the centre: it tells each what the other told.
 */
const NAMES = ["idt-a", "idt-b"] as const;
type Name = (typeof NAMES)[number];
const PREFIX = "fd78:1:2";
const OVERLAY = { "idt-a": `${PREFIX}:2::a`, "idt-b": `${PREFIX}:2::b` } as const;
const CABLE = { "idt-a": "10.78.0.1", "idt-b": "10.78.0.2" } as const;
const [, program = "", role = ""] = process.argv;

interface Said {
  readonly publicKey: string;
  readonly kind: string;
  readonly told: OverlayCandidates | null;
  readonly paths: readonly PeerPath[];
}

if (NAMES.some((name) => name === role)) await beHost(role as Name);
else tests();

/** In its namespace: says each second how it is, and takes a list of peers by a line. */
async function beHost(name: Name): Promise<void> {
  const key = await loadOrCreateKeyPair(`/tmp/${name}`, "x25519");
  const address = OVERLAY[name];
  const device = await openOverlayInterface({
    ...{ system: overlaySystem, name, privateKey: key.privateKey, listenPort: 0, address },
    routes: [`${PREFIX}::/48`],
    rules: { table: name.replace("-", "_"), interfaceName: name, address, services: DirectTunnels.services(PREFIX) },
  });
  let told: OverlayCandidates | null = null;
  const tunnels = new DirectTunnels({
    log: createLog({ format: "plain", level: "error" }),
    report: (body) => {
      if (body.kind === "overlay.candidates") told = body;
    },
    declaredEndpoint: null,
    now: Date.now,
  });
  await tunnels.up({ wireguard: device.wireguard, address, prefix: PREFIX });
  setInterval(() => tunnels.tick(performance.now()), 250);
  const say = () => {
    const said: Said = { publicKey: key.publicKey, kind: device.kind, told, paths: tunnels.paths() };
    console.log(JSON.stringify(said));
  };
  setInterval(say, 1_000);
  createInterface({ input: process.stdin }).on("line", (line) => tunnels.desired(DesiredPeer.array().parse(JSON.parse(line))));
}

function tests(): void {
  const ip = (...args: string[]) => execFileSync("ip", args, { encoding: "utf8" });
  const hosts = {} as Record<Name, ChildProcess>;
  const said = {} as Record<Name, Said | undefined>;
  const ids = { "idt-a": newId("host"), "idt-b": newId("host") };
  const other = (name: Name): Name => (name === "idt-a" ? "idt-b" : "idt-a");

  const eventually = async (what: string, name: Name, wanted: (now: Said) => boolean): Promise<Said> => {
    for (const deadline = Date.now() + 120_000; ; await sleep(500)) {
      const now = said[name];
      if (now !== undefined && wanted(now)) return now;
      assert.ok(Date.now() < deadline, `never happened: ${what}; last ${JSON.stringify(now)}`);
    }
  };
  const tell = (name: Name): void => {
    const { publicKey = "", told = null } = said[other(name)] ?? {};
    const peer: DesiredPeer = {
      ...{ hostId: ids[other(name)], name: other(name), publicKey, address: OVERLAY[other(name)] },
      ...{ candidates: told?.candidates ?? [], nat: told?.nat ?? null },
    };
    hosts[name].stdin?.write(`${JSON.stringify([peer])}\n`);
  };
  const isDirect = ({ paths: [path] }: Said) => path?.state === "direct" && path.roundTripMs !== null;
  const reaches = (from: Name): boolean => {
    try {
      execFileSync("ip", ["netns", "exec", from, "ping", "-6", "-c", "1", "-W", "5", OVERLAY[other(from)]], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  };

  before(() => {
    for (const name of NAMES) ip("netns", "add", name);
    ip("-n", "idt-a", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", "idt-b");
    for (const name of NAMES) {
      ip("-n", name, "addr", "add", `${CABLE[name]}/24`, "dev", "eth0");
      for (const link of ["lo", "eth0"]) ip("-n", name, "link", "set", link, "up");
      const child = spawn("ip", ["netns", "exec", name, process.execPath, program, name], { stdio: ["pipe", "pipe", "inherit"] });
      createInterface({ input: child.stdout }).on("line", (line) => {
        said[name] = JSON.parse(line) as Said;
      });
      hosts[name] = child;
    }
  });
  after(() => {
    for (const name of NAMES) {
      hosts[name].kill("SIGKILL");
      ip("netns", "del", name);
    }
  });

  test("two hosts find each other, by interfaces of the kernel's", async () => {
    for (const name of NAMES) assert.equal((await eventually(`${name} is there`, name, () => true)).kind, "kernel");
    for (const name of NAMES) tell(name);
    for (const name of NAMES) await eventually(`${name} tells where it is`, name, ({ told }) => told !== null);
    const began = performance.now();
    for (const name of NAMES) tell(name);
    for (const name of NAMES) {
      const { paths } = await eventually(`${name} goes directly`, name, isDirect);
      assert.equal(paths[0]?.via?.kind, "lan");
      assert.ok(paths[0]?.via?.endpoint.startsWith(`${CABLE[other(name)]}:`));
      console.log(`${name}: direct after ${Math.round(performance.now() - began)} ms, ${paths[0]?.roundTripMs} ms`);
    }
    for (const name of NAMES) assert.equal(reaches(name), true);
  });

  test("a cable that is pulled is noticed, and so is that it is back", async () => {
    ip("-n", "idt-b", "link", "set", "eth0", "down");
    for (const name of NAMES) await eventually(`${name} gives it up`, name, ({ paths: [path] }) => path?.state !== "direct");
    assert.equal(reaches("idt-a"), false);
    ip("-n", "idt-b", "link", "set", "eth0", "up");
    for (const name of NAMES) await eventually(`${name} goes directly again`, name, isDirect);
    assert.equal(reaches("idt-a"), true);
  });

  test("a host that is no longer told of is reached no more", async () => {
    hosts["idt-a"].stdin?.write("[]\n");
    await eventually("idt-a has no peer", "idt-a", ({ paths }) => paths.length === 0);
    await eventually("idt-b has found out", "idt-b", ({ paths: [path] }) => path?.state !== "direct");
    assert.equal(reaches("idt-b"), false);
  });
}
