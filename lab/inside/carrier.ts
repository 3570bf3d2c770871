import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createServer, request } from "node:http";
import type { Socket } from "node:net";
import { after, before, test } from "node:test";
import { newId } from "@indium/contract/plain/ids";
import { STREAM_UPGRADE } from "@indium/contract/protocol";
import { openInput } from "@indium/tunnel/input-file";
import { loadOrCreateKeyPair } from "@indium/tunnel/key-files";
import { type OverlayInterface, openOverlayInterface } from "@indium/tunnel/overlay/interface";
import { OverlayCarrier } from "../../apps/agent/src/overlay/overlay-carrier";
import { overlaySystem } from "../../apps/agent/src/system/overlay-system";
import { Carriers } from "../../apps/relay/src/overlay/carriers";

/**
 * WireGuard inside a stream by the kernel's own WireGuard at both ends: a relay and a host as namespaces with a cable between them that lets no UDP through, each with the
 * code that relays and agents use, in a process of its own.
 */
const NAMES = ["iwc-r", "iwc-h"] as const;
type Name = (typeof NAMES)[number];
const PREFIX = "fd79:1:2";
const OVERLAY = { "iwc-r": `${PREFIX}:1::1`, "iwc-h": `${PREFIX}:2::a` } as const;
const CABLE = { "iwc-r": "10.79.0.1", "iwc-h": "10.79.0.2" } as const;
const WIREGUARD_PORT = 7785;
const PORT = 7799;
const NO_UDP = `table ip cut {
  chain output {
    type filter hook output priority 0; policy accept;
    oifname "eth0" meta l4proto udp drop
  }
}
`;
const [, program = "", role = "", otherKey = ""] = process.argv;

if (role === "iwc-r") await beRelay();
else if (role === "iwc-h") await beHost();
else tests();

async function open(name: Name, listenPort: number): Promise<OverlayInterface> {
  const { privateKey } = await loadOrCreateKeyPair(`/tmp/${name}`, "x25519");
  const address = OVERLAY[name];
  const device = await openOverlayInterface({
    ...{ system: overlaySystem, name, privateKey, listenPort, address },
    routes: [`${PREFIX}::/48`],
    rules: { table: name.replace("-", "_"), interfaceName: name, address, services: [] },
  });
  assert.equal(device.kind, "kernel");
  return device;
}

async function beRelay(): Promise<void> {
  const device = await open("iwc-r", WIREGUARD_PORT);
  await device.wireguard.configure({ peers: [{ publicKey: otherKey, allowedIps: [`${OVERLAY["iwc-h"]}/128`] }] });
  const carriers = new Carriers({ wireguardPort: WIREGUARD_PORT, refusals: { count: () => {} }, log: () => {} });
  const hostId = newId("host");
  const server = createServer((_request, response) => void response.end(carriers.offer(hostId)));
  server.on("upgrade", (incoming, socket, head) => void carriers.accept(incoming, socket as Socket, head));
  server.listen(PORT, CABLE["iwc-r"], () => console.log("up"));
}

async function beHost(): Promise<void> {
  const device = await open("iwc-h", 0);
  const wireguardPort = (await device.wireguard.listenPort()) ?? 0;
  const at = `http://${CABLE["iwc-r"]}:${PORT}`;
  const streamId = await (await fetch(at)).text();
  const outgoing = request(`${at}/relay/stream/${streamId}`, { headers: { connection: "Upgrade", upgrade: STREAM_UPGRADE }, agent: false });
  outgoing.end();
  const stream = await new Promise<Socket>((resolve) => outgoing.on("upgrade", (_response, socket) => resolve(socket as Socket)));
  const { endpoint } = await OverlayCarrier.open({
    ...{ stream, wireguardPort, relayEndpoint: `${CABLE["iwc-r"]}:${WIREGUARD_PORT}` },
    ...{ onEnd: (reason) => console.error(reason), onUdp: () => {}, onUnanswered: () => {} },
  });
  await device.wireguard.configure({ peers: [{ publicKey: otherKey, endpoint, keepalive: 5, allowedIps: [`${PREFIX}::/48`] }] });
  console.log("up");
}

function tests(): void {
  const ip = (...args: string[]) => execFileSync("ip", args, { encoding: "utf8" });
  const children: ChildProcess[] = [];
  const start = async (name: Name, key: string): Promise<void> => {
    const child = spawn("ip", ["netns", "exec", name, process.execPath, program, name, key], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    await new Promise<void>((resolve, reject) => {
      child.stdout.once("data", () => resolve());
      child.once("exit", () => reject(new Error(`${name} has ended`)));
    });
  };
  const endpointOf = (name: Name) => execFileSync("ip", ["netns", "exec", name, "wg", "show", name, "endpoints"], { encoding: "utf8" });

  before(() => {
    for (const name of NAMES) ip("netns", "add", name);
    ip("-n", "iwc-r", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", "iwc-h");
    for (const name of NAMES) {
      ip("-n", name, "addr", "add", `${CABLE[name]}/24`, "dev", "eth0");
      for (const link of ["lo", "eth0"]) ip("-n", name, "link", "set", link, "up");
    }
    const rules = openInput(NO_UDP);
    execFileSync("ip", ["netns", "exec", "iwc-h", "nft", "-f", "-"], { stdio: [rules.fd, "inherit", "inherit"] });
    rules.close();
  });
  after(() => {
    for (const child of children) child.kill("SIGKILL");
    for (const name of NAMES) ip("netns", "del", name);
  });

  test("packets go there and back, and each side takes the carrier's end for the other's place", async () => {
    const [ofRelay, ofHost] = [await loadOrCreateKeyPair("/tmp/iwc-r", "x25519"), await loadOrCreateKeyPair("/tmp/iwc-h", "x25519")];
    await start("iwc-r", ofHost.publicKey);
    await start("iwc-h", ofRelay.publicKey);
    const said = execFileSync(
      "ip",
      ["netns", "exec", "iwc-h", "ping", "-6", "-c", "20", "-i", "0.3", "-s", "1200", "-W", "10", OVERLAY["iwc-r"]],
      { encoding: "utf8" },
    );
    console.log(said.trim().split("\n").slice(-2).join("; "));
    assert.match(said, / 0% packet loss/);
    assert.match(endpointOf("iwc-r"), /\t127\.64\.0\.\d+:\d+/);
    assert.match(endpointOf("iwc-h"), /\t127\.0\.0\.1:\d+/);
  });
}
