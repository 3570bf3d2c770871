import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as tlsConnect } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { pinOf, prepareTls, type TlsMaterial } from "./certificate";
import { isLoopback, readFrontEnv } from "./env";
import { forwardedHeaders } from "./headers";
import { createFront } from "./server";

const servers: Server[] = [];
const sockets: Socket[] = [];
const directories: string[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});
async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `indium-front-${process.pid}-`));
  directories.push(directory);
  return directory;
}
const front = (webPort: number, relayPort = 1, tls: TlsMaterial | null = null) => listen(createFront({ tls, webPort, relayPort }));
const echo = (name: string) =>
  createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      res.setHeader("set-cookie", ["a=1", "b=2"]);
      res.end(JSON.stringify({ name, method: req.method, url: req.url, headers: req.headers, body: Buffer.concat(chunks).toString() }));
    });
  });

describe("the front", () => {
  it("splices /relay to the relay, without a user's session, and the rest to Next, with it", async () => {
    const port = await front(await listen(echo("next")), await listen(echo("relay")));
    const headers = {
      cookie: "session=1",
      authorization: "Bearer 1",
      origin: "http://x",
      "x-forwarded-for": "6.6.6.6",
      forwarded: "for=6.6.6.6",
    };
    const next = await fetch(`http://127.0.0.1:${port}/relays?x=1`, { headers });
    expect(next.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    const seenByNext = await next.json();
    expect(seenByNext).toMatchObject({
      name: "next",
      url: "/relays?x=1",
      headers: {
        cookie: "session=1",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "http",
        "x-forwarded-host": `127.0.0.1:${port}`,
        host: `127.0.0.1:${port}`,
      },
    });
    expect(seenByNext.headers.forwarded).toBeUndefined();
    const seenByRelay = await fetch(`http://127.0.0.1:${port}/relay/health`, { headers }).then((response) => response.json());
    expect(seenByRelay.name).toBe("relay");
    for (const name of ["cookie", "authorization", "origin"]) expect(seenByRelay.headers[name]).toBeUndefined();
  });

  it("goes by the relay's name where several are behind it", async () => {
    const relays = new Map([["two", { host: "127.0.0.1", port: await listen(echo("two")) }]]);
    const [webPort, relayPort] = [await listen(echo("next")), await listen(echo("one"))];
    const port = await listen(createFront({ tls: null, webPort, relayPort, relays }));
    const answeredBy = async (path: string) => ((await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as { name: string }).name;
    for (const path of ["/relay/link/?relay=two&EIO=4", "/relay/console?ticket=x&relay=two", "/relay/stream/x?relay=two"])
      expect(await answeredBy(path)).toBe("two");
    for (const path of ["/relay/link/?EIO=4", "/relay/link/?relay=one", "/relay/link/?relay=unknown", "/relay/link/?x=relay%3Dtwo"])
      expect(await answeredBy(path)).toBe("one");
    expect(await answeredBy("/o/x?relay=two")).toBe("next");
  });

  it("carries bodies of any framing", async () => {
    const port = await front(await listen(echo("next")));
    const plain = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "hello" }).then((response) => response.json());
    expect(plain).toMatchObject({ method: "POST", body: "hello" });
    const chunked = await new Promise<string>((resolve) => {
      const req = request({ port, method: "DELETE", path: "/", headers: { "transfer-encoding": "chunked" } }, (res) => {
        let text = "";
        res.on("data", (chunk) => {
          text += String(chunk);
        });
        res.on("end", () => resolve(text));
      });
      req.write("in ");
      req.end("pieces");
    });
    expect(JSON.parse(chunked)).toMatchObject({ method: "DELETE", body: "in pieces" });
  });

  it("lets server-sent events through one by one, and tells Next when the reader leaves", async () => {
    let left = false;
    let push = (_text: string) => {};
    const port = await front(
      await listen(
        createServer((_req, res) => {
          res.writeHead(200, { "content-type": "text/event-stream" });
          res.flushHeaders();
          push = (text) => res.write(text);
          res.on("close", () => {
            left = true;
          });
        }),
      ),
    );
    const controller = new AbortController();
    // The headers arrive before any event.
    const response = await fetch(`http://127.0.0.1:${port}/events`, { signal: controller.signal });
    const reader = response.body!.getReader();
    for (const event of ["data: 1\n\n", "data: 2\n\n"]) {
      push(event);
      expect(Buffer.from((await reader.read()).value!).toString()).toBe(event);
    }
    controller.abort();
    await expect.poll(() => left).toBe(true);
  });

  it("splices upgrades both ways, bytes sent early included", async () => {
    const relay = createServer();
    relay.on("upgrade", (req, socket, head) => {
      socket.unshift(head);
      sockets.push(socket as Socket);
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n${String(req.headers.cookie)} ${String(req.headers.upgrade)} `,
      );
      socket.pipe(socket);
    });
    const port = await front(1, await listen(relay));
    const socket = connect(port, "127.0.0.1");
    sockets.push(socket);
    socket.write(
      "GET /relay/stream/x HTTP/1.1\r\nHost: h\r\nCookie: secret\r\nConnection: Upgrade\r\nUpgrade: indium-stream\r\n\r\nearly ",
    );
    let seen = "";
    socket.on("data", (chunk) => {
      seen += chunk.toString();
      if (seen.endsWith("early ")) socket.write("late");
    });
    await expect.poll(() => seen).toMatch(/\r\n\r\nundefined indium-stream early late$/);
  });

  it("explains itself while nothing answers behind it", async () => {
    const port = await front(1);
    const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { accept: "text/html" } });
    expect([page.status, page.headers.get("retry-after")]).toEqual([502, "2"]);
    expect(await page.text()).toContain("Indium is starting");
    expect((await fetch(`http://127.0.0.1:${port}/api`).then((response) => response.json())).error.code).toBe("host_unreachable");
  });

  it("answers garbage and stays up", async () => {
    const port = await front(await listen(echo("next")));
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => socket.write("\x16\x03\x01 nonsense\r\n\r\n"));
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk.toString();
      });
      socket.on("close", () => resolve(text));
    });
    expect(answer).toContain("400");
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  });
});

describe("its certificate", () => {
  const env = (keys: string, extra: Record<string, string> = {}) =>
    readFrontEnv({ INDIUM_KEYS_DIR: keys, INDIUM_BIND: "0.0.0.0", ...extra });

  it("is made once beyond loopback, keeps its key when names change, and serves TLS under its pin", async () => {
    const keys = await temporary();
    const first = (await prepareTls(env(keys)))!;
    const pin = (await readFile(join(keys, "front.pin"), "utf8")).trim();
    expect(pin).toBe(pinOf(first.cert));
    expect((await stat(join(keys, "front.key"))).mode & 0o777).toBe(0o600);
    expect((await prepareTls(env(keys)))?.cert).toBe(first.cert);
    const renamed = (await prepareTls(env(keys, { INDIUM_PUBLIC_URL: "https://indium.example:7780" })))!;
    expect(renamed.cert).not.toBe(first.cert);
    expect(pinOf(renamed.cert)).toBe(pin);

    const port = await front(await listen(echo("next")), 1, renamed);
    const answer = await new Promise<string>((resolve, reject) => {
      const options = { port, host: "127.0.0.1", servername: "indium.example", ca: renamed.cert, headers: { host: "indium.example" } };
      const req = httpsRequest(options, (res) => {
        let text = "";
        res.on("data", (chunk) => {
          text += String(chunk);
        });
        res.on("end", () => resolve(text));
      });
      req.on("error", reject);
      req.end();
    });
    expect(JSON.parse(answer).headers["x-forwarded-proto"]).toBe("https");
  });

  it("is had by a newcomer, and by who is in, while hundreds say nothing in their handshakes", async () => {
    const tls = (await prepareTls(env(await temporary())))!;
    const port = await front(await listen(echo("next")), 1, tls);
    const agent = new Agent({ keepAlive: true, ca: tls.cert, maxSockets: 1 });
    const ask = (by?: Agent) =>
      new Promise<number>((resolve, reject) => {
        const options = { port, host: "127.0.0.1", servername: "localhost", ca: tls.cert, agent: by ?? new Agent() };
        const asking = httpsRequest(options, (response) => {
          response.resume().on("end", () => resolve(response.statusCode ?? 0));
        });
        asking.on("error", reject).end();
      });
    expect(await ask(agent)).toBe(200);
    const silent = Array.from({ length: 300 }, () => connect(port, "127.0.0.1").on("error", () => {}));
    sockets.push(...silent);
    await Promise.all(silent.map((socket) => once(socket, "connect")));
    expect(await Promise.all([ask(agent), ask(), ask()])).toEqual([200, 200, 200]);
    expect(silent.filter((socket) => !socket.closed).length).toBe(300);
    agent.destroy();
  });

  it("brings the tail to an end that says nothing more itself", async () => {
    const tls = (await prepareTls(env(await temporary())))!;
    const relay = createServer().on("upgrade", (_request, socket: Socket) => {
      sockets.push(socket);
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
      socket.resume().on("end", () => setTimeout(() => socket.end("the tail"), 50));
    });
    const port = await front(1, await listen(relay), tls);
    const client = tlsConnect({ port, host: "127.0.0.1", servername: "localhost", ca: tls.cert });
    client.allowHalfOpen = true;
    sockets.push(client);
    let said = "";
    client.on("data", (chunk) => {
      said += String(chunk);
    });
    client.write("GET /relay/link/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
    await expect.poll(() => said).toContain("101");
    client.end();
    await once(client, "end");
    expect(said).toMatch(/the tail$/);
  });

  it("is not there on loopback, nor is a pin", async () => {
    const keys = await temporary();
    await prepareTls(env(keys));
    expect(await prepareTls(env(keys, { INDIUM_BIND: "127.0.0.1" }))).toBeNull();
    await expect(readFile(join(keys, "front.pin"))).rejects.toThrow("ENOENT");
  });
});

describe("what the front believes", () => {
  it("reads where more relays are, and says what it cannot read", () => {
    const { relays } = readFrontEnv({ INDIUM_FRONT_RELAYS: "two=10.0.0.2:7783, three=[fd00::3]:7783" });
    expect([...relays]).toEqual([
      ["two", { host: "10.0.0.2", port: 7783 }],
      ["three", { host: "fd00::3", port: 7783 }],
    ]);
    for (const text of ["two", "two=x", "two=x:0", "two=x:99999", "Two=x:1"])
      expect(() => readFrontEnv({ INDIUM_FRONT_RELAYS: text })).toThrow("INDIUM_FRONT_RELAYS");
  });

  it("is loopback for the loopback range only", () => {
    expect(["127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "10.0.0.1", "127.evil.example"].map(isLoopback)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("drops hop-by-hop headers and other people's claims", () => {
    const raw = ["Host", "h", "Connection", "close, Cookie", "X-Real-IP", "6.6.6.6", "TE", "trailers", "Accept", "*/*"];
    const origin = { remoteAddress: "::ffff:10.1.1.1", protocol: "https", host: "h" } as const;
    expect(forwardedHeaders(raw, origin, { toRelay: false, upgrade: false })).toEqual([
      "Host",
      "h",
      "Accept",
      "*/*",
      "X-Forwarded-For",
      "10.1.1.1",
      "X-Forwarded-Proto",
      "https",
      "X-Forwarded-Host",
      "h",
    ]);
  });
});
