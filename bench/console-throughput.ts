import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { newId } from "@indium/contract/plain/ids";
import { signEnvelope } from "@indium/tunnel/envelope";
import { loadOrCreateKeyPair } from "@indium/tunnel/key-files";
import WebSocket from "ws";
import { median } from "./median";

/**
 * The console's way, browser → relay → host → VM, beside websockify (what noVNC is usually put behind), in turn in one run over
 * loopback: bulk and round trips. websockify knows no host behind NAT: alone it is one hop, and with a plain second hop
 * behind it (as a tunnel would be) it goes as far as ours does.
 */
const RUNS = Number(process.env.BENCH_RUNS ?? 5);
const BULK_MEGABYTES = 256;
const ROUND_TRIPS = 3_000;
const roles = fileURLToPath(new URL("./console-roles.ts", import.meta.url));

type Open = () => WebSocket;
interface Result {
  megabytesPerSecond: number;
  microseconds: number;
}

async function bulk(open: Open): Promise<number> {
  const socket = open();
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const total = BULK_MEGABYTES * 1_048_576;
  let received = 0;
  let began = 0;
  const done = new Promise<void>((resolve) => {
    socket.on("message", (data: Buffer) => {
      if (began === 0) began = performance.now();
      received += data.length;
      if (received >= total) resolve();
    });
  });
  socket.send(Buffer.from(`B${String(BULK_MEGABYTES).padStart(8, "0")}`));
  await done;
  const seconds = (performance.now() - began) / 1_000;
  socket.terminate();
  return BULK_MEGABYTES / seconds;
}

async function roundTrip(open: Open): Promise<number> {
  const socket = open();
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const message = Buffer.alloc(64, 1);
  const times: number[] = [];
  let arrived = () => {};
  let missing = 0;
  socket.on("message", (data: Buffer) => {
    missing -= data.length;
    if (missing <= 0) arrived();
  });
  const once = (bytes: Buffer) =>
    new Promise<void>((resolve) => {
      arrived = resolve;
      missing = 64;
      socket.send(bytes);
    });
  await once(Buffer.concat([Buffer.from("E"), message]));
  for (let trip = 0; trip < ROUND_TRIPS; trip += 1) {
    const began = performance.now();
    await once(message);
    times.push((performance.now() - began) * 1_000);
  }
  socket.terminate();
  return median(times.slice(ROUND_TRIPS / 10));
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    }),
  );
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function benchConsole(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), `indium-bench-console-${process.pid}-`));
  const children: ChildProcess[] = [];
  const role = async (...parameters: string[]): Promise<number> => {
    const child = fork(roles, parameters, { execArgv: ["--import", "tsx"], stdio: ["ignore", "ignore", "inherit", "ipc"] });
    children.push(child);
    return await new Promise<number>((resolve, reject) => {
      child.once("message", (message: { port: number }) => resolve(message.port));
      child.once("exit", (code) => reject(new Error(`${parameters[0]} ended with ${code}`)));
    });
  };
  try {
    const hostId = newId("host");
    const vmPort = await role("vm");
    const centrePort = await role("centre", directory, hostId);
    const relayPort = await role("relay", directory, String(centrePort));
    await role("agent", directory, String(relayPort), String(vmPort), hostId);
    const keys = await loadOrCreateKeyPair(join(directory, "keys", "centre"), "ed25519");
    const ours: Open = () => {
      const now = Date.now();
      const ids = { id: newId("ticket"), instanceId: newId("instance"), hostId, userId: newId("user") };
      const ticket = { ...ids, relayName: "bench", kind: "vnc", mode: "control", issuedAt: now, expiresAt: now + 30_000 };
      const text = Buffer.from(JSON.stringify(signEnvelope("console-ticket", ticket, keys.privateKey))).toString("base64url");
      return new WebSocket(`ws://127.0.0.1:${relayPort}/relay/console?ticket=${text}`, ["binary"], { perMessageDeflate: false });
    };
    const ways: [string, Open][] = [["indium, two hops", ours]];
    if (spawnSync("websockify", ["--help"]).error === undefined) {
      const websockify = async (target: number): Promise<Open> => {
        const port = await freePort();
        children.push(spawn("websockify", [`127.0.0.1:${port}`, `127.0.0.1:${target}`], { stdio: "ignore" }));
        await sleep(1_500);
        return () => new WebSocket(`ws://127.0.0.1:${port}/websockify`, ["binary"], { perMessageDeflate: false });
      };
      ways.push(["websockify, one hop", await websockify(vmPort)]);
      ways.push(["websockify and a plain hop", await websockify(await role("hop", String(vmPort)))]);
    } else console.log("console: websockify is not installed (apt-get install websockify), so there is no peer to compare with");

    const results = new Map<string, Result[]>();
    for (let run = 0; run < RUNS; run += 1) {
      for (const [name, open] of ways) {
        const result = { megabytesPerSecond: await bulk(open), microseconds: await roundTrip(open) };
        results.set(name, [...(results.get(name) ?? []), result]);
      }
    }
    print(results);
  } finally {
    for (const child of children) child.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

function print(results: ReadonlyMap<string, readonly Result[]>): void {
  const figures = [...results].map(([name, all]) => ({
    name,
    bulk: median(all.map((result) => result.megabytesPerSecond)),
    trip: median(all.map((result) => result.microseconds)),
  }));
  const [own] = figures;
  if (own === undefined) return;
  console.log(`console, ${BULK_MEGABYTES} MB bulk and 64-byte round trips, median of ${RUNS}`);
  for (const { name, bulk: rate, trip } of figures) {
    const ratio =
      name === own.name ? "" : `   ours: ${(own.bulk / rate).toFixed(2)}× its bulk, ${(own.trip / trip).toFixed(2)}× its round trip`;
    console.log(`  ${name.padEnd(28)} ${rate.toFixed(0).padStart(6)} MB/s ${trip.toFixed(0).padStart(5)} µs${ratio}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await benchConsole();
