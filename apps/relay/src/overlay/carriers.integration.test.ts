import { createSocket, type Socket as Datagrams } from "node:dgram";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { newId } from "@indium/contract/plain/ids";
import { STREAM_UPGRADE } from "@indium/contract/protocol";
import { encodeFrames } from "@indium/tunnel/overlay/carrier-frames";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Refusal } from "../refusals";
import { until } from "../test-support/fixture";
import { Carriers } from "./carriers";

/** Carriers over loopback, with a UDP port in WireGuard's place: no root, and no WireGuard. */
let carriers: Carriers;
let server: Server;
let wireguard: Datagrams;
let heard: { address: string; bytes: Buffer; port: number }[];
let refused: Refusal[];
let opened: Socket[];

const data = (length: number, fill = 1): Buffer => {
  const bytes = Buffer.alloc(length, fill);
  bytes.writeUInt32LE(4, 0);
  return bytes;
};

beforeEach(async () => {
  heard = [];
  refused = [];
  opened = [];
  wireguard = createSocket("udp4");
  wireguard.on("message", (bytes, { address, port }) => void heard.push({ address, port, bytes }));
  await new Promise<void>((resolve) => wireguard.bind(0, "127.0.0.1", resolve));
  const wireguardPort = wireguard.address().port;
  carriers = new Carriers({ wireguardPort, refusals: { count: (reason) => void refused.push(reason) }, log: () => {}, offerMs: 300 });
  server = createServer();
  server.on("upgrade", (incoming, socket, head) => {
    if (!carriers.accept(incoming, socket as Socket, head))
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  carriers.endAll();
  for (const socket of opened) socket.destroy();
  wireguard.close();
  await new Promise((resolve) => server.close(resolve));
});

/** As an agent dials; null when it is refused. */
function dial(id: string, upgrade = STREAM_UPGRADE): Promise<Socket | null> {
  const { port } = server.address() as AddressInfo;
  const outgoing = request({
    port,
    host: "127.0.0.1",
    path: `/relay/stream/${id}?relay=rome`,
    headers: { connection: "Upgrade", upgrade },
  });
  return new Promise((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", (response) => void response.resume().on("end", () => resolve(null)));
    outgoing.on("upgrade", (_response, socket, head) => {
      opened.push(socket as Socket);
      socket.on("error", () => {});
      if (head.length > 0) socket.unshift(head);
      resolve(socket as Socket);
    });
    outgoing.end();
  });
}

async function carry(hostId = newId("host")): Promise<Socket> {
  const socket = await dial(carriers.offer(hostId));
  if (socket === null) throw new Error("refused");
  return socket;
}

it("hands datagrams to WireGuard and back, each host at an address of its own", async () => {
  const [one, other] = [await carry(), await carry()];
  let back = Buffer.alloc(0);
  one.on("data", (chunk: Buffer) => {
    back = Buffer.concat([back, chunk]);
  });
  // Until its UDP port is there, the first may be lost, as anywhere else.
  await until("both are heard", () => {
    one.write(encodeFrames([data(148)], null));
    other.write(encodeFrames([data(64)], null));
    return heard.some(({ bytes }) => bytes.length === 148) && heard.some(({ bytes }) => bytes.length === 64);
  });
  const from = (length: number) => heard.find(({ bytes }) => bytes.length === length) as (typeof heard)[number];
  expect(new Set([from(148).address, from(64).address]).size).toBe(2);
  for (const { address } of heard) expect(address).toMatch(/^127\.64\./);
  wireguard.send(data(1_312, 7), from(148).port, from(148).address);
  await until("it is answered", () => back.includes(encodeFrames([data(1_312, 7)], null)));
  expect(carriers.size).toBe(2);
});

it("is opened once by an id, in time, and as a stream only", async () => {
  const hostId = newId("host");
  const id = carriers.offer(hostId);
  expect(await dial(id, "websocket")).toBeNull();
  expect(await dial(newId("stream"))).toBeNull();
  expect(await dial(id)).not.toBeNull();
  expect(await dial(id)).toBeNull();
  const late = carriers.offer(hostId);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(await dial(late)).toBeNull();
  const [first, second] = [carriers.offer(hostId), carriers.offer(hostId)];
  expect(await dial(first)).toBeNull();
  expect(await dial(second)).not.toBeNull();
});

it("is one for each host: a newer one ends the older, and a host that was removed has none", async () => {
  const hostId = newId("host");
  const older = await carry(hostId);
  const closed = new Promise((resolve) => older.once("close", resolve));
  older.resume();
  await carry(hostId);
  await closed;
  expect(carriers.size).toBe(1);
  const offered = carriers.offer(hostId);
  carriers.end(hostId);
  expect(carriers.size).toBe(0);
  expect(await dial(offered)).toBeNull();
});

it("ends, and counts, what sends no frames, and hands nothing of it on", async () => {
  const socket = await carry();
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.resume();
  socket.write(Buffer.from("HELO relay.example\r\n"));
  await closed;
  expect(refused).toEqual(["carrier"]);
  expect(carriers.size).toBe(0);
  expect(heard).toEqual([]);
});
