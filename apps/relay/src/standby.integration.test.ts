import { LinkPromote } from "@indium/contract/link";
import { newId } from "@indium/contract/plain/ids";
import { RELAY_PATHS } from "@indium/contract/protocol";
import { boundedParser } from "@indium/tunnel/bounded-parser";
import { generateSigningKeyPair, type KeyPair } from "@indium/tunnel/keys";
import { io } from "socket.io-client";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { AgentSocket } from "../../agent/src/link/connection";
import { AgentHandshake } from "../../agent/src/link/handshake";
import { createFixture, type Fixture, isReady, until } from "./test-support/fixture";

/** The relay's side of a standby, by a client that says what a test likes. */
let fixture: Fixture;
let opened: AgentSocket[];
beforeEach(async () => {
  opened = [];
  fixture = await createFixture({ env: { maxLinks: 2 } });
  await until("the relay registers", () => fixture.logged.some((line) => line.startsWith("registered")));
});
afterEach(async () => {
  for (const socket of opened) socket.disconnect();
  await fixture.close();
});

const enrolled = (): KeyPair => {
  const keys = generateSigningKeyPair();
  fixture.centre.hosts.set(keys.publicKey, newId("host"));
  return keys;
};
const asked = (name: string) => fixture.centre.calls.filter((call) => call.name === name);

/** Connects as a standby and goes through with whatever handshakes the relay asks for; `said` is what it was told. */
function standBy(keys: KeyPair, change: { sign?: "host" | "standby" } = {}) {
  const options = { keys, centrePublicKey: fixture.centreKeys.publicKey, agentVersion: "1" };
  let handshake = new AgentHandshake({ ...options, standby: true });
  const { hello } = handshake;
  if (change.sign === "host") handshake.hello.standby = false;
  const socket: AgentSocket = io(fixture.url, {
    path: RELAY_PATHS.link,
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    parser: boundedParser,
    auth: { ...hello, standby: true },
  });
  opened.push(socket);
  const said: string[] = [];
  let epoch = 0;
  socket.on("link:challenge", (raw, answer) => answer(handshake.answer(raw, Date.now()).proof));
  socket.on("link:standby", () => said.push("standby"));
  socket.on("link:ready", (raw) => {
    said.push("ready");
    epoch = handshake.ready(raw, "test").linkEpoch;
  });
  socket.on("link:refused", ({ error, retry }) => said.push(`${error.code}${retry ? "" : " for good"}`));
  socket.on("link:leave", () => said.push("leave"));
  return {
    socket,
    said,
    epoch: () => epoch,
    promote: () => {
      handshake = new AgentHandshake(options);
      socket.emit("link:promote", LinkPromote.parse(handshake.hello));
    },
  };
}

it("a standby raises no epoch and is counted for nothing until it is promoted, and then it is a link", async () => {
  const keys = enrolled();
  const standby = standBy(keys);
  await until("it stands by", () => standby.said.length > 0);
  expect(standby.said).toEqual(["standby"]);
  expect([asked("standbyHost").length, asked("connectHost").length]).toEqual([1, 0]);
  expect(fixture.relay.metrics()).toMatchObject({ links: 0, standbys: 1, waiting: 0 });
  await standby.socket.timeout(5_000).emitWithAck("link:echo");
  // What only a link may say is not heard.
  standby.socket.emit("usage", {} as never, () => {});
  await expect(standby.socket.timeout(300).emitWithAck("report", {} as never)).rejects.toThrow();

  standby.promote();
  await until("it is the link", () => standby.said.includes("ready"));
  expect(standby.epoch()).toBe(1);
  expect(fixture.relay.metrics()).toMatchObject({ links: 1, standbys: 0 });
  await standby.socket.timeout(5_000).emitWithAck("link:echo");
  expect(await standby.socket.timeout(5_000).emitWithAck("report", {} as never)).toMatchObject({ ok: false });
  standby.promote();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(asked("connectHost")).toHaveLength(1);
});

it("a key that nobody enrolled, and a link's proof, get no standby", async () => {
  const stranger = standBy(generateSigningKeyPair());
  const wrongProof = standBy(enrolled(), { sign: "host" });
  await until("both are refused", () => stranger.said.length > 0 && wrongProof.said.length > 0);
  expect([stranger.said, wrongProof.said]).toEqual([["not_found for good"], ["unauthenticated for good"]]);
  expect(asked("connectHost")).toEqual([]);
  expect(fixture.relay.metrics()).toMatchObject({ links: 0, standbys: 0 });
});

it("a host stands by once, counts against the relay's limit, and gives way to a link", async () => {
  const keys = enrolled();
  const first = standBy(keys);
  await until("it stands by", () => first.said.length > 0);
  const again = standBy(keys);
  await until("the newer one takes its place", () => again.said.length > 0 && first.said.length > 1);
  expect([first.said, again.said]).toEqual([["standby", "conflict"], ["standby"]]);
  const other = standBy(enrolled());
  await until("the other stands by", () => other.said.length > 0);
  const third = standBy(enrolled());
  await until("there is no room for a third", () => third.said.length > 0);
  expect([other.said, third.said]).toEqual([["standby"], ["rate_limited"]]);
  const agent = await fixture.addAgent();
  await until("a link finds room", () => isReady(agent));
  expect(again.said).toEqual(["standby", "rate_limited"]);
  expect(fixture.relay.metrics()).toMatchObject({ links: 1, standbys: 1 });
});

it("one of a host that was removed is ended with the next renewal, or when the centre says so", async () => {
  const keys = enrolled();
  const standby = standBy(keys);
  await until("it stands by", () => standby.said.length > 0);
  fixture.centre.handlers.renewLeases = async ({ standbys = [] }) => ({ lost: [], removed: standbys });
  await until("it is ended", () => standby.said.length > 1, 12_000);
  expect(standby.said).toEqual(["standby", "host_revoked for good"]);
  expect(asked("renewLeases").at(-1)?.input).toMatchObject({ standbys: [fixture.centre.hosts.get(keys.publicKey)] });
  await until("and is gone", () => fixture.relay.metrics().standbys === 0);
});
