import { EventEmitter } from "node:events";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { AppError, WireError } from "@indium/contract/errors";
import { LinkProof, StreamClose, StreamOpen } from "@indium/contract/link";
import { RELAY_PATHS } from "@indium/contract/protocol";
import { boundedSuperjson } from "@indium/tunnel/bounded-superjson";
import { signEnvelope } from "@indium/tunnel/envelope";
import { signRelayProof } from "@indium/tunnel/link-proof";
import { NonceCache } from "@indium/tunnel/nonce-cache";
import { RpcCaller } from "@indium/tunnel/rpc-call";
import { serveRouter } from "@indium/tunnel/rpc-serve";
import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import { z } from "zod";
import { AgentHandshake } from "../../apps/agent/src/link/handshake";
import { HostSigner } from "../../apps/agent/src/link/host-signer";
import { TicketCheck } from "../../apps/agent/src/link/ticket-check";
import { CommandCheck } from "../../apps/agent/src/router/command-check";
import type { Centre } from "../../apps/relay/src/centre";
import { RemoteAddresses } from "../../apps/relay/src/remote-address";
import { authenticate, authenticateStandby } from "../../apps/relay/src/sessions/handshake";
import { type LinkSocket, type Session, SessionRegistry } from "../../apps/relay/src/sessions/session";
import { Standbys } from "../../apps/relay/src/sessions/standbys";
import type { ConsoleAudit } from "../../apps/relay/src/streams/console-audit";
import { ConsoleStreams } from "../../apps/relay/src/streams/console-streams";
import { TicketRefused, takeTicket } from "../../apps/relay/src/streams/ticket-rules";
import { rebuildUpgrade } from "../../apps/relay/src/streams/upgrade-request";
import { forwardReports } from "../../apps/relay/src/switchboard/reports";
import { UsageBatcher } from "../../apps/relay/src/switchboard/usage";
import { remoteAddressOf as webRemoteAddress } from "../../apps/web/src/server/auth/remote-address";
import { exchange, statusesOf } from "../memory-socket";
import { parsed, type Target } from "../target";
import { fixedKeyPair, HOST, INSTANCE, NOW, OBSERVATION } from "./honest";
import { declaredCodes, isAppError, usage } from "./signed";

/** The control link and the console streams, at both ends. */

const CENTRE = fixedKeyPair("ed25519", 1);
const RELAY_ADDRESSES = new RemoteAddresses(["10.0.0.0/8", "2001:db8::/32"]);
const relayRemoteAddress = (forwardedFor: string, remoteAddress: string): string =>
  RELAY_ADDRESSES.of({ headers: { "x-forwarded-for": forwardedFor }, socket: { remoteAddress } });
const RELAY = fixedKeyPair("ed25519", 4);
const AGENT = fixedKeyPair("ed25519", 5);
const NONCE = Buffer.alloc(32, 1).toString("base64");
const certificate = signEnvelope(
  "relay-certificate",
  { relayName: "rome", publicKey: RELAY.publicKey, expiresAt: NOW + 60_000 },
  CENTRE.privateKey,
);
const claim = signEnvelope("link-claim", { hostId: HOST, relayName: "rome", linkEpoch: 1, agentNonce: NONCE }, CENTRE.privateKey);
const TICKET = {
  id: "tkt-0123456789abcdef0",
  instanceId: INSTANCE,
  hostId: HOST,
  userId: "usr-0123456789abcdef0",
  relayName: "rome",
  kind: "vnc",
  mode: "control",
  issuedAt: NOW,
  expiresAt: NOW + 30_000,
};
const ticket = signEnvelope("console-ticket", TICKET, CENTRE.privateKey);

const agentHandshakeTarget: Target = {
  name: "agent-handshake",
  seeds: [
    {
      json: {
        certificate,
        nonce: NONCE,
        relaySignature: signRelayProof({ relayName: "rome", agentNonce: NONCE, nonce: NONCE }, RELAY.privateKey),
      },
    },
    { json: { claim } },
  ],
  run: (input) => {
    const handshake = new AgentHandshake({ keys: AGENT, centrePublicKey: CENTRE.publicKey, agentVersion: "0.1.0" });
    const value = parsed(input);
    return [() => handshake.answer(value, NOW), () => handshake.ready(value, "rome")].map((step) => {
      try {
        return step();
      } catch (thrown) {
        if (isAppError(thrown)) return null;
        throw thrown;
      }
    });
  },
  check: (value) => ((value as unknown[]).every((each) => each === null) ? null : "believed what was not said to this connection"),
};

/** A link's socket as far as it is of use here: what is emitted is answered by `answer`. */
class FakeSocket extends EventEmitter {
  connected = true;
  readonly sent: unknown[][] = [];
  readonly handshake: { auth: unknown };
  readonly #answer: unknown;

  constructor(auth: unknown = {}, answer: unknown = {}) {
    super();
    this.handshake = { auth };
    this.#answer = answer;
  }
  timeout(): { emitWithAck: () => Promise<unknown> } {
    return { emitWithAck: () => Promise.resolve(this.#answer) };
  }
  /** What our side would send; `receive` is what comes. */
  override emit(event: string, ...rest: unknown[]): boolean {
    this.sent.push([event, ...rest]);
    return true;
  }
  receive(event: string, ...rest: unknown[]): void {
    super.emit(event, ...rest);
  }
}

const hello = { protocol: 1, agentVersion: "0.1.0", publicKey: AGENT.publicKey, agentNonce: NONCE };
const relayHandshakeTarget: Target = {
  name: "relay-handshake",
  seeds: [{ json: { hello, proof: { signature: "AAAA" } } }, { json: { hello } }],
  run: async (input) => {
    const { hello: said, proof } = (parsed(input) ?? {}) as { hello?: unknown; proof?: unknown };
    const centre = { certificate, call: () => Promise.resolve({ nonce: NONCE }) } as unknown as Centre;
    const deps = { relayName: "rome", keys: RELAY, centre };
    const socket = () => new FakeSocket(said, proof) as unknown as LinkSocket;
    const ways = [authenticate(socket(), said, "192.0.2.1", deps), authenticateStandby(socket(), said, deps)];
    const refusals = (await Promise.allSettled(ways)).flatMap((way) => (way.status === "rejected" ? [way.reason] : []));
    if (refusals.length === ways.length) throw refusals[0];
    return "let in";
  },
  declared: declaredCodes("bad_request", "unauthenticated", "host_timeout"),
  check: (value) => (value === null ? null : "let a host in that proved nothing"),
};

const t = initTRPC.context<object>().create({ transformer: boundedSuperjson });
const router = t.router({
  echo: t.procedure.input(z.object({ text: z.string().max(100), at: z.date().optional() })).query(({ input }) => input),
  full: t.procedure.mutation(() => {
    throw new AppError("disk_full", "No room.");
  }),
});

const rpcServeTarget: Target = {
  name: "rpc-request",
  share: 0.3,
  seeds: [
    { json: ["trpc:req", { id: 1, type: "query", path: "echo", input: superjson.serialize({ text: "x", at: new Date(5) }) }] },
    { json: ["trpc:req", { id: 2, type: "mutation", path: "full", input: superjson.serialize(undefined) }] },
    {
      json: [
        "trpc:req",
        { id: 3, type: "subscription", path: "echo", input: { json: { text: "x" }, meta: { values: { text: ["regexp"] }, v: 1 } } },
      ],
    },
    { json: ["trpc:stop", 1] },
  ],
  run: async (input) => {
    const socket = new FakeSocket();
    const stop = serveRouter(socket, router, () => ({}));
    const [event, ...rest] = [parsed(input)].flat() as unknown[];
    socket.receive(event === "trpc:stop" ? "trpc:stop" : "trpc:req", ...rest);
    for (let tick = 0; tick < 3; tick += 1) await new Promise(setImmediate);
    stop();
    return socket.sent;
  },
  check: (value) => {
    for (const [event, , kind, message] of value as unknown[][]) {
      if (event !== "trpc:res") return `sent ${String(event)}`;
      const app = (message as { error?: { json?: { data?: { app?: unknown } }; data?: { app?: unknown } } } | undefined)?.error;
      if (kind === "error" && !WireError.safeParse(app?.json?.data?.app ?? app?.data?.app).success) return "an error that is none of ours";
      if (JSON.stringify(message ?? null).includes("/node_modules/")) return "a stack went out";
    }
    return null;
  },
};

const rpcAnswerTarget: Target = {
  name: "rpc-answer",
  seeds: [
    { json: [1, "data", { result: { data: { json: 1 } } }] },
    { json: [1, "error", { error: { json: { message: "x" } } }] },
    { json: [1, "done"] },
  ],
  run: async (input) => {
    const socket = new FakeSocket();
    const caller = new RpcCaller(socket);
    const answer = caller.call({ type: "query", path: "echo", input: {} }, { timeoutMs: 60_000, maxConcurrent: 1 });
    answer.catch(() => {});
    socket.receive("trpc:res", ...([parsed(input)].flat() as unknown[]));
    socket.receive("disconnect");
    return { active: caller.active, answer: await answer };
  },
  declared: declaredCodes("internal", "host_timeout"),
  check: (value) => (value === null || (value as { active: number }).active === 0 ? null : "a call is still under way"),
};

const consoleTicketTarget: Target = {
  name: "console-ticket",
  seeds: [
    { bytes: Buffer.from(JSON.stringify(ticket)).toString("base64url") },
    { bytes: Buffer.from('{"purpose":"console-ticket","payload":"{}","keyId":"0123456789abcdef","signature":""}').toString("base64url") },
    { json: ticket },
  ],
  run: (input) => {
    const text = input[0] === 0x7b ? input.toString("base64url") : input.toString("latin1");
    return takeTicket(text, {
      relayName: "rome",
      centrePublicKey: CENTRE.publicKey,
      startedAt: NOW - 1,
      now: NOW + 1,
      used: new NonceCache(),
    });
  },
  declared: (thrown) => thrown instanceof TicketRefused,
  check: (value) =>
    value === null || JSON.stringify((value as { ticket: unknown }).ticket) === JSON.stringify(TICKET)
      ? null
      : "took another ticket than was signed",
};

const streamTarget: Target = {
  name: "stream-open",
  seeds: [
    { json: { streamId: "st-0123456789abcdef0", ticket } },
    { json: { streamId: "st-0123456789abcdef0", reason: "over", code: 4006 } },
    { json: { payload: { ...TICKET, endsAt: NOW + 1 } } },
  ],
  run: (input) => {
    const value = parsed(input);
    const check = new TicketCheck({ hostId: HOST, centrePublicKey: CENTRE.publicKey, startedAt: NOW });
    const open = StreamOpen.safeParse(value);
    StreamClose.safeParse(value);
    const payload = typeof value === "object" && value !== null && "payload" in value ? value.payload : undefined;
    if (open.success) return check.take(open.data.ticket, "rome", NOW);
    return payload === undefined ? null : check.take(signEnvelope("console-ticket", payload, CENTRE.privateKey), "rome", NOW);
  },
  declared: (thrown) => isAppError(thrown) || thrown instanceof RangeError,
};

const commandTarget: Target = {
  name: "command",
  seeds: [
    {
      json: {
        hostId: HOST,
        centreEpoch: 1,
        commandId: "0".repeat(32),
        operationId: null,
        procedure: "instance.serialTail",
        input: JSON.stringify({ instanceId: INSTANCE, bytes: 5 }),
        expiresAt: NOW + 5,
      },
    },
    {
      json: {
        hostId: HOST,
        centreEpoch: 1,
        commandId: "1".repeat(32),
        operationId: "op-0123456789abcdef0",
        procedure: "instance.serialTail",
        input: '{"__proto__":{"a":1}}',
        expiresAt: NOW + 5,
      },
    },
  ],
  run: (input) => {
    const check = new CommandCheck({ hostId: HOST, centrePublicKey: CENTRE.publicKey, centreEpoch: () => 1, now: () => NOW });
    const command = signEnvelope("command", parsed(input), CENTRE.privateKey);
    return check.take(command, "instance.serialTail", z.object({ instanceId: z.string().max(40), bytes: z.number().int().min(1) }));
  },
  declared: (thrown) => isAppError(thrown) || thrown instanceof RangeError,
};

const ackTarget: Target = {
  name: "report-ack",
  seeds: [
    { json: signEnvelope("report-ack", { hostId: HOST, linkEpoch: 1, ledgerId: "led-0123456789abcdef0", ackedSeq: 5 }, CENTRE.privateKey) },
    { json: signEnvelope("report-ack", { hostId: HOST, linkEpoch: 2, ledgerId: "led-0123456789abcdef0", ackedSeq: 5 }, CENTRE.privateKey) },
  ],
  run: (input) =>
    new HostSigner({
      keys: AGENT,
      centrePublicKey: CENTRE.publicKey,
      claim: { hostId: HOST, relayName: "rome", linkEpoch: 1, agentNonce: NONCE },
    }).openAck(parsed(input), "led-0123456789abcdef0"),
  declared: isAppError,
  check: (value) => (value === null || (value as { ackedSeq: number }).ackedSeq === 5 ? null : "took an acknowledgement that was changed"),
};

/** What an agent that is let in may say: reports and usage, on their way through the relay. */
const intakeTarget: Target = {
  name: "relay-intake",
  seeds: [
    {
      json: [
        "report",
        signEnvelope(
          "host-report",
          { hostId: HOST, linkEpoch: 1, ledgerId: "led-0123456789abcdef0", items: [{ seq: 1, at: NOW, body: OBSERVATION }] },
          AGENT.privateKey,
        ),
      ],
    },
    { json: ["usage", signEnvelope("host-usage", { hostId: HOST, linkEpoch: 1, number: 1, usage: usage() }, AGENT.privateKey)] },
  ],
  run: async (input) => {
    const socket = new FakeSocket();
    const taken: unknown[] = [];
    const centre = {
      call: (_name: string, what: unknown) => Promise.resolve(taken.push(what) > 0 ? { ack: certificate } : null),
    } as unknown as Pick<Centre, "call">;
    const session = { hostId: HOST, linkEpoch: 1, socket } as unknown as Session;
    forwardReports(session, centre);
    const batcher = new UsageBatcher(centre);
    batcher.listen(session);
    const [event, ...rest] = [parsed(input)].flat() as unknown[];
    const acks: unknown[] = [];
    socket.receive(event === "usage" ? "usage" : "report", rest[0], event === "usage" ? rest[1] : (ack: unknown) => acks.push(ack));
    await batcher.flush();
    await new Promise(setImmediate);
    return { taken, acks };
  },
  check: (value) => {
    const { acks, taken } = value as { acks: { ok: boolean; error?: unknown }[]; taken: unknown[] };
    if (acks.length + taken.length > 2) return "one message was answered more than once";
    return acks.every((ack) => ack.ok || WireError.safeParse(ack.error).success) ? null : "refused with an error that is none of ours";
  },
};

const upgrade = (path: string, headers: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n${headers}\r\n`;
const WEBSOCKET =
  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: binary\r\n";

function upgradeTarget(): Target {
  const audit = { add: () => {} } as unknown as ConsoleAudit;
  const streams = new ConsoleStreams({
    relayName: "rome",
    startedAt: NOW - 1,
    centrePublicKey: () => CENTRE.publicKey,
    sessions: new SessionRegistry(),
    trusts: () => true,
    audit,
    refusals: { count: () => {} },
    log: () => {},
    now: () => NOW,
  });
  const server = createServer((_request, response) => void response.writeHead(404, { connection: "close" }).end());
  server.on(
    "clientError",
    (_error, socket) => void socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
  );
  server.on("upgrade", (request, socket, head) => {
    if ((request.url ?? "").startsWith(`${RELAY_PATHS.stream}/`)) streams.acceptAgent(request, socket as Socket, head);
    else streams.acceptViewer(request, socket as Socket, head);
  });
  const query = Buffer.from(JSON.stringify(ticket)).toString("base64url");
  return {
    name: "relay-upgrade",
    seeds: [
      { bytes: upgrade(`/relay/console?ticket=${query}`, WEBSOCKET) },
      { bytes: upgrade("/relay/console?ticket=x", WEBSOCKET) },
      { bytes: upgrade(`/relay/console?ticket=${query}`, `${WEBSOCKET}X-Indium-Join: ${"0".repeat(32)}.${"1".repeat(32)}\r\n`) },
      { bytes: upgrade("/relay/console", "Upgrade: websocket\r\nCookie: a=b\r\n") },
      { bytes: upgrade("/relay/stream/st-0123456789abcdef0", "Upgrade: indium-stream\r\n") },
      { bytes: upgrade("/relay/stream/../../x", "Upgrade: indium-stream\r\n") },
    ],
    run: async (input) => ({ answer: await exchange(server, input), open: streams.size }),
    share: 0.4,
    growth: 100,
    check: (value) => {
      const { answer, open } = value as { answer: Buffer; open: number };
      if (open > 0) return "a stream is open";
      const odd = statusesOf(answer).find((status) => !["101", "400", "404", "408", "431", "503"].includes(status));
      return odd === undefined ? null : `answered ${odd}`;
    },
  };
}

const headersTarget: Target = {
  name: "upgrade-headers",
  seeds: [
    {
      json: {
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-version": "13",
        upgrade: "websocket",
        cookie: "a=b",
        authorization: "Bearer x",
      },
    },
    {
      json: {
        "sec-websocket-extensions": "permessage-deflate; client_max_window_bits",
        "sec-websocket-protocol": "binary\r\nX: y",
        origin: "https://x",
      },
    },
  ],
  run: (input) => rebuildUpgrade((parsed(input) ?? {}) as never),
  check: (value) => {
    const lines = String(value).split("\r\n");
    const foreign = lines.slice(4, -2).find((line) => !/^sec-websocket-[a-z0-9-]+: [\t\x20-\x7e]*$/.test(line));
    return foreign === undefined && String(value).endsWith("\r\n\r\n") ? null : `let ${foreign} through`;
  },
};

const addressTarget: Target = {
  name: "remote-address",
  seeds: [{ bytes: "192.0.2.1" }, { bytes: "10.0.0.1, 2001:db8::1" }, { bytes: "::ffff:192.0.2.1, ::ffff:10.0.0.1" }],
  run: (input) => {
    const text = input.toString("latin1");
    const headers = new Headers();
    // What the platform itself does not take for a header's value never arrives.
    try {
      headers.set("x-forwarded-for", text);
    } catch {
      return null;
    }
    return {
      relay: relayRemoteAddress(text, "127.0.0.1"),
      web: webRemoteAddress(headers),
      stranger: relayRemoteAddress(text, "203.0.113.9"),
    };
  },
  check: (value) => (value === null || (value as { stranger: string }).stranger === "203.0.113.9" ? null : "believed a stranger's header"),
};

const proofTarget: Target = {
  name: "link-proof",
  seeds: [{ json: { signature: "AAAA" } }],
  run: (input) => LinkProof.safeParse(parsed(input)).data ?? null,
};

const promoteTarget: Target = {
  name: "link-promote",
  seeds: [{ json: { agentNonce: NONCE } }],
  run: (input) => {
    const socket = new FakeSocket();
    const promotions: string[] = [];
    const standbys = new Standbys();
    standbys.hold(HOST, socket as unknown as LinkSocket, (agentNonce) => promotions.push(agentNonce));
    for (let times = 0; times < 2; times += 1) socket.receive("link:promote", parsed(input));
    return { promotions, left: standbys.size };
  },
  check: (value) => {
    const { promotions, left } = value as { promotions: string[]; left: number };
    return promotions.length + left === 1 ? null : "promoted a standby twice, or kept it";
  },
};

export const LINK_TARGETS: readonly Target[] = [
  agentHandshakeTarget,
  relayHandshakeTarget,
  proofTarget,
  promoteTarget,
  rpcServeTarget,
  rpcAnswerTarget,
  consoleTicketTarget,
  streamTarget,
  commandTarget,
  ackTarget,
  intakeTarget,
  upgradeTarget(),
  headersTarget,
  addressTarget,
];
