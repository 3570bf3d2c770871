import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { SignedEnvelope } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import { SignedUsage } from "@indium/contract/host";
import { relayApi } from "@indium/contract/internal-api";
import { newId } from "@indium/contract/plain/ids";
import { SignedReports } from "@indium/contract/report";
import { openEnvelope } from "@indium/tunnel/envelope";
import { hostLink } from "@indium/tunnel/host-link";
import { generateSigningKeyPair } from "@indium/tunnel/keys";
import { appErrorOf } from "@indium/tunnel/rpc-error";
import type { Schema } from "@indium/tunnel/schema";
import { signedCall } from "@indium/tunnel/signed-http";
import { createTRPCClient } from "@trpc/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFixture, type Fixture, isReady, type TestAgent, type testRouter, until } from "./test-support/fixture";

let fixture: Fixture;
beforeEach(async () => {
  fixture = await createFixture();
  await until("the relay registers", () => fixture.logged.some((line) => line.startsWith("registered")));
});
afterEach(() => fixture.close());

const callsOf = (name: string) =>
  fixture.centre.calls.filter((call) => call.name === name).map((call) => call.input as Record<string, unknown>);

async function relayCall(name: keyof typeof relayApi, input: unknown, keys = fixture.centreKeys): Promise<unknown> {
  const { publicKey } = callsOf("registerRelay").at(-1) as { publicKey: string };
  const outputSchema = relayApi[name].output as Schema<unknown>;
  return await signedCall(`http://127.0.0.1:${fixture.relay.rpcPort}`, name, input, {
    privateKey: keys.privateKey,
    peerPublicKey: publicKey,
    outputSchema,
    timeoutMs: 5_000,
    peerName: "The relay",
  });
}

function clientOf(agent: TestAgent, linkEpoch = fixture.centre.epoch) {
  return createTRPCClient<typeof testRouter>({
    links: [
      hostLink<typeof testRouter>(async ({ type, path, input }) => {
        const answer = await relayCall("call", { hostId: agent.hostId, linkEpoch, type, path, input, timeoutMs: 2_000 });
        return answer as { ok: true; result: unknown };
      }),
    ],
  });
}
const batch = (seq: number) => ({
  ledgerId: newId("ledger"),
  items: [{ seq, at: 1, body: { kind: "host.event" as const, level: "info" as const, code: "test", message: "hello" } }],
});
const codeOf = (promise: Promise<unknown>) => promise.then(() => "succeeded").catch((thrown) => appErrorOf(thrown).code);

describe("a link", () => {
  it("comes up by proof of key, carries calls with dates and typed errors, and reports with the centre's ack", async () => {
    const agent = await fixture.addAgent();
    await until("the link is ready", () => isReady(agent));
    expect(callsOf("connectHost")[0]).toMatchObject({ relayName: "test", publicKey: agent.identity.signing.publicKey });
    expect(await clientOf(agent).clock.query()).toEqual({ at: new Date(5) });
    expect(await codeOf(clientOf(agent).full.mutate())).toBe("disk_full");
    expect(await agent.link.sendBatch(batch(7))).toMatchObject({ ackedSeq: 7 });
    expect(callsOf("ingestReports")[0]).toMatchObject({ hostId: agent.hostId, linkEpoch: fixture.centre.epoch });
    const { reports } = callsOf("ingestReports")[0] as { reports: SignedEnvelope };
    const opened = openEnvelope(reports, {
      purpose: "host-report",
      publicKeys: [agent.identity.signing.publicKey],
      schema: SignedReports,
    });
    expect(opened).toMatchObject({ hostId: agent.hostId, linkEpoch: fixture.centre.epoch, items: [{ seq: 7 }] });
  });

  it("is fenced: a call with another epoch, or by another than the centre, reaches no host", async () => {
    const agent = await fixture.addAgent();
    await until("the link is ready", () => isReady(agent));
    expect(await codeOf(clientOf(agent, fixture.centre.epoch + 1).clock.query())).toBe("host_unreachable");
    const input = { hostId: agent.hostId, linkEpoch: fixture.centre.epoch, type: "query", path: "clock", input: {}, timeoutMs: 500 };
    expect(await codeOf(relayCall("call", input, generateSigningKeyPair()))).toBe("signature_invalid");
  });

  it("is refused to a key the centre does not know, and the agent slows down to minutes", async () => {
    const agent = await fixture.addAgent();
    await until("the link is ready", () => isReady(agent));
    fixture.centre.hosts.clear();
    const stranger = await fixture.addAgent({ name: "stranger" });
    fixture.centre.hosts.clear();
    await until("the stranger is refused", () => stranger.states.some((state) => state.kind === "waiting" && state.refusal !== null));
    const waiting = stranger.states.find((state) => state.kind === "waiting");
    expect(waiting).toMatchObject({ refusal: { code: "not_found" } });
    expect(waiting?.kind === "waiting" && waiting.retryInMs).toBeGreaterThan(240_000);
  });

  it("of a revoked host ends at once and does not come back soon", async () => {
    const agent = await fixture.addAgent();
    await until("the link is ready", () => isReady(agent));
    await relayCall("dropHost", { hostId: agent.hostId, reason: "This host was removed." });
    await until("the link ends", () => agent.link.state.kind === "waiting");
    expect(agent.link.state).toMatchObject({ refusal: { code: "host_revoked", message: "This host was removed." } });
    expect(fixture.relay.sessions.registry.size).toBe(0);
  });

  it("claimed twice stays with the newer one", async () => {
    const first = await fixture.addAgent({ name: "same" });
    await until("the first is ready", () => isReady(first));
    const second = await fixture.addAgent({ name: "same" });
    await until(
      "the second is ready and the first was dropped",
      () => isReady(second) && first.states.some((state) => state.kind === "waiting"),
    );
    await first.link.stop();
    await until("the second holds it", () => isReady(second));
    expect(fixture.relay.sessions.registry.size).toBe(1);
  });

  it("outlives a restart of the centre; reports meanwhile are not acknowledged", async () => {
    const agent = await fixture.addAgent();
    await until("the link is ready", () => isReady(agent));
    await fixture.centre.stop();
    expect(await codeOf(agent.link.sendBatch(batch(1)))).toBe("host_unreachable");
    await fixture.centre.start();
    expect(await agent.link.sendBatch(batch(1))).toMatchObject({ ackedSeq: 1 });
    expect(agent.states.filter((state) => state.kind === "waiting")).toEqual([]);
  });

  it("comes back after a restart of the relay with a higher epoch", async () => {
    const agent = await fixture.addAgent();
    await until("the link is ready", () => isReady(agent));
    await fixture.restartRelay();
    await until("it is ready again", () => agent.states.filter((state) => state.kind === "ready").length === 2);
    expect(agent.link.state).toMatchObject({ kind: "ready", linkEpoch: 2 });
  });

  it("whose lease the centre gave away is dropped, one that linked anew meanwhile is not", async () => {
    const agent = await fixture.addAgent();
    await until("the link is ready", () => isReady(agent));
    fixture.centre.handlers.renewLeases = async () => ({ lost: [agent.hostId] });
    await until(
      "a lease is lost",
      () => agent.states.some((state) => state.kind === "waiting" && state.refusal?.code === "conflict"),
      12_000,
    );
    fixture.centre.handlers = {};
    await until("it is back", () => isReady(agent));
  });

  it("hands usage on in batches", async () => {
    const agent = await fixture.addAgent();
    await until("the link is ready", () => isReady(agent));
    const usage = {
      at: 1,
      cpuFraction: 0.5,
      memoryUsedBytes: 1,
      storageUsedBytes: 1,
      networkReceivedBytesPerSecond: 0,
      networkSentBytesPerSecond: 0,
      instances: [],
    };
    agent.link.sendUsage(usage);
    await until("usage arrives", () => callsOf("ingestUsage").length > 0);
    const { samples } = callsOf("ingestUsage")[0] as { samples: { hostId: string; usage: SignedEnvelope }[] };
    const [sample] = samples;
    expect(sample?.hostId).toBe(agent.hostId);
    const key = { purpose: "host-usage", publicKeys: [agent.identity.signing.publicKey], schema: SignedUsage } as const;
    expect(openEnvelope(sample?.usage, key)).toMatchObject({ hostId: agent.hostId, number: 1, usage: { at: 1 } });
  });

  it("tells the host that its samples were taken once the centre has them, and not before", async () => {
    const agent = await fixture.addAgent();
    await until("the link is ready", () => isReady(agent));
    const usage = {
      at: 1,
      cpuFraction: 0.5,
      memoryUsedBytes: 1,
      storageUsedBytes: 1,
      networkReceivedBytesPerSecond: 0,
      networkSentBytesPerSecond: 0,
      instances: [],
    };
    const metrics = [{ at: 15_000, host: [1.5, null], instances: [] }];
    const take = fixture.centre.handlers.ingestUsage;
    let refused = 0;
    fixture.centre.handlers.ingestUsage = async () => {
      refused += 1;
      throw new AppError("internal", "the database is away");
    };
    const taken: string[] = [];
    agent.link.sendUsage(usage, metrics, () => taken.push("first"));
    await until("the centre has refused it", () => refused > 0);
    fixture.centre.handlers.ingestUsage = take;
    const before = callsOf("ingestUsage").length;
    agent.link.sendUsage(usage, metrics, () => taken.push("second"));
    await until("the host is told", () => taken.length > 0);
    expect(taken).toEqual(["second"]);
    const { samples } = callsOf("ingestUsage")[before] as { samples: { usage: SignedEnvelope }[] };
    const key = { purpose: "host-usage", publicKeys: [agent.identity.signing.publicKey], schema: SignedUsage } as const;
    expect(openEnvelope(samples[0]?.usage, key)).toMatchObject({ metrics });
  });

  it("tells an unregistered relay's agents to try again", async () => {
    const other = await createFixture();
    other.centre.handlers.registerRelay = async () => {
      throw new AppError("internal", "still migrating");
    };
    try {
      const agent = await other.addAgent();
      await until("it waits or is ready", () => agent.states.some((state) => state.kind === "waiting" || state.kind === "ready"));
      for (const state of agent.states) if (state.kind === "waiting") expect(state.retryInMs).toBeLessThan(31_000);
    } finally {
      await other.close();
    }
  });
});

describe("a relay that is full", () => {
  it("sends further hosts away for a while, and keeps those it has", async () => {
    const full = await createFixture({ env: { maxLinks: 1 } });
    try {
      await until("the relay registers", () => full.logged.some((line) => line.startsWith("registered")));
      const first = await full.addAgent();
      await until("the link is ready", () => isReady(first));
      const second = await full.addAgent();
      await until("the other waits", () => second.states.some((state) => state.kind === "waiting"));
      const [waiting] = second.states.flatMap((state) => (state.kind === "waiting" ? [state] : []));
      expect(waiting).toMatchObject({ refusal: { code: "rate_limited", message: expect.stringContaining("1 links already") } });
      expect(waiting?.retryInMs).toBeGreaterThanOrEqual(15_000 - 100);
      expect(full.relay.metrics()).toMatchObject({ links: 1, refusals: { link_busy: 1 } });
      expect(full.centre.calls.filter((call) => call.name === "linkNonce")).toHaveLength(1);
      // Its hosts have nowhere else to go.
      await full.relay.drain();
      expect(isReady(first)).toBe(true);
    } finally {
      await full.close();
    }
  });
});

it.each([
  { says: "Retry-After: 40\r\n", atLeast: 40_000, atMost: 60_000 },
  { says: "", atLeast: 10_000, atMost: 15_000 },
])("a host that is answered 503 stays away for as long as it is told ($says)", async ({ says, atLeast, atMost }) => {
  const busy = createServer().on("upgrade", (_request, socket) => {
    socket.end(`HTTP/1.1 503 Service Unavailable\r\n${says}Connection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
  try {
    const agent = await fixture.addAgent({ origin: `http://127.0.0.1:${(busy.address() as AddressInfo).port}` });
    await until("it waits", () => agent.states.some((state) => state.kind === "waiting"));
    const [waiting] = agent.states.flatMap((state) => (state.kind === "waiting" ? [state] : []));
    expect(waiting).toMatchObject({ refusal: { code: "rate_limited" } });
    expect(waiting?.retryInMs).toBeGreaterThanOrEqual(atLeast - 100);
    expect(waiting?.retryInMs).toBeLessThanOrEqual(atMost);
  } finally {
    busy.close().closeAllConnections();
  }
});

describe("garbage on the relay's ports", () => {
  const send = (port: number, bytes: string | Buffer) =>
    new Promise<string>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
      let answer = "";
      socket.on("data", (chunk) => {
        answer += chunk.toString("latin1");
      });
      socket.on("error", () => {});
      socket.on("close", () => resolve(answer));
    });

  it("is closed and harms no link", async () => {
    const agent = await fixture.addAgent();
    await until("the link is ready", () => isReady(agent));
    const { port, rpcPort } = fixture.relay;
    for (const target of [port, rpcPort]) {
      expect(await send(target, Buffer.from("\x16\x03\x01\x02\x00\x01\x00garbage\r\n\r\n", "latin1"))).toContain("400");
      expect(await send(target, `GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(70_000)}\r\n\r\n`)).toMatch(/4\d\d|^$/);
    }
    const upgrade = (path: string, protocol: string) =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;
    expect(await send(port, upgrade("/relay/stream/st-00000000000000000", "indium-stream"))).toContain("404");
    expect(await send(port, upgrade("/relay/stream/../../etc/passwd", "indium-stream"))).toContain("404");
    expect(await send(port, upgrade("/relay/console?ticket=%00", "websocket"))).toContain("400");
    expect(await send(port, upgrade("/elsewhere", "websocket"))).toContain("404");
    expect(await send(port, upgrade("/relay/link", "websocket"))).toContain("404");
    expect(await send(port, upgrade("/relay/link/?EIO=4&transport=websocket", "indium-stream"))).toContain("400");
    expect((await fetch(`${fixture.url}/relay/link/?EIO=4&transport=polling`)).status).toBe(400);
    expect((await fetch(`${fixture.url}/relay/health`).then((response) => response.json())) as unknown).toEqual({
      ok: true,
      registered: true,
    });
    expect(await clientOf(agent).clock.query()).toEqual({ at: new Date(5) });
    expect(agent.states.filter((state) => state.kind === "ready")).toHaveLength(1);
  });

  it("that comes drop by drop is cut off", async () => {
    const began = Date.now();
    const answer = await send(fixture.relay.port, "GET / HTTP/1.1\r\nHost: slow\r\nX-Slow: ");
    expect(answer).toMatch(/408|400/);
    expect(Date.now() - began).toBeLessThan(15_000);
  });
});
