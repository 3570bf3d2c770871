import { execFileSync } from "node:child_process";
import type { CallerResult, Times } from "./caller-role";
import { Lab, load } from "./lab";

/**
 * Calls of a host whose uplink of 20 Mbit/s is full of its consoles' bytes. Host and relay stand in namespaces of their own; the kernel's token
 * bucket (tc tbf, at most 50 ms of queue) is the uplink. What the queue costs anybody is measured at the same time by an echo on a connection of
 * its own; what multiplexing would cost, by an echo among the bytes of the one connection that fills the uplink.
 */
const RATE = "20mbit";
const QUEUE = "50ms";
const id = process.pid % 100_000;
const ns = { host: `ibuh-${id}`, relay: `ibur-${id}` };
const ip = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "pipe", "pipe"] });

const isResult = (message: unknown): message is { result: CallerResult } =>
  typeof message === "object" && message !== null && "result" in message;

export async function benchUplink(): Promise<void> {
  if (process.getuid?.() !== 0) return console.log("uplink: left out, not root");
  const lab = await Lab.open();
  try {
    lay();
    const vm = await lab.start("roles", { args: ["vm", "0.0.0.0"], namespace: ns.host }).said("port");
    const { port, rpcPort } = await lab.relay(ns.relay);
    const agent = lab.start("roles", {
      args: ["agent", lab.directory, "agent", `http://10.88.0.1:${port}`, String(vm.port)],
      namespace: ns.host,
    });
    const { hostId, epoch } = (await agent.said("epoch")) as { hostId?: string | number; epoch: number };
    execFileSync("tc", ["-n", ns.host, "qdisc", "add", "dev", "veth0", "root", "tbf", "rate", RATE, "burst", "32kbit", "latency", QUEUE]);
    const caller = lab.start("roles", {
      args: ["caller", lab.directory, String(hostId), String(epoch), String(port), String(rpcPort), `10.88.0.2:${vm.port}`],
      namespace: ns.relay,
    });
    print((await caller.next(isResult)).result);
  } finally {
    lab.close();
    for (const namespace of Object.values(ns)) ip("netns", "del", namespace);
  }
}

function lay(): void {
  for (const namespace of Object.values(ns)) {
    ip("netns", "add", namespace);
    ip("-n", namespace, "link", "set", "lo", "up");
  }
  ip("-n", ns.relay, "link", "add", "veth0", "type", "veth", "peer", "name", "veth0", "netns", ns.host);
  for (const [namespace, address] of [
    [ns.relay, "10.88.0.1/24"],
    [ns.host, "10.88.0.2/24"],
  ] as const) {
    ip("-n", namespace, "addr", "add", address, "dev", "veth0");
    ip("-n", namespace, "link", "set", "veth0", "up");
  }
}

function print({ idle, idleEcho, loaded, loadedEcho, shared, consoleMegabitsPerSecond }: CallerResult): void {
  const row = (name: string, times: Times, words = "") =>
    console.log(`  ${name.padEnd(46)} p50 ${times.p50.toFixed(1).padStart(7)} ms   p99 ${times.p99.toFixed(1).padStart(7)} ms${words}`);
  console.log(`calls of a host behind ${RATE} of uplink, its four consoles at ${consoleMegabitsPerSecond.toFixed(1)} Mbit/s, ${load()}`);
  row("the path, idle", idleEcho);
  row("a call, idle", idle);
  row("the path, full", loadedEcho);
  const bound = { p50: 2 * (idle.p50 + loadedEcho.p50), p99: 2 * (idle.p99 + loadedEcho.p99) };
  const verdict = (part: "p50" | "p99") =>
    `${part} ${(loaded[part] / (idle[part] + loadedEcho[part])).toFixed(2)}×${loaded[part] <= bound[part] ? "" : " (missed)"}`;
  row("a call, full", loaded, `   of idle + path: ${verdict("p50")}, ${verdict("p99")}   goal 2×`);
  const ratio = `   a call: ${(loaded.p50 / shared.p50).toFixed(2)}× its p50, ${(loaded.p99 / shared.p99).toFixed(2)}× its p99`;
  row("an echo among the bytes of one connection", shared, ratio);
}
