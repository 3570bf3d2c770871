import { relayApi } from "@indium/contract/internal-api";
import { hostLink } from "@indium/tunnel/host-link";
import { appErrorOf } from "@indium/tunnel/rpc-error";
import { signedCall } from "@indium/tunnel/signed-http";
import { createTRPCClient } from "@trpc/client";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  createFixture,
  type Fixture,
  isReady,
  openViewer,
  slowCalls,
  type TestAgent,
  type testRouter,
  until,
} from "./test-support/fixture";

let fixture: Fixture;
let agent: TestAgent;
beforeEach(async () => {
  fixture = await createFixture();
  slowCalls.count = 0;
  await until("the relay registers", () => fixture.logged.some((line) => line.startsWith("registered")));
  agent = await fixture.addAgent();
  await until("the link is ready", () => isReady(agent));
});
afterEach(() => fixture.close());

/** Another way to the same relay. */
const otherWay = () => fixture.url.replace("127.0.0.1", "localhost");
const epochOf = () => (agent.link.state.kind === "ready" ? agent.link.state.linkEpoch : 0);

function clientOf(linkEpoch: number) {
  const [registration] = fixture.centre.calls.filter((call) => call.name === "registerRelay");
  const { publicKey } = (registration ?? { input: {} }).input as { publicKey: string };
  const call = (input: unknown) =>
    signedCall(`http://127.0.0.1:${fixture.relay.rpcPort}`, "call", input, {
      privateKey: fixture.centreKeys.privateKey,
      peerPublicKey: publicKey,
      outputSchema: relayApi.call.output,
      timeoutMs: 10_000,
      peerName: "The relay",
    });
  return createTRPCClient<typeof testRouter>({
    links: [
      hostLink<typeof testRouter>(({ type, path, input }) =>
        call({ hostId: agent.hostId, linkEpoch, type, path, input, timeoutMs: 8_000 }),
      ),
    ],
  });
}

it("a link moves with its calls, each carried out once, and the host is never without one", async () => {
  const before = epochOf();
  const slow = clientOf(before).slow.mutate();
  await until("it is under way", () => slowCalls.count === 1);
  expect(await agent.link.move(otherWay())).toBeNull();
  expect(agent.link.state).toMatchObject({ kind: "ready", relayUrl: otherWay(), linkEpoch: before + 1 });
  expect(await slow).toBe(1);
  // Asked of either epoch: what web read just before the move is still this host.
  expect(await clientOf(before).clock.query()).toEqual({ at: new Date(5) });
  expect(await clientOf(before + 1).clock.query()).toEqual({ at: new Date(5) });
  expect(agent.states.filter(({ kind }) => kind === "waiting")).toEqual([]);
  expect(fixture.relay.sessions.registry.size).toBe(1);
  expect(fixture.centre.calls.filter(({ name }) => name === "disconnectHost")).toEqual([]);
  // And back again.
  expect(await agent.link.move(fixture.url)).toBeNull();
  expect(epochOf()).toBe(before + 2);
  const error = await clientOf(before)
    .clock.query()
    .catch((thrown: unknown) => appErrorOf(thrown).code);
  expect(error).toBe("host_unreachable");
});

it("loses no call while it moves to and fro", async () => {
  let moving = true;
  const moves = (async () => {
    for (const url of [otherWay(), fixture.url, otherWay(), fixture.url, otherWay(), fixture.url]) await agent.link.move(url);
    moving = false;
  })();
  let answered = 0;
  // As web does: by the epoch that the centre has now, and once more where two moves were quicker than the call and nothing was sent.
  const call = () => clientOf(fixture.centre.epoch).clock.query();
  const ask = () =>
    call().catch((thrown: unknown) => {
      if (appErrorOf(thrown).code !== "host_unreachable") throw thrown;
      return call();
    });
  while (moving) {
    const answers = await Promise.all([ask(), ask(), ask()]);
    answered += answers.length;
  }
  await moves;
  expect(answered).toBeGreaterThan(5);
});

it("a move that leads nowhere changes nothing", async () => {
  const before = epochOf();
  expect(await agent.link.move("http://127.0.0.1:9")).toMatch(/no connection/);
  expect(agent.link.state).toMatchObject({ kind: "ready", relayUrl: fixture.url, linkEpoch: before });
  expect(await clientOf(before).clock.query()).toEqual({ at: new Date(5) });
});

it("an open console goes on by the way it was opened, and can still be ended", async () => {
  const viewer = openViewer(fixture.url, fixture.ticket(agent));
  await new Promise((resolve) => viewer.socket.once("open", resolve));
  viewer.socket.send(Buffer.from("before"));
  await until("the echo arrives", () => viewer.received().toString() === "before");
  await agent.link.move(otherWay());
  viewer.socket.send(Buffer.from(" after"));
  await until("the echo arrives", () => viewer.received().toString() === "before after");
  expect(fixture.relay.streams.end({ instanceId: fixture.instanceId, reason: "Enough." })).toBe(1);
  expect(await viewer.closed).toEqual({ code: 4004, reason: "Enough." });
});
