import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { generateSealingKeyPair } from "@indium/tunnel/keys";
import { type OverlaySystem, openOverlayInterface } from "@indium/tunnel/overlay/interface";
import { uapiWireGuard } from "@indium/tunnel/overlay/wireguard";
import { overlaySystem } from "../apps/relay/src/system/exec";
import { median } from "./median";

/**
 * What the overlay carries, beside the same wireguard-go as one sets it up by hand with `wg` (MTU 1420, no rules): one TCP connection from a
 * host's namespace to a relay's over a veth pair, in turn in one run. The overlay's smaller packets (MTU 1280) and its rules are the difference.
 */
const RUNS = Number(process.env.BENCH_RUNS ?? 5);
const SECONDS = 3;
const id = process.pid % 100_000;
const ns = { host: `iovh-${id}`, relay: `iovr-${id}` };

const ip = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "pipe", "pipe"] });
const within = (namespace: string): OverlaySystem => ({
  run: (file, args, options) => overlaySystem.run("ip", ["netns", "exec", namespace, file, ...args], options),
  start: (file, args, env) => overlaySystem.start("ip", ["netns", "exec", namespace, file, ...args], env),
});

/** Gbit/s that arrive. */
async function throughput(address: string): Promise<number> {
  const sink = `let n=0,t=0;require("net").createServer(s=>{s.on("error",()=>{});s.on("data",d=>{t||(t=performance.now());n+=d.length});s.on("close",()=>{console.log(n*8/(performance.now()-t)/1e6);process.exit()})}).listen(9000,${JSON.stringify(address)},()=>console.log("up"))`;
  const source = `const b=Buffer.alloc(1<<18);const s=require("net").connect(9000,${JSON.stringify(address)},()=>{const go=()=>{while(s.write(b));s.once("drain",go)};go();setTimeout(()=>s.destroy(),${SECONDS * 1_000})});s.on("close",()=>process.exit())`;
  const server = spawn("ip", ["netns", "exec", ns.relay, process.execPath, "-e", sink], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  const said = new Promise<void>((resolve) => {
    server.stdout.on("data", (chunk: Buffer) => {
      lines.push(...chunk.toString().trim().split("\n"));
      if (lines.length === 1) spawn("ip", ["netns", "exec", ns.host, process.execPath, "-e", source], { stdio: "inherit" });
      if (lines.length > 1) resolve();
    });
  });
  await said;
  return Number(lines[1]);
}

/** Brings one kind of tunnel up, measures through it, and takes it down. `carried`: inside a TCP connection, by programs of their own at both ends as in agent and relay. */
async function overlay(carried: boolean): Promise<number> {
  const [relayKey, hostKey] = [generateSealingKeyPair(), generateSealingKeyPair()];
  const open = (namespace: string, name: string, key: typeof relayKey, address: string, services: string[]) =>
    openOverlayInterface({
      system: within(namespace),
      name,
      privateKey: key.privateKey,
      listenPort: namespace === ns.relay ? 7785 : 0,
      address,
      routes: ["fd7a:1:2::/48"],
      rules: { table: name.replace("-", "_"), interfaceName: name, address, services },
    });
  const relay = await open(ns.relay, `iovbr-${id}`, relayKey, "fd7a:1:2:1::1", ["tcp dport 9000"]);
  const host = await open(ns.host, `iovbh-${id}`, hostKey, "fd7a:1:2:2::2", []);
  const ends: ChildProcess[] = [];
  try {
    let endpoint = "10.99.0.1:7785";
    if (carried) {
      await carrierEnd(ns.relay, ["relay", "10.99.0.1", "7785"], ends);
      const port = await carrierEnd(ns.host, ["host", "10.99.0.1", String(await host.wireguard.listenPort())], ends);
      endpoint = `127.0.0.1:${port}`;
    }
    await relay.wireguard.configure({ peers: [{ publicKey: hostKey.publicKey, allowedIps: ["fd7a:1:2:2::2/128"] }] });
    await host.wireguard.configure({
      peers: [{ publicKey: relayKey.publicKey, endpoint, allowedIps: ["fd7a:1:2::/48"] }],
    });
    return await throughput("fd7a:1:2:1::1");
  } finally {
    for (const end of ends) end.kill("SIGKILL");
    await host.close();
    await relay.close();
  }
}

/** One end of a carrier; what it says once it is there. */
function carrierEnd(namespace: string, args: readonly string[], ends: ChildProcess[]): Promise<string> {
  const program = fileURLToPath(new URL("./carrier-end.ts", import.meta.url));
  const child = spawn("ip", ["netns", "exec", namespace, process.execPath, "--import", "tsx", program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  ends.push(child);
  return new Promise((resolve, reject) => {
    child.stdout.once("data", (said: Buffer) => resolve(said.toString().trim()));
    child.once("exit", () => reject(new Error(`The ${args[0]}'s end of the carrier ended`)));
  });
}

async function plain(): Promise<number> {
  const [relayKey, hostKey] = [generateSealingKeyPair(), generateSealingKeyPair()];
  const started: ChildProcess[] = [];
  const open = async (namespace: string, name: string, key: typeof relayKey, address: string) => {
    started.push(
      spawn("ip", ["netns", "exec", namespace, "wireguard-go", "-f", name], {
        stdio: "ignore",
        env: { ...process.env, LOG_LEVEL: "error" },
      }),
    );
    const wireguard = uapiWireGuard(name);
    for (;;) {
      try {
        await wireguard.configure({ privateKey: key.privateKey, listenPort: namespace === ns.relay ? 7785 : 0 });
        break;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    ip("-n", namespace, "addr", "add", `${address}/64`, "dev", name, "nodad");
    ip("-n", namespace, "link", "set", name, "mtu", "1420", "up");
    return wireguard;
  };
  try {
    const relay = await open(ns.relay, `iovpr-${id}`, relayKey, "fd7b::1");
    const host = await open(ns.host, `iovph-${id}`, hostKey, "fd7b::2");
    await relay.configure({ peers: [{ publicKey: hostKey.publicKey, allowedIps: ["fd7b::2/128"] }] });
    await host.configure({ peers: [{ publicKey: relayKey.publicKey, endpoint: "10.99.0.1:7785", allowedIps: ["fd7b::/64"] }] });
    return await throughput("fd7b::1");
  } finally {
    ip("-n", ns.host, "link", "del", `iovph-${id}`);
    ip("-n", ns.relay, "link", "del", `iovpr-${id}`);
    await Promise.all(started.map((child) => (child.exitCode === null ? new Promise((resolve) => child.once("exit", resolve)) : null)));
  }
}

export async function benchOverlay(): Promise<void> {
  if (process.getuid?.() !== 0) return console.log("overlay: left out, not root");
  for (const namespace of Object.values(ns)) {
    ip("netns", "add", namespace);
    ip("-n", namespace, "link", "set", "lo", "up");
  }
  try {
    ip("-n", ns.relay, "link", "add", "veth0", "type", "veth", "peer", "name", "veth0", "netns", ns.host);
    for (const [namespace, address] of [
      [ns.relay, "10.99.0.1/24"],
      [ns.host, "10.99.0.2/24"],
    ] as const) {
      ip("-n", namespace, "addr", "add", address, "dev", "veth0");
      ip("-n", namespace, "link", "set", "veth0", "up");
    }
    const results = { overlay: [] as number[], carried: [] as number[], plain: [] as number[] };
    for (let run = 0; run < RUNS; run += 1) {
      results.plain.push(await plain());
      results.overlay.push(await overlay(false));
      results.carried.push(await overlay(true));
    }
    const gigabits = (values: number[]) =>
      `${median(values).toFixed(2)} Gbit/s (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;
    console.log(`overlay                  ${gigabits(results.overlay)}`);
    console.log(`overlay inside websocket ${gigabits(results.carried)}`);
    console.log(`wireguard-go by hand     ${gigabits(results.plain)}`);
    console.log(`overlay / by hand        ${(median(results.overlay) / median(results.plain)).toFixed(2)}x`);
    console.log(`inside websocket / UDP   ${(median(results.carried) / median(results.overlay)).toFixed(2)}x`);
  } finally {
    for (const namespace of Object.values(ns)) ip("netns", "del", namespace);
  }
}
