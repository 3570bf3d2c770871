import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import WebSocket, { createWebSocketStream } from "ws";
import { median } from "../median";
import { freePort, Lab, listening, load } from "./lab";
import { opened, type Viewer, websockifyViewer } from "./viewer";

/**
 * The console's way, browser → relay → host → VM, beside websockify (what noVNC is usually put behind), in turn in one run over
 * loopback: bulk and round trips. websockify knows no host behind NAT: alone it is one hop; with a plain second hop behind it (as a tunnel
 * would be), or with a second websockify, it goes as far as ours does. Ours is measured at the relay itself and through the public origin's
 * front, which joins the two ends itself, at the relay's word. Of the bulk the best run is told too: beside others' work on the machine it says more than
 * the median.
 */
const RUNS = Number(process.env.BENCH_RUNS ?? 5);
const BULK_MEGABYTES = 256;
const ROUND_TRIPS = 3_000;

interface Result {
  megabytesPerSecond: number;
  microseconds: number;
}

async function bulk(viewer: Viewer): Promise<number> {
  const socket = await opened(viewer);
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

async function roundTrip(viewer: Viewer): Promise<number> {
  const socket = await opened(viewer);
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

export const hasWebsockify = (): boolean => {
  if (spawnSync("websockify", ["--help"]).error === undefined) return true;
  console.log("websockify is not installed (apt-get install websockify), so there is no peer to compare with");
  return false;
};

export async function websockify(lab: Lab, target: number): Promise<{ port: number; pid: number }> {
  const port = await freePort();
  const child = lab.spawn("websockify", [`127.0.0.1:${port}`, `127.0.0.1:${target}`]);
  await listening(port);
  return { port, pid: child.pid ?? 0 };
}

/** A websocket within a websocket: the first websockify's target is the second, and it speaks to that as a browser does. */
function chained(port: number): Viewer {
  const outer = websockifyViewer(port);
  return () =>
    new WebSocket("ws://second/websockify", ["binary"], {
      perMessageDeflate: false,
      createConnection: () => createWebSocketStream(outer()) as never,
    });
}

export async function benchConsole(): Promise<void> {
  const lab = await Lab.open();
  try {
    const vm = await lab.role("vm");
    const { port: relayPort } = await lab.relay();
    const { origin } = await lab.front(relayPort, false);
    const atRelay = await lab.agent("agent-1", `http://127.0.0.1:${relayPort}`, vm.port);
    const atOrigin = await lab.agent("agent-2", origin, vm.port);
    const ways: [string, Viewer][] = [
      ["indium, at the relay", atRelay.viewer],
      ["indium, public origin", atOrigin.viewer],
    ];
    if (hasWebsockify()) {
      ways.push(["websockify, one hop", websockifyViewer((await websockify(lab, vm.port)).port)]);
      const hop = await lab.role("hop", String(vm.port));
      ways.push(["websockify and a plain hop", websockifyViewer((await websockify(lab, hop.port)).port)]);
      const second = await websockify(lab, vm.port);
      ways.push(["two websockifys chained", chained((await websockify(lab, second.port)).port)]);
    }
    const results = new Map<string, Result[]>();
    for (let run = 0; run < RUNS; run += 1) {
      for (const [name, viewer] of ways) {
        const result = { megabytesPerSecond: await bulk(viewer), microseconds: await roundTrip(viewer) };
        results.set(name, [...(results.get(name) ?? []), result]);
      }
    }
    print(results);
  } finally {
    lab.close();
  }
}

function print(results: ReadonlyMap<string, readonly Result[]>): void {
  const figures = [...results].map(([name, all]) => ({
    name,
    bulk: median(all.map((result) => result.megabytesPerSecond)),
    best: Math.max(...all.map((result) => result.megabytesPerSecond)),
    trip: median(all.map((result) => result.microseconds)),
  }));
  const own = figures.filter(({ name }) => name.startsWith("indium"));
  console.log(`console, ${BULK_MEGABYTES} MB bulk and 64-byte round trips, median of ${RUNS}, ${load()}`);
  for (const { name, bulk: rate, best, trip } of figures) {
    const ratios = name.startsWith("indium")
      ? []
      : own.map(
          (ours) =>
            `${(ours.bulk / rate).toFixed(2)}× its bulk, ${(ours.best / best).toFixed(2)}× at best, ${(ours.trip / trip).toFixed(2)}× its round trip`,
        );
    const [relay, origin] = ratios;
    const words = relay === undefined ? "" : `   relay: ${relay}   origin: ${origin}`;
    console.log(
      `  ${name.padEnd(28)} ${rate.toFixed(0).padStart(6)} MB/s (at best ${best.toFixed(0).padStart(4)}) ${trip.toFixed(0).padStart(5)} µs${words}`,
    );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await benchConsole();
