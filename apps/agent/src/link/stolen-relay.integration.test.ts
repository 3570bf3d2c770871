import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConsoleTicket } from "@indium/contract/console";
import type { SignedEnvelope } from "@indium/contract/envelope";
import type { LinkClaim, LinkHello } from "@indium/contract/link";
import { newId } from "@indium/contract/plain/ids";
import { type ReportAck, SignedReports } from "@indium/contract/report";
import { openEnvelope, signEnvelope } from "@indium/tunnel/envelope";
import { openHostReply } from "@indium/tunnel/host-reply";
import type { KeyPair } from "@indium/tunnel/keys";
import { RpcCaller } from "@indium/tunnel/rpc-call";
import superjson from "superjson";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LinkSocket } from "../../../relay/src/sessions/session";
import { until } from "../../../relay/src/test-support/fixture";
import { RELAY_NAME, startStolenRelay } from "../../../relay/src/test-support/stolen-relay";
import { createSimulatedParts } from "../drivers/simulated/simulated-parts";
import { ReportSender } from "../host/report-sender";
import { Outbox } from "../ledger/outbox";
import { centre, desiredInstance, TestHost } from "../reconciler/testing/test-host";
import { CommandCheck } from "../router/command-check";
import { createRouter } from "../router/router";
import { systemClock } from "../system/clock";
import { silentLog } from "../system/log";
import { Link } from "./dial";
import { type Identity, loadIdentity } from "./identity";
import type { LinkState } from "./link-state";
import { createStreams } from "./streams";

/** A real agent's link, router, outbox and streams, dialled into a relay whose key is in the wrong hands. */
let directory: string;
let host: TestHost;
let identity: Identity;
let relay: Awaited<ReturnType<typeof startStolenRelay>>;
let link: Link<ReturnType<typeof createRouter>>;
let outbox: Outbox;
let sender: ReportSender;
let states: LinkState[];
let accepted: ConsoleTicket[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), `indium-stolen-${process.pid}-`));
  host = new TestHost();
  await host.startAgent();
  identity = await loadIdentity(directory);
  relay = await startStolenRelay(centre);
  states = [];
  accepted = [];
  const membership = {
    formatVersion: 1 as const,
    hostId: host.hostId,
    centrePublicKey: centre.publicKey,
    relayUrls: [relay.url],
    origin: relay.url,
    tlsPin: null,
  };
  const { parts } = createSimulatedParts({ stateDir: directory, hostname: "host-1" });
  const router = createRouter({
    reconciler: host.reconciler,
    ledger: host.ledger,
    hypervisor: parts.hypervisor,
    networks: parts.networks,
    volumes: parts.volumes,
    commands: new CommandCheck({ hostId: host.hostId, centrePublicKey: centre.publicKey, centreEpoch: () => 1, now: Date.now }),
    host: { hostId: host.hostId, keys: identity.signing },
    facts: parts.facts,
  });
  const server = { accept: ({ ticket }: { ticket: ConsoleTicket }) => void accepted.push(ticket), end: () => {} };
  const attachStreams = createStreams({ membership, server });
  link = new Link({
    identity,
    membership,
    agentVersion: "0.0.0-test",
    router,
    createContext: (signal) => ({ signal }),
    onReady: attachStreams,
    onState: (state) => {
      states.push(state);
      sender.linked(state.kind === "ready");
    },
    random: () => 0.01,
  });
  outbox = new Outbox(join(directory, "outbox.log"), host.ledger.ledgerId);
  sender = new ReportSender({ outbox, send: async (batch) => (await link.sendBatch(batch)).ackedSeq, clock: systemClock, log: silentLog });
});
afterEach(async () => {
  sender.close();
  await link.stop();
  await relay.close();
  outbox.close();
  await rm(directory, { recursive: true, force: true });
});

const claim = (hello: LinkHello, change: Partial<LinkClaim> = {}, key: KeyPair = centre) =>
  signEnvelope(
    "link-claim",
    { hostId: host.hostId, relayName: RELAY_NAME, linkEpoch: 7, agentNonce: hello.agentNonce, ...change },
    key.privateKey,
  );
/** What the centre would say, so that the relay holds the link and does its worst on it. */
async function linked(onSocket: (socket: LinkSocket) => void = () => {}): Promise<LinkSocket> {
  const sockets: LinkSocket[] = [];
  relay.onProved = (socket, hello) => {
    sockets.push(socket);
    onSocket(socket);
    socket.emit("link:ready", { claim: claim(hello) });
  };
  link.start();
  await until("the link is up", () => link.state.kind === "ready");
  const socket = sockets.at(-1);
  if (socket === undefined) throw new Error("no socket");
  return socket;
}

describe("a host dialling a stolen relay", () => {
  it("takes no link as made on the relay's own word, nor on a claim of another time, relay or host", async () => {
    let first: SignedEnvelope | null = null;
    const forgeries: ((hello: LinkHello) => unknown)[] = [
      (hello) => {
        first = claim(hello);
        return { claim: claim(hello, {}, relay.keys) };
      },
      () => ({ claim: first }),
      (hello) => ({ claim: claim(hello, { relayName: "oslo" }) }),
      (hello) => ({ claim: claim(hello, { hostId: newId("host") }) }),
      () => ({ hostId: host.hostId, linkEpoch: 9 }),
    ];
    let tried = 0;
    relay.onProved = (socket, hello) => {
      socket.emit("link:ready", (forgeries[tried++ % forgeries.length] as (hello: LinkHello) => unknown)(hello) as never);
    };
    link.start();
    await until("each is refused", () => states.filter((state) => state.kind === "waiting").length >= forgeries.length, 60_000);
    expect(states.some((state) => state.kind === "ready")).toBe(false);
    const reasons = states.flatMap((state) => (state.kind === "waiting" ? [state.reason] : [])).slice(0, forgeries.length);
    expect(reasons.map((reason) => reason.replace(/\(.*/, ""))).toEqual([
      "The link-claim is signed by a key this side does not trust ",
      "The relay shows a claim that the centre made for another connection.",
      "The relay shows a claim that the centre made for another connection.",
      "the centre takes this host for another",
      "The relay's word that the link is up is malformed.",
    ]);
  });

  it("forgets no report on an acknowledgement that the centre did not give for it", async () => {
    const batches: SignedEnvelope[] = [];
    let forge: (reports: SignedReports) => unknown = () => ({ ok: true });
    const ackOf = (reports: SignedReports, change: Partial<ReportAck> = {}, key: KeyPair = centre) => {
      const { hostId, linkEpoch, ledgerId } = reports;
      return { ok: true, ack: signEnvelope("report-ack", { hostId, linkEpoch, ledgerId, ackedSeq: 1_000, ...change }, key.privateKey) };
    };
    await linked((socket) => {
      socket.on("report", (reports, ack) => {
        batches.push(reports);
        const opened = openEnvelope(reports, {
          purpose: "host-report",
          publicKeys: [identity.signing.publicKey],
          schema: SignedReports,
        });
        ack(forge(opened) as never);
      });
    });
    const forgeries: ((reports: SignedReports) => unknown)[] = [
      () => ({ ok: true, ack: { ackedSeq: 1_000 } }),
      (reports) => ackOf(reports, {}, relay.keys),
      (reports) => ackOf(reports, { linkEpoch: 6 }),
      (reports) => ackOf(reports, { ledgerId: newId("ledger") }),
      (reports) => ackOf(reports, { hostId: newId("host") }),
    ];
    outbox.append({ kind: "host.event", level: "info", code: "test", message: "not to be lost" }, 1);
    for (const [index, forged] of forgeries.entries()) {
      forge = forged;
      const before = batches.length;
      // A new link is the quickest way to have it sent again at once.
      sender.linked(false);
      sender.linked(true);
      await until(`forgery ${index} is tried`, () => batches.length > before, 60_000);
      expect(outbox.length, String(index)).toBe(1);
    }
    forge = (reports) => ackOf(reports, { ackedSeq: 1 });
    sender.linked(false);
    sender.linked(true);
    await until("the centre's own is believed", () => outbox.length === 0, 60_000);
  });

  it("carries out no document and no command but the centre's, and that once", async () => {
    const socket = await linked();
    const rpc = new RpcCaller(socket);
    const ask = async (path: string, input: object, type: "query" | "mutation" = "query") => {
      const raw = await rpc.call({ type, path, input: superjson.serialize(input) }, { timeoutMs: 10_000, maxConcurrent: 8 });
      return raw.ok ? { reply: superjson.deserialize(raw.result as never) } : { unsigned: raw.error };
    };
    const answer = (reply: unknown, question: SignedEnvelope) =>
      openHostReply(reply, question, { hostId: host.hostId, publicKey: identity.signing.publicKey });

    const content = {
      formatVersion: 1,
      hostId: host.hostId,
      centreEpoch: 1,
      generation: 1,
      issuedAt: Date.now(),
      networks: [],
      images: [],
      instances: [desiredInstance()],
    };
    const document = signEnvelope("desired-document", content, relay.keys.privateKey);
    const asked = await ask("document.apply", { document }, "mutation");
    expect(answer(asked.reply, document)).toMatchObject({ ok: true, result: { accepted: false, error: { code: "signature_invalid" } } });
    expect(host.ledger.records.size).toBe(0);

    const payload = { hostId: host.hostId, centreEpoch: 1, commandId: "a".repeat(32), operationId: null, input: "{}" };
    const command = (key: KeyPair, procedure: string) =>
      signEnvelope("command", { ...payload, procedure, expiresAt: Date.now() + 60_000 }, key.privateKey);
    for (const path of ["host.facts", "document.status", "instance.serialTail", "instance.nicCounters"]) {
      const forged = command(relay.keys, path);
      expect(answer((await ask(path, { command: forged })).reply, forged), path).toMatchObject({
        ok: false,
        error: { code: "signature_invalid" },
      });
      expect(await ask(path, {}), path).toHaveProperty("unsigned");
    }
    const good = command(centre, "host.facts");
    expect(answer((await ask("host.facts", { command: good })).reply, good)).toMatchObject({ ok: true, result: { hostname: "host-1" } });
    expect(answer((await ask("host.facts", { command: good })).reply, good)).toMatchObject({ ok: false, error: { code: "token_used" } });
    expect(answer((await ask("document.status", { command: good })).reply, good)).toMatchObject({
      ok: false,
      error: { code: "forbidden" },
    });
  });

  it("opens no console for a ticket of the relay's own, another relay's, another host's, or one used before", async () => {
    const socket = await linked();
    const ticket = (change: Partial<ConsoleTicket> = {}, key: KeyPair = centre) => {
      const now = Date.now();
      const content: ConsoleTicket = {
        id: newId("ticket"),
        instanceId: newId("instance"),
        hostId: host.hostId,
        userId: newId("user"),
        relayName: RELAY_NAME,
        kind: "vnc",
        mode: "control",
        issuedAt: now,
        expiresAt: now + 30_000,
        ...change,
      };
      return signEnvelope("console-ticket", content, key.privateKey);
    };
    const open = (envelope: SignedEnvelope) =>
      socket.timeout(10_000).emitWithAck("stream:open", { streamId: newId("stream"), ticket: envelope });
    const good = ticket({ mode: "view" });
    expect(await open(good)).toEqual({ ok: true });
    for (const [envelope, code] of [
      [ticket({}, relay.keys), "signature_invalid"],
      [{ ...good, payload: good.payload.replace("view", "control") }, "signature_invalid"],
      [ticket({ relayName: "oslo" }), "forbidden"],
      [ticket({ hostId: newId("host") }), "forbidden"],
      [ticket({ issuedAt: Date.now() - 200_000, expiresAt: Date.now() - 170_000 }), "token_expired"],
      [good, "token_used"],
    ] as const)
      expect(await open(envelope), code).toMatchObject({ ok: false, error: { code } });
    expect(accepted).toEqual([]);
  });
});
