import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Readable } from "node:stream";

/**
 * What stands before several webs, no larger than it must be: `/relay/…` to the relay, the rest to the webs in turn. One that refuses the
 * connection is passed over; one that dies in the middle of an answer breaks that answer, as with any balancer.
 */
export interface BalancerOptions {
  readonly port: number;
  readonly relayPort: number;
  readonly webPorts: readonly number[];
}

const HOST = "127.0.0.1";
const isForRelay = (url: string): boolean => /^\/relay(?:[/?]|$)/.test(url);

export async function startBalancer(options: BalancerOptions): Promise<Server> {
  let turn = 0;
  const server = createServer(async (incoming, outgoing) => {
    const url = incoming.url ?? "";
    const ports = isForRelay(url) ? [options.relayPort] : rotated(options.webPorts, turn++);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    forward(incoming, outgoing, Buffer.concat(chunks), ports);
  });
  server.on("upgrade", (incoming: IncomingMessage, socket: Readable & NodeJS.WritableStream, head: Buffer) => {
    const upstream = connect(options.relayPort, HOST, () => {
      const lines = incoming.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [`${name}: ${all[at + 1] ?? ""}`] : []));
      upstream.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    const end = () => {
      upstream.destroy();
      socket.destroy();
    };
    for (const each of [upstream, socket]) each.on("error", end).on("close", end);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, HOST, resolve);
  });
  return server;
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer, ports: readonly number[]): void {
  const [port, ...others] = ports;
  if (port === undefined) {
    outgoing.writeHead(502).end();
    return;
  }
  const headers = { ...incoming.headers, "x-forwarded-for": HOST, "x-forwarded-proto": "http", "content-length": String(body.length) };
  const upstream = request({ host: HOST, port, method: incoming.method, path: incoming.url, headers, agent: false });
  upstream.on("error", (error: Error & { code?: string }) => {
    if (error.code === "ECONNREFUSED") forward(incoming, outgoing, body, others);
    else if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(502).end();
  });
  upstream.on("response", (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    outgoing.flushHeaders();
    response.on("error", () => outgoing.destroy());
    response.on("close", () => outgoing.end());
    response.pipe(outgoing);
  });
  outgoing.on("close", () => upstream.destroy());
  upstream.end(body);
}

const rotated = <T>(all: readonly T[], by: number): T[] => all.map((_, at) => all[(at + by) % all.length] as T);
