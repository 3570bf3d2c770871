import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { LinkHello, RelayCertificate } from "@indium/contract/link";
import { newId } from "@indium/contract/plain/ids";
import { RELAY_PATHS } from "@indium/contract/protocol";
import { boundedParser } from "@indium/tunnel/bounded-parser";
import { signEnvelope } from "@indium/tunnel/envelope";
import { generateSealingKeyPair, generateSigningKeyPair } from "@indium/tunnel/keys";
import { signRelayProof, verifyHostProof } from "@indium/tunnel/link-proof";
import { initTRPC } from "@trpc/server";
import { Server } from "socket.io";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { LinkServer, LinkSocket } from "../../../relay/src/sessions/session";
import { until } from "../../../relay/src/test-support/fixture";
import { Link } from "./dial";
import type { LinkState } from "./link-state";
import { RelayBook } from "./relay-book";

/** A real agent's link between two relays that do what a test likes: `home` holds its link, `other` is to be its standby. */
const centre = generateSigningKeyPair();
const host = generateSigningKeyPair();
const hostId = newId("host");
const router = initTRPC.create().router({});

interface Visit {
  readonly socket: LinkSocket;
  readonly hello: LinkHello;
  /** What the host proved itself for; null when it answered no challenge. */
  proof: "host" | "standby" | null;
}

async function startRelay(name: string) {
  const keys = generateSigningKeyPair();
  const http = createServer();
  const io: LinkServer = new Server(http, {
    ...{ path: RELAY_PATHS.link, transports: ["websocket"], serveClient: false, parser: boundedParser },
    ...{ pingInterval: 5_000, pingTimeout: 10_000 },
  });
  const content: RelayCertificate = { relayName: name, publicKey: keys.publicKey, expiresAt: Date.now() + 3_600_000 };
  const certificate = signEnvelope("relay-certificate", content, centre.privateKey);
  const nonce = Buffer.alloc(32, 1).toString("base64");
  let epoch = 0;
  const relay = {
    url: "",
    visits: [] as Visit[],
    /** Whether it says that it knows of standbys. */
    knows: true,
    proved: (_visit: Visit): void => {},
    ready: (socket: LinkSocket, agentNonce: string) => {
      epoch += 1;
      const claim = { hostId, relayName: name, linkEpoch: epoch, agentNonce };
      socket.emit("link:ready", { claim: signEnvelope("link-claim", claim, centre.privateKey) });
    },
    challenge: async (visit: Visit, agentNonce: string) => {
      const { socket, hello } = visit;
      const proof = { relayName: name, agentNonce, nonce };
      const answer = await socket
        .timeout(10_000)
        .emitWithAck("link:challenge", {
          ...{ certificate, nonce, relaySignature: signRelayProof(proof, keys.privateKey) },
          ...(relay.knows ? { standby: true } : {}),
        })
        .catch(() => null);
      const parts = { ...proof, protocol: hello.protocol, agentVersion: hello.agentVersion };
      const uses = ["host", "standby"] as const;
      visit.proof = uses.find((use) => answer !== null && verifyHostProof(parts, answer.signature, host.publicKey, use)) ?? null;
      return visit.proof;
    },
    close: () => io.close(),
  };
  io.on("connection", async (socket) => {
    const hello = socket.handshake.auth as LinkHello;
    const visit: Visit = { socket, hello, proof: null };
    relay.visits.push(visit);
    if ((await relay.challenge(visit, hello.agentNonce)) !== null) relay.proved(visit);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  relay.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return relay;
}

let home: Awaited<ReturnType<typeof startRelay>>;
let other: Awaited<ReturnType<typeof startRelay>>;
let link: Link<typeof router>;
let states: LinkState[];
beforeEach(async () => {
  [home, other] = await Promise.all([startRelay("home"), startRelay("other")]);
  states = [];
  home.proved = ({ socket, hello }) => home.ready(socket, hello.agentNonce);
  const membership = {
    ...{ formatVersion: 1 as const, hostId, centrePublicKey: centre.publicKey, relayUrls: [home.url], origin: home.url, tlsPin: null },
    relays: [
      { name: "home", url: home.url },
      { name: "other", url: other.url },
    ],
  };
  link = new Link({
    identity: { signing: host, sealing: generateSealingKeyPair() },
    membership,
    book: new RelayBook({ membership }),
    agentVersion: "0.0.0-test",
    router,
    createContext: () => ({}),
    onState: (state) => states.push(state),
    // Of two relays this leaves the first one first.
    random: () => 0.05,
  });
});
afterEach(async () => {
  await link.stop();
  await Promise.all([home.close(), other.close()]);
});

const linkedHome = async () => {
  link.start();
  await until("the link is up", () => link.state.kind === "ready");
  expect(link.state).toMatchObject({ relayName: "home" });
};
const stood = async (): Promise<Visit> => {
  other.proved = ({ socket }) => socket.emit("link:standby");
  await linkedHome();
  await until("it stands by", () => link.standbyAt === "other");
  const visit = other.visits.at(-1);
  if (visit === undefined) throw new Error("nobody came");
  return visit;
};
const moment = (ms = 300) => new Promise((resolve) => setTimeout(resolve, ms));

it("a relay of before is told by its challenge, proved nothing to, and left alone; the link stays", async () => {
  other.knows = false;
  await linkedHome();
  await until("it was tried", () => other.visits.length > 0);
  await until("and left", () => other.visits.every(({ socket }) => !socket.connected));
  await moment(3_000);
  expect(other.visits.map(({ proof, hello }) => [hello.standby, proof])).toEqual([[true, null]]);
  expect([link.standbyAt, link.state.kind]).toEqual([null, "ready"]);
  // It is good for a link all the same.
  other.proved = ({ socket, hello }) => other.ready(socket, hello.agentNonce);
  for (const { socket } of home.visits) socket.disconnect(true);
  await until("the link is there", () => link.state.kind === "ready" && link.state.relayName === "other");
  expect(other.visits.at(-1)).toMatchObject({ proof: "host" });
});

it("the relay of a standby gets no proof of a link from it, whatever it asks, and makes itself no link", async () => {
  const visit = await stood();
  expect(visit.proof).toBe("standby");
  expect(await other.challenge(visit, visit.hello.agentNonce)).toBe("standby");
  visit.socket.emit("trpc:req", { id: 1, type: "query", path: "anything", input: {} });
  visit.socket.emit("link:relays", {} as never);
  await moment();
  expect([link.standbyAt, states.filter((state) => state.kind === "ready").length]).toEqual(["other", 1]);
  // The claim is the centre's own, of another time: no such one is given for a standby's proof.
  other.ready(visit.socket, visit.hello.agentNonce);
  await until("it is let go", () => link.standbyAt === null);
  expect(link.state).toMatchObject({ kind: "ready", relayName: "home" });
});

it("a promotion is a handshake with a new nonce, and no claim of before serves for it", async () => {
  const visit = await stood();
  const promoted = new Promise<string>((resolve) => visit.socket.once("link:promote", ({ agentNonce }) => resolve(agentNonce)));
  for (const { socket } of home.visits) socket.disconnect(true);
  const agentNonce = await promoted;
  expect(link.state.kind).toBe("switching");
  expect(agentNonce).not.toBe(visit.hello.agentNonce);
  expect(await other.challenge(visit, agentNonce)).toBe("host");
  other.ready(visit.socket, visit.hello.agentNonce);
  await until("it is refused", () => states.some((state) => state.kind === "waiting"));
  expect(states.find((state) => state.kind === "waiting")).toMatchObject({ reason: expect.stringContaining("for another connection") });
});

it("a relay that refuses the promotion, or says nothing more, is left for another, and the link comes back", async () => {
  const visit = await stood();
  visit.socket.once("link:promote", () => {
    visit.socket.emit("link:refused", { error: { code: "rate_limited", message: "no" }, retry: true, retryAfterMs: 60_000 });
  });
  for (const { socket } of home.visits) socket.disconnect(true);
  await until("the link is up at home again", () => states.filter((state) => state.kind === "ready").length === 2);
  expect(states.map(({ kind }) => kind).join(" ")).toContain("ready switching waiting dialling ready");
  expect(link.state).toMatchObject({ relayName: "home" });
});

it("a link that stays open and says nothing is left for the standby, one that answers is not", async () => {
  const visit = await stood();
  const echo = (answer: () => void) => answer();
  visit.socket.on("link:echo", echo);
  let answers = true;
  home.visits[0]?.socket.on("link:echo", (answer) => {
    if (answers) answer();
  });
  let asked = 0;
  visit.socket.on("link:promote", ({ agentNonce }) => {
    asked += 1;
    void other.challenge(visit, agentNonce).then(() => other.ready(visit.socket, agentNonce));
  });
  await moment(7_000);
  expect([asked, states.filter((state) => state.kind === "ready").length]).toEqual([0, 1]);
  answers = false;
  // Its pings as well.
  const [first] = home.visits;
  Object.assign(first?.socket.conn ?? {}, { sendPacket: () => {} });
  const from = Date.now();
  await until("the link is the standby's", () => link.state.kind === "ready" && link.state.relayName === "other", 15_000);
  expect(Date.now() - from).toBeLessThan(9_000);
  await until("the silent one is closed", () => first?.socket.connected === false);
  // One change, and no state in between.
  expect(states.map(({ kind }) => kind)).toEqual(["dialling", "ready", "ready"]);
});
