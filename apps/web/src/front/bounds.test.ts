import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { addressGroup, Bounds } from "./bounds";
import { createFront, type FrontOptions } from "./server";

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});
async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
const front = async (next: Server, options: Partial<FrontOptions> = {}) =>
  await listen(createFront({ tls: null, webPort: await listen(next), relayPort: 1, ...options }));
const hello = () => createServer((_request, response) => response.end("hello"));

/** A connection that says this and collects what comes. */
function talk(port: number, text: string, host = "127.0.0.1") {
  const socket = connect({ port, host });
  sockets.push(socket);
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk.toString();
  });
  socket.on("error", () => {});
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(heard)));
  socket.write(text);
  return { socket, closed };
}
const GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

describe("the front's connections", () => {
  it("are bounded: who finds no room is told why, and there is room again when one leaves", async () => {
    const bounds = new Bounds({ connections: 2, perAddress: 100 });
    const port = await front(hello(), { bounds });
    const inside = [talk(port, ""), talk(port, "")];
    await expect.poll(() => bounds.held).toBe(2);
    const refused = await talk(port, GET).closed;
    expect(refused).toMatch(/^HTTP\/1\.1 503 .*retry-after: 10.*too many connections/is);
    const upgrade = await talk(port, "GET /relay/link/ HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n").closed;
    expect(upgrade).toMatch(/^HTTP\/1\.1 503 /);
    expect(bounds.counts.connections).toBe(2);
    inside[0]!.socket.destroy();
    await expect.poll(() => bounds.held).toBe(1);
    expect(await talk(port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").closed).toContain("hello");
  });

  it("are bounded for each address, but not for this machine's own", async () => {
    const bounds = new Bounds({ connections: 100, perAddress: 1 });
    const fake = (remoteAddress: string) => {
      const listeners: (() => void)[] = [];
      const socket = {
        remoteAddress,
        remotePort: 1,
        once: (_event: string, listener: () => void) => listeners.push(listener),
        destroy() {},
      };
      return {
        socket: socket as unknown as Socket,
        close: () => {
          for (const listener of listeners) listener();
        },
      };
    };
    const first = fake("203.0.113.1");
    expect(bounds.admit(first.socket)).toBe(true);
    const second = fake("::ffff:203.0.113.1");
    bounds.admit(second.socket);
    expect(bounds.isLeaving(second.socket)).toBe(true);
    second.close();
    bounds.admit(fake("203.0.113.2").socket);
    for (let count = 0; count < 3; count += 1) bounds.admit(fake("127.0.0.1").socket);
    expect([bounds.held, bounds.counts.address]).toEqual([5, 1]);
    first.close();
    expect(bounds.admit(first.socket)).toBe(true);
    expect(bounds.counts.address).toBe(1);
  });

  it("are cut without a word when too many would be told", () => {
    const bounds = new Bounds({ connections: 0, perAddress: 1 });
    let cut = 0;
    const results = Array.from({ length: 70 }, (_, port) => {
      const socket = { remoteAddress: "203.0.113.1", remotePort: port, once() {}, destroy: () => (cut += 1) };
      return bounds.admit(socket as unknown as Socket);
    });
    expect([results.filter((each) => each).length, cut]).toEqual([64, 6]);
  });

  it("take an IPv6 /64 for one address", () => {
    expect(addressGroup("2001:db8:0:1::5")).toBe(addressGroup("2001:0db8::1:ffff:2:3:4"));
    expect(addressGroup("2001:db8::5")).toBe("2001:db8:0:0::/64");
    expect(addressGroup("::ffff:10.0.0.1")).toBe("10.0.0.1");
    expect([addressGroup("::1"), addressGroup("")]).toEqual(["::1", ""]);
  });
});

describe("a slow request", () => {
  const bodyPace = { windowMs: 150, bytes: 1_000 };
  const POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n";

  it("is given up with 408 when its body drips, and Next is told", async () => {
    let left = false;
    const next = createServer((incoming) => incoming.resume().on("close", () => (left = true)));
    const bounds = new Bounds();
    const port = await front(next, { bodyPace, bounds });
    const slow = talk(port, POST);
    const drip = setInterval(() => slow.socket.write("x"), 20);
    const answer = await slow.closed;
    clearInterval(drip);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(bounds.counts.slow_body).toBe(1);
    await expect.poll(() => left).toBe(true);
  });

  it("may take as long as it likes while it moves, and while Next does not take what came", async () => {
    let bytes = 0;
    const next = createServer((incoming, response) => {
      // Nothing is read for several windows: that is not the sender's doing.
      setTimeout(() => incoming.on("data", (chunk: Buffer) => (bytes += chunk.length)), 600);
      incoming.on("end", () => response.end("whole"));
    });
    const port = await front(next, { bodyPace });
    const total = 8_000_000;
    const answer = await new Promise<string>((resolve, reject) => {
      const asking = request({ host: "127.0.0.1", port, method: "POST", headers: { "content-length": total + 5_000 } }, (response) => {
        response.on("data", (chunk) => resolve(String(chunk)));
      });
      asking.on("error", reject);
      asking.write(Buffer.alloc(total));
      let sent = 0;
      const more = setInterval(() => {
        asking.write(Buffer.alloc(500));
        sent += 500;
        if (sent === 5_000) {
          clearInterval(more);
          asking.end();
        }
      }, 60);
    });
    expect(answer).toBe("whole");
    expect(bytes).toBe(total + 5_000);
  });

  it("is not one whose headers are too long: that is 431", async () => {
    const bounds = new Bounds();
    const port = await front(hello(), { bounds });
    expect(await talk(port, `GET / HTTP/1.1\r\nX: ${"x".repeat(40_000)}\r\n\r\n`).closed).toMatch(/^HTTP\/1\.1 431 /);
    expect(bounds.counts.malformed).toBe(1);
  });
});
