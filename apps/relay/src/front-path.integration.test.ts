import { createSocket, type Socket } from "node:dgram";
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONSOLE_CLOSE } from "@indium/contract/plain/console-close";
import { newId } from "@indium/contract/plain/ids";
import { Carrier } from "@indium/tunnel/overlay/carrier";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { enrol } from "../../agent/src/link/enrol";
import { dialStream } from "../../agent/src/link/streams";
import { pinOf, prepareTls } from "../../web/src/front/certificate";
import { readFrontEnv } from "../../web/src/front/env";
import { createFront } from "../../web/src/front/server";
import { createFixture, type Fixture, isReady, openViewer, testFacts, until } from "./test-support/fixture";

/** Agents and browsers through the one public port, over TLS with a self-signed and pinned key. */
let fixture: Fixture;
let front: Server;
let web: Server;
let directory: string;
let origin: string;
let pin: string;
let wireguard: Socket;
let enrolment: unknown;
const listen = async (server: Server) => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

beforeEach(async () => {
  wireguard = createSocket("udp4");
  await new Promise<void>((resolve) => wireguard.bind(0, "127.0.0.1", resolve));
  const { port } = wireguard.address();
  fixture = await createFixture({ env: { overlay: { off: "played here", port, endpoint: null, peersFile: "" } } });
  await until("the relay registers", () => fixture.logged.some((line) => line.startsWith("registered")));
  directory = await mkdtemp(join(tmpdir(), `indium-front-path-${process.pid}-`));
  const tls = await prepareTls(readFrontEnv({ INDIUM_KEYS_DIR: directory, INDIUM_BIND: "0.0.0.0" }));
  if (tls === null) throw new Error("no certificate");
  pin = pinOf(tls.cert);
  web = createServer((_req, res) => res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(enrolment)));
  front = createFront({ tls, webPort: await listen(web), relayPort: fixture.relay.port });
  origin = `https://127.0.0.1:${await listen(front)}`;
});
afterEach(async () => {
  wireguard.close();
  await fixture.close();
  for (const server of [front, web]) server.close().closeAllConnections();
  await rm(directory, { recursive: true, force: true });
});

describe("through the front", () => {
  it("a link and a console work over TLS under the pinned key, and the centre learns the agent's address", async () => {
    const agent = await fixture.addAgent({ origin, tlsPin: pin });
    await until("the link is ready", () => isReady(agent));
    expect(fixture.centre.calls.find((call) => call.name === "connectHost")?.input).toMatchObject({ remoteAddress: "127.0.0.1" });
    const viewer = openViewer(origin, fixture.ticket(agent));
    await new Promise((resolve) => viewer.socket.once("open", resolve));
    const sent = Buffer.from(Array.from({ length: 2_000_000 }, (_, index) => (index * 13) % 256));
    viewer.socket.send(sent);
    await until("the echo is complete", () => viewer.received().length === sent.length);
    expect(viewer.received().equals(sent)).toBe(true);
    viewer.socket.close();
    await until("nothing is left", () => fixture.relay.streams.size === 0);
  });

  it("WireGuard inside a stream goes both ways, whole", async () => {
    const stream = await dialStream(
      { relayUrl: origin, ways: () => ({ urls: [origin], name: null }) },
      fixture.relay.overlay.carriers.offer(newId("host")),
      pin,
    );
    const got: Buffer[] = [];
    const host = new Carrier({ stream, toWireGuard: (datagram) => void got.push(Buffer.from(datagram)), onEnd: () => {} });
    const sent = Buffer.alloc(1_312, 7);
    sent.writeUInt32LE(4, 0);
    // The relay's WireGuard is played: it says everything again.
    wireguard.on("message", (bytes, { port, address }) => wireguard.send(bytes, port, address));
    await until("it comes back", () => {
      host.fromWireGuard(sent);
      return got.length > 3;
    });
    for (const datagram of got) expect(datagram).toEqual(sent);
    expect(fixture.relay.metrics()).toMatchObject({ carriers: 1, streams: 0 });
    host.close();
    await until("nothing is left", () => fixture.relay.overlay.carriers.size === 0);
  });

  it("loses no tail and tells a browser why it is refused", async () => {
    const agent = await fixture.addAgent({ origin, tlsPin: pin });
    await until("the link is ready", () => isReady(agent));
    const last = Buffer.alloc(3_000_000, 9);
    fixture.onVm = (socket) => socket.end(last);
    const viewer = openViewer(origin, fixture.ticket(agent));
    expect((await viewer.closed).code).toBe(CONSOLE_CLOSE.vmEnded);
    expect(viewer.received().equals(last)).toBe(true);
    expect((await openViewer(origin, "nonsense").closed).code).toBe(CONSOLE_CLOSE.ticketRefused);
  });

  it("an agent talks to no one whose key is not the pinned one", async () => {
    const agent = await fixture.addAgent({ origin, tlsPin: `sha256//${"A".repeat(43)}=` });
    await until("it gives up the try", () => agent.states.some((state) => state.kind === "waiting"));
    const waiting = agent.states.find((state) => state.kind === "waiting");
    expect(waiting?.kind === "waiting" && waiting.reason).toContain("pinned");
    const unpinned = await fixture.addAgent({ origin });
    await until("an unpinned one trusts only authorities", () => unpinned.states.some((state) => state.kind === "waiting"));
    expect(fixture.centre.calls.filter((call) => call.name === "connectHost")).toEqual([]);
  });

  it("a host enrols under the pin, and with the pinned centre only", async () => {
    const { identity } = await fixture.addAgent();
    const hostId = newId("host");
    enrolment = { hostId, centrePublicKey: fixture.centreKeys.publicKey, relayUrls: [origin] };
    const options = {
      origin,
      token: `indium-enrol-${"0".repeat(64)}`,
      identity,
      facts: testFacts(),
      tlsPin: pin,
      expectedCentreKey: fixture.centreKeys.publicKey,
    };
    expect(await enrol(options)).toMatchObject({ hostId, origin, tlsPin: pin });
    const codeOf = (promise: Promise<unknown>) => promise.then(() => "succeeded").catch((thrown: { code: string }) => thrown.code);
    expect(await codeOf(enrol({ ...options, expectedCentreKey: Buffer.alloc(32).toString("base64") }))).toBe("signature_invalid");
    expect(await codeOf(enrol({ ...options, tlsPin: `sha256//${"A".repeat(43)}=` }))).toBe("host_unreachable");
    expect(await codeOf(enrol({ ...options, token: "indium-enrol-short" }))).toBe("token_invalid");
  });
});
