import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { CONSOLE_CLOSE } from "@indium/contract/plain/console-close";
import { PROTOCOL_VERSION, RELAY_PATHS } from "@indium/contract/protocol";
import { generateSigningKeyPair, type KeyPair } from "@indium/tunnel/keys";
import { signHostProof } from "@indium/tunnel/link-proof";
import { io } from "socket.io-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Refusal } from "./refusals";
import type { RelayMetrics } from "./relay";
import { createFixture, type Fixture, isReady, openViewer, type TestAgent, until } from "./test-support/fixture";

/**
 * Strangers against the relay's public port, beside an honest host that must notice nothing. Each attack is refused, counted under its reason, and
 * leaves nothing behind. What else is tried elsewhere: garbage and slow headers (link), a revoked host (link), tickets of every wrong kind
 * (console), a relay or a host in the wrong hands (stolen-relay, at both ends), replays of signed requests (tunnel/signed-http).
 */
let fixture: Fixture;
let honest: TestAgent;
let before: RelayMetrics;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

beforeAll(async () => {
  fixture = await createFixture();
  honest = await fixture.addAgent();
  await until("the honest host is linked", () => isReady(honest));
});
afterAll(() => fixture.close());
beforeEach(async () => {
  await until("nobody waits", () => fixture.relay.metrics().waiting === 0, 30_000);
  before = fixture.relay.metrics();
});

const counted = (reason: Refusal): number => fixture.relay.metrics().refusals[reason] - before.refusals[reason];
const atPeace = async (): Promise<void> => {
  const { relay } = fixture;
  await until(
    "nothing is left",
    () => relay.metrics().waiting === 0 && relay.metrics().streams === 0 && relay.metrics().links === 1,
    30_000,
  );
  expect(honest.states.filter((state) => state.kind === "waiting")).toEqual([]);
};

/** A raw connection; `text` is what came back so far. */
function dial(bytes: string | Buffer, port = fixture.relay.port) {
  const socket: Socket = connect(port, "127.0.0.1", () => socket.write(bytes));
  const state = { socket, text: "", closed: new Promise<void>((resolve) => socket.once("close", () => resolve())) };
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    state.text += chunk.toString("latin1");
  });
  return state;
}
const upgrade = (path: string, headers: Record<string, string> = {}): string =>
  [
    `GET ${path} HTTP/1.1`,
    "Host: x",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "",
    "",
  ].join("\r\n");
const LINK = `${RELAY_PATHS.link}/?EIO=4&transport=websocket`;
const stranger = (headers: Record<string, string> = {}) => dial(upgrade(LINK, { "X-Forwarded-For": "198.51.100.7", ...headers }));
/** One masked websocket frame; the mask is zero. */
function frame(first: number, payload: Buffer): Buffer {
  const head = payload.length < 126 ? Buffer.from([first, 0x80 | payload.length]) : Buffer.alloc(10);
  if (payload.length >= 126) {
    head.writeUInt8(first, 0);
    head.writeUInt8(0x80 | 127, 1);
    head.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}
const TEXT = 0x81;
const COMPRESSED_TEXT = 0xc1;

/** A host's side of the handshake by hand: `answer` makes the proof out of the challenge. */
function handshake(key: KeyPair, answer: (nonce: string, agentNonce: string) => string | null, hello: object = {}): Promise<unknown> {
  const agentNonce = randomBytes(32).toString("base64");
  const socket = io(fixture.url, {
    path: RELAY_PATHS.link,
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    auth: { protocol: PROTOCOL_VERSION, agentVersion: "0.0.0", publicKey: key.publicKey, agentNonce, ...hello },
  });
  return new Promise((resolve) => {
    socket.on("link:challenge", ({ nonce }: { nonce: string }, give: (proof: unknown) => void) => {
      const signature = answer(nonce, agentNonce);
      if (signature !== null) give({ signature });
    });
    socket.on("link:refused", (refused: unknown) => resolve(refused));
    socket.on("link:ready", () => resolve("ready"));
    socket.on("disconnect", () => resolve("cut"));
    socket.on("connect_error", () => resolve("cut"));
  }).finally(() => socket.disconnect());
}
const proofFor = (key: KeyPair, nonce: string, agentNonce: string): string =>
  signHostProof({ relayName: "test", nonce, agentNonce, protocol: PROTOCOL_VERSION, agentVersion: "0.0.0" }, key.privateKey);

describe("strangers who have proved nothing", () => {
  it("are bounded in number from their upgrade on, each address by itself", async () => {
    const crowd = Array.from({ length: 200 }, () => stranger());
    await until("all of them wait", () => fixture.relay.metrics().waiting === 200);
    const late = stranger();
    await late.closed;
    expect(late.text).not.toContain("101 Switching");
    expect(counted("link_limit")).toBe(1);
    expect(late.text).toMatch(/^HTTP\/1\.1 503 .*\r\nRetry-After: 10\r\n/s);
    const neighbour = stranger({ "X-Forwarded-For": "198.51.100.8" });
    await until("another address gets in", () => neighbour.text.includes("101 Switching"));
    for (const each of [...crowd, neighbour]) each.socket.destroy();
    await atPeace();
  });

  it("are bounded in bytes, in one message or in many", async () => {
    const one = stranger();
    await until("it is let in", () => one.text.includes("101 Switching"));
    one.socket.write(frame(TEXT, Buffer.alloc(1_000_000, "4")));
    await one.closed;
    const many = stranger();
    await until("it is let in", () => many.text.includes("101 Switching"));
    // Attachments of one event that never has them all.
    many.socket.write(frame(TEXT, Buffer.from('4510-["x",{"_placeholder":true,"num":0}]')));
    const drip = setInterval(() => many.socket.write(frame(0x82, Buffer.alloc(8_000))), 5);
    await many.closed;
    clearInterval(drip);
    expect(counted("link_bytes") + counted("frame")).toBeGreaterThanOrEqual(2);
    await atPeace();
  });

  it("are bounded in time, whichever step they stop at", async () => {
    const began = Date.now();
    const silent = stranger();
    const half = dial(upgrade(LINK).slice(0, -2));
    const dialBack = dial("GET /relay/stream/st-00000000000000000 HTTP/1.1\r\nHost: x\r\nUpgr");
    const mute = handshake(generateSigningKeyPair(), () => null);
    await Promise.all([silent.closed, half.closed, dialBack.closed]);
    expect(await mute).toMatchObject({ error: { code: "host_timeout" }, retry: true });
    expect(half.text + dialBack.text).toMatch(/400 Bad.*400 Bad/s);
    expect(Date.now() - began).toBeLessThan(30_000);
    expect(counted("link_late")).toBe(2);
    expect(counted("http")).toBe(2);
    await atPeace();
  });

  it("are offered no compression, and a compressed message ends them", async () => {
    const bomb = stranger({ "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" });
    await until("it is let in", () => bomb.text.includes("101 Switching"));
    expect(bomb.text).not.toMatch(/permessage-deflate/i);
    bomb.socket.write(frame(COMPRESSED_TEXT, gzipSync(Buffer.alloc(20_000_000)).subarray(10, 20_000)));
    await bomb.closed;
    expect(counted("frame")).toBe(1);
    await atPeace();
  });

  it("get nowhere with frames that are none, hellos that are none, and no key", async () => {
    const garbage = stranger();
    await until("it is let in", () => garbage.text.includes("101 Switching"));
    garbage.socket.write(randomBytes(2_000));
    await garbage.closed;
    expect(counted("frame") + counted("link_bytes")).toBeGreaterThanOrEqual(1);
    const key = generateSigningKeyPair();
    for (const hello of [{ publicKey: "x" }, { protocol: "1" }, { agentNonce: null }, { agentVersion: "x".repeat(60) }])
      expect(await handshake(key, () => null, hello)).toMatchObject({ error: { code: "bad_request" }, retry: false });
    expect(counted("link_malformed")).toBe(4);
    expect(await handshake(key, (nonce, agentNonce) => proofFor(key, nonce, agentNonce))).toMatchObject({ error: { code: "not_found" } });
    expect(counted("link_forbidden")).toBe(1);
    await atPeace();
  });

  it("gain nothing by a host's proof of another time", async () => {
    const { signing } = honest.identity;
    const proofs: string[] = [];
    const other = generateSigningKeyPair();
    // The key of the honest host, known to all, and a signature it really made for an earlier challenge.
    await handshake(other, (nonce, agentNonce) => {
      proofs.push(proofFor(signing, nonce, agentNonce));
      return null as never;
    }).catch(() => {});
    const [old = ""] = proofs;
    expect(old).not.toBe("");
    expect(await handshake({ ...other, publicKey: signing.publicKey }, () => old)).toMatchObject({ error: { code: "unauthenticated" } });
    expect(counted("link_proof")).toBe(1);
    await atPeace();
  });
});

describe("a host that turns hostile", () => {
  it("loses its link by a message that is too long, and no other host does", async () => {
    const bad = await fixture.addAgent();
    await until("it is linked", () => isReady(bad));
    const { hostId } = bad;
    const session = fixture.relay.sessions.registry.get(hostId);
    expect(session).toBeDefined();
    const usage = {
      cpuFraction: 0,
      memoryUsedBytes: 0,
      storageUsedBytes: 0,
      networkReceivedBytesPerSecond: 0,
      networkSentBytesPerSecond: 0,
    };
    bad.link.sendUsage({ at: 1, ...usage, instances: [], filler: "x".repeat(5_000_000) } as never);
    await until("its link is lost", () => bad.states.some((state) => state.kind === "waiting"));
    await bad.link.stop();
    expect(counted("frame")).toBe(1);
    await atPeace();
  });

  it("that says it dials back and does not costs its viewer 15 s and the relay nothing", async () => {
    const liar = await fixture.addAgent();
    await until("it is linked", () => isReady(liar));
    const session = fixture.relay.sessions.registry.get(liar.hostId);
    const answer = { emitWithAck: async () => ({ ok: true }) };
    Object.assign(session?.socket ?? {}, { timeout: () => answer });
    const viewer = openViewer(fixture.url, fixture.ticket(liar));
    expect(await viewer.closed).toMatchObject({ code: CONSOLE_CLOSE.hostUnreachable });
    await liar.link.stop();
    await atPeace();
  });
});

it("tickets that were used and streams nobody waits for are refused and counted", async () => {
  const ticket = fixture.ticket(honest);
  const first = openViewer(fixture.url, ticket);
  await until("it is open", () => first.socket.readyState === first.socket.OPEN);
  expect(await openViewer(fixture.url, ticket).closed).toMatchObject({ code: CONSOLE_CLOSE.ticketRefused });
  expect(counted("ticket")).toBe(1);
  first.socket.close();
  const guess = dial("GET /relay/stream/st-00000000000000000 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: indium-stream\r\n\r\n");
  await guess.closed;
  expect(guess.text).toContain("404");
  expect(counted("stream")).toBe(1);
  await atPeace();
});

describe("the private listener", () => {
  it("unpacks nothing: a packed body is bytes that nobody signed", async () => {
    const body = gzipSync(Buffer.alloc(50_000_000));
    const url = `http://127.0.0.1:${fixture.relay.rpcPort}/call`;
    const heap = process.memoryUsage().rss;
    const answer = await fetch(url, { method: "POST", body, headers: { "content-encoding": "gzip", "content-type": "application/json" } });
    expect(answer.status).toBe(401);
    expect(process.memoryUsage().rss - heap).toBeLessThan(40_000_000);
  });

  it("tells its numbers, which the public one does not", async () => {
    const answer = await fetch(`http://127.0.0.1:${fixture.relay.rpcPort}/metrics`);
    expect(await answer.json()).toEqual(fixture.relay.metrics());
    expect((await fetch(`${fixture.url}/metrics`)).status).toBe(404);
  });
});

it("leaves nothing of hundreds of attacks: no socket, no timer, no memory", async () => {
  const attack = async (number: number): Promise<void> => {
    const each = stranger({ "X-Forwarded-For": `198.51.100.${number % 200}` });
    await until("it is let in", () => each.text.includes("101 Switching"), 30_000);
    each.socket.write(frame(TEXT, Buffer.from('40{"publicKey":"x"}')));
    await until("it is told why", () => each.text.includes("malformed"), 30_000);
    each.socket.destroy();
    await each.closed;
  };
  const rounds = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round += 20) await Promise.all(Array.from({ length: 20 }, (_each, index) => attack(round + index)));
  };
  const live = () => {
    collect();
    const kinds = process.getActiveResourcesInfo();
    const of = (kind: string) => kinds.filter((each) => each === kind).length;
    return { sockets: of("TCPSocketWrap"), timers: of("Timeout"), heap: process.memoryUsage().heapUsed };
  };
  await rounds(100);
  await atPeace();
  const first = live();
  await rounds(400);
  await atPeace();
  await until("the sockets are gone", () => live().sockets <= first.sockets + 2, 30_000);
  const last = live();
  expect(last.timers).toBeLessThanOrEqual(first.timers + 3);
  expect(last.heap - first.heap).toBeLessThan(4_000_000);
});
