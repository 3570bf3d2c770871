import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { HostId } from "@indium/contract/ids";
import { relayApi } from "@indium/contract/internal-api";
import { loadOrCreateKeyPair, readPublicKeyFile } from "@indium/tunnel/key-files";
import { signedCall } from "@indium/tunnel/signed-http";
import superjson from "superjson";
import { opened, viewerOf } from "./viewer";

/**
 * The centre's and the viewers' side of a host with a narrow uplink: calls of the host, idle and while its consoles fill the uplink, beside
 * an echo over a connection of its own along the same path, and beside an echo among the bytes of the one connection that fills it.
 */
export interface CallerResult {
  readonly idle: Times;
  readonly idleEcho: Times;
  readonly loaded: Times;
  readonly loadedEcho: Times;
  readonly shared: Times;
  readonly consoleMegabitsPerSecond: number;
}
/** Ms. */
export interface Times {
  readonly p50: number;
  readonly p99: number;
}

const CONSOLES = 4;
const CALLS = 200;
const BETWEEN_MS = 30;
const FILL_MS = 3_000;

export async function callHost([
  directory = "",
  hostId = "",
  epoch = "",
  relayPort = "",
  rpcPort = "",
  vm = "",
]: readonly string[]): Promise<void> {
  const keys = await loadOrCreateKeyPair(join(directory, "keys", "centre"), "ed25519");
  const relayKey = await readPublicKeyFile(join(directory, "keys", "relays", "bench.pub"), "ed25519");
  if (relayKey === null) throw new Error("the relay has no key yet");
  const [vmHost = "", vmPort = ""] = vm.split(":");
  const open = () => connect({ host: vmHost, port: Number(vmPort), noDelay: true });
  const call = async () => {
    const input = { hostId, linkEpoch: Number(epoch), type: "query", path: "clock", input: superjson.serialize(null), timeoutMs: 30_000 };
    const options = {
      privateKey: keys.privateKey,
      peerPublicKey: relayKey,
      outputSchema: relayApi.call.output,
      timeoutMs: 30_000,
      peerName: "relay",
    };
    await signedCall(`http://127.0.0.1:${rpcPort}`, "call", input, options);
  };
  const path = echoOver(open(), "E");
  await call();
  const idle = await both(call, path);

  const viewer = viewerOf(`http://127.0.0.1:${relayPort}`, hostId as HostId, keys.privateKey);
  const sockets = await Promise.all(Array.from({ length: CONSOLES }, () => opened(viewer)));
  let bytes = 0;
  for (const socket of sockets) {
    socket.on("message", (data: Buffer) => {
      bytes += data.length;
    });
    socket.send(Buffer.from("B00099999"));
  }
  await sleep(FILL_MS);
  const began = performance.now();
  bytes = 0;
  const loaded = await both(call, path);
  const consoleMegabitsPerSecond = (bytes * 8) / 1_000 / (performance.now() - began);
  for (const socket of sockets) socket.terminate();
  await sleep(FILL_MS);

  const shared = echoAmongBytes(open());
  await sleep(FILL_MS);
  const sharedTimes = await times(shared);
  const result: CallerResult = {
    idle: idle.call,
    idleEcho: idle.echo,
    loaded: loaded.call,
    loadedEcho: loaded.echo,
    shared: sharedTimes,
    consoleMegabitsPerSecond,
  };
  process.send?.({ result });
}

type Trip = () => Promise<void>;

/** By turns, so that both meet the same queues. */
async function both(call: Trip, echo: Trip): Promise<{ call: Times; echo: Times }> {
  const calls: number[] = [];
  const echoes: number[] = [];
  for (let count = 0; count < CALLS; count += 1) {
    calls.push(await timed(call));
    echoes.push(await timed(echo));
    await sleep(BETWEEN_MS);
  }
  return { call: percentiles(calls), echo: percentiles(echoes) };
}

async function times(trip: Trip): Promise<Times> {
  const all: number[] = [];
  for (let count = 0; count < CALLS / 5; count += 1) all.push(await timed(trip));
  return percentiles(all);
}

async function timed(trip: Trip): Promise<number> {
  const began = performance.now();
  await trip();
  return performance.now() - began;
}

function percentiles(all: readonly number[]): Times {
  const sorted = [...all].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

function echoOver(socket: Socket, mode: "E"): Trip {
  let arrived = () => {};
  let missing = 0;
  let first = true;
  socket.on("data", (chunk) => {
    missing -= chunk.length;
    if (missing <= 0) arrived();
  });
  return () =>
    new Promise((resolve) => {
      arrived = resolve;
      missing = 64;
      socket.write(Buffer.concat([Buffer.from(first ? mode : ""), Buffer.alloc(64, 1)]));
      first = false;
    });
}

/** The VM sends sevens without end, and 64 ones for each thing said to it. */
function echoAmongBytes(socket: Socket): Trip {
  let arrived = () => {};
  socket.on("data", (chunk) => {
    if (chunk.includes(1)) arrived();
  });
  socket.write("M");
  return () =>
    new Promise((resolve) => {
      arrived = resolve;
      socket.write(Buffer.alloc(64, 1));
    });
}
