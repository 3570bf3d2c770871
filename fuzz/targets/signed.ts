import { createServer, type Server } from "node:http";
import { HostReply, SignedCommand } from "@indium/contract/command";
import { ConsoleTicket } from "@indium/contract/console";
import { AppError } from "@indium/contract/errors";
import { HostUsage, SignedUsage } from "@indium/contract/host";
import { HostDocument } from "@indium/contract/host-document";
import { InternalReply, internalApi, relayApi } from "@indium/contract/internal-api";
import { LinkClaim, RelayCertificate } from "@indium/contract/link";
import { OverlayGrant, OverlayOffer } from "@indium/contract/overlay";
import { ReportAck, ReportItem, SignedReports } from "@indium/contract/report";
import { openEnvelope, signEnvelope } from "@indium/tunnel/envelope";
import { hostLink } from "@indium/tunnel/host-link";
import { openHostReply } from "@indium/tunnel/host-reply";
import { keyId } from "@indium/tunnel/keys";
import { appErrorOf } from "@indium/tunnel/rpc-error";
import { open, seal } from "@indium/tunnel/sealed-box";
import { createSignedHandler, openSignedAnswer, type SignedApi, type SignedHandlers } from "@indium/tunnel/signed-http";
import { SIGNED_HEADERS, signRequest, signResponse } from "@indium/tunnel/signed-message";
import { createTRPCClient } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import superjson from "superjson";
import { exchange, statusesOf } from "../memory-socket";
import { parsed, type Target } from "../target";
import { DOCUMENT, fixedKeyPair, HOST, INSTANCE, NOW, OBSERVATION } from "./honest";

/** What is signed or sealed: refused as a whole when it is changed, and read all the same when whoever signs it is hostile. */

export const isAppError = (thrown: unknown): boolean => thrown instanceof AppError;
export const declaredCodes =
  (...codes: AppError["code"][]) =>
  (thrown: unknown): boolean =>
    thrown instanceof AppError && codes.includes(thrown.code);

const KEYS = fixedKeyPair("ed25519", 1);
const REFUSES = declaredCodes("signature_invalid", "bad_request");

const PAYLOADS = [
  ["desired-document", HostDocument, DOCUMENT],
  [
    "command",
    SignedCommand,
    { hostId: HOST, centreEpoch: 1, commandId: "0".repeat(32), operationId: null, procedure: "host.facts", input: "{}", expiresAt: NOW },
  ],
  ["relay-certificate", RelayCertificate, { relayName: "rome", publicKey: KEYS.publicKey, expiresAt: NOW }],
  [
    "console-ticket",
    ConsoleTicket,
    {
      id: "tkt-0123456789abcdef0",
      instanceId: INSTANCE,
      hostId: HOST,
      userId: "usr-0123456789abcdef0",
      relayName: "rome",
      kind: "vnc",
      mode: "view",
      issuedAt: NOW,
      expiresAt: NOW + 30_000,
    },
  ],
  ["link-claim", LinkClaim, { hostId: HOST, relayName: "rome", linkEpoch: 1, agentNonce: Buffer.alloc(32).toString("base64") }],
  ["report-ack", ReportAck, { hostId: HOST, linkEpoch: 1, ledgerId: "led-0123456789abcdef0", ackedSeq: 5 }],
  [
    "host-report",
    SignedReports,
    { hostId: HOST, linkEpoch: 1, ledgerId: "led-0123456789abcdef0", items: [{ seq: 1, at: NOW, body: OBSERVATION }] },
  ],
  [
    "host-usage",
    SignedUsage,
    { hostId: HOST, linkEpoch: 1, number: 1, usage: usage(), metrics: [{ at: 15_000, host: [1, null], instances: [[INSTANCE, [1]]] }] },
  ],
  [
    "overlay-grant",
    OverlayGrant,
    {
      ...{ hostId: HOST, linkEpoch: 1, relayName: "rome", publicKey: KEYS.publicKey, address: "fd00:1:2:2::5", prefix: "fd00:1:2" },
      relay: { publicKey: KEYS.publicKey, address: "fd00:1:2:1::1", endpoint: "relay.example:7785" },
    },
  ],
  ["overlay-offer", OverlayOffer, { hostId: HOST, linkEpoch: 1, publicKey: KEYS.publicKey }],
  ["host-reply", HostReply, { hostId: HOST, inReplyTo: "AAAA", answer: { ok: true, result: { accepted: true, generation: 1 } } }],
] as const;

export function usage(): HostUsage {
  return HostUsage.parse({
    at: NOW,
    cpuFraction: 0.5,
    memoryUsedBytes: 1,
    storageUsedBytes: 1,
    networkReceivedBytesPerSecond: 0,
    networkSentBytesPerSecond: 0,
    instances: [{ instanceId: INSTANCE, cpuFraction: 0.1, memoryBytes: 1 }],
  });
}

/** The envelope itself is changed. */
const envelopeTarget: Target = {
  name: "envelope",
  seeds: PAYLOADS.map(([purpose, , payload]) => ({ json: signEnvelope(purpose, payload, KEYS.privateKey) })),
  run: (input) => {
    const value = parsed(input);
    return PAYLOADS.map(([purpose, schema]) => {
      try {
        return openEnvelope<unknown>(value, { purpose, publicKeys: [KEYS.publicKey], schema });
      } catch (thrown) {
        if (REFUSES(thrown)) return null;
        throw thrown;
      }
    });
  },
  growth: 10,
  check: (value) => ((value as unknown[]).filter((each) => each !== null).length > 1 ? "one signature opens for two purposes" : null),
};

/** Rightly signed by a hostile signer: the schema is what is left. */
const payloadTarget: Target = {
  name: "signed-payload",
  seeds: PAYLOADS.map(([purpose, , payload]) => ({ json: { purpose, payload } })),
  run: (input) => {
    const { purpose, payload } = wrapped(parsed(input));
    const known = PAYLOADS.find(([name]) => name === purpose) ?? PAYLOADS[0];
    // Not by signEnvelope: JSON.stringify ends at some thousand levels, and a signer of bad faith needs none.
    const opened = openEnvelope<unknown>(signEnvelope(known[0], payload, KEYS.privateKey), {
      purpose: known[0],
      publicKeys: [KEYS.publicKey],
      schema: known[1],
    });
    return {
      name: known[0],
      opened,
      items: known[0] === "host-report" ? (opened as SignedReports).items.map((item) => ReportItem.safeParse(item).data) : [],
    };
  },
  share: 0.3,
  // A document that is too deep to be written out cannot be signed by this test.
  declared: (thrown) => REFUSES(thrown) || thrown instanceof RangeError,
  check: (value) => {
    if (value === null) return null;
    const { name, opened } = value as { name: string; opened: unknown };
    const known = PAYLOADS.find((each) => each[0] === name);
    return known?.[1].safeParse(opened).success === false ? "what was read is not what its schema allows" : null;
  },
};

function wrapped(value: unknown): { purpose: unknown; payload: unknown } {
  return typeof value === "object" && value !== null
    ? { purpose: undefined, payload: null, ...value }
    : { purpose: undefined, payload: value };
}

const sealing = fixedKeyPair("x25519", 2);
const boxTarget: Target = {
  name: "sealed-box",
  seeds: [{ json: seal(sealing.publicKey, "secret", "instance:1") }, { json: seal(sealing.publicKey, "x".repeat(2_000), "instance:2") }],
  run: (input) => open(sealing.privateKey, parsed(input), "instance:1"),
  declared: declaredCodes("signature_invalid"),
  check: (value) => (value === null || (value as Buffer).toString() === "secret" ? null : "opened what was not sealed"),
  share: 0.5,
};

const QUESTION = signEnvelope("command", {}, KEYS.privateKey);
const reply = (answer: unknown) => signEnvelope("host-reply", { hostId: HOST, inReplyTo: QUESTION.signature, answer }, KEYS.privateKey);

/** What web makes of a host's answer as a relay hands it on: tRPC's, superjson's and ours, one in the other. */
const replyTarget: Target = {
  name: "host-reply",
  seeds: [
    { json: { ok: true, result: superjson.serialize(reply({ ok: true, result: { text: "login: ", totalBytes: 7 } })) } },
    {
      json: {
        ok: true,
        result: superjson.serialize({
          at: new Date(5),
          big: 1n,
          list: new Set([1]),
          map: new Map([["a", /x/g]]),
          none: undefined,
          odd: [Number.NaN, new URL("http://x/"), new Error("x")],
        }),
      },
    },
    {
      json: {
        ok: false,
        error: superjson.serialize({ message: "x", code: -32_000, data: { app: { code: "disk_full", message: "No room." } } }),
      },
    },
    {
      json: {
        ok: true,
        result: {
          json: { a: "1", b: { c: ["2"] } },
          meta: { values: { a: ["bigint"], "b.c.0": ["Date"] }, referentialEqualities: { a: ["b.c"] }, v: 1 },
        },
      },
    },
  ],
  run: async (input) => {
    const client = createTRPCClient<AnyTRPCRouter>({ links: [hostLink(async () => parsed(input) as never)] });
    let answer: unknown;
    try {
      answer = await (client as unknown as { query: (path: string) => Promise<unknown> }).query("host.facts");
    } catch (thrown) {
      const error = appErrorOf(thrown);
      error.toWire();
      return error.code;
    }
    return openHostReply(answer, QUESTION, { hostId: HOST, publicKey: KEYS.publicKey });
  },
  declared: REFUSES,
  share: 0.15,
};

const ANSWER_NONCE = Buffer.alloc(16, 7).toString("base64");
const ANSWERS = [
  ["registerRelay", internalApi.registerRelay.output],
  ["connectHost", internalApi.connectHost.output],
  ["renewLeases", internalApi.renewLeases.output],
  ["overlayPairs", internalApi.overlayPairs.output],
  ["call", relayApi.call.output],
] as const;

/** What a caller makes of an answer: rightly signed by a hostile peer, with any body, or signed for another question. */
const answerTarget: Target = {
  name: "signed-answer",
  seeds: [
    { json: { name: "registerRelay", body: { ok: true, result: { certificate: QUESTION, centrePublicKey: KEYS.publicKey } } } },
    { json: { name: "connectHost", body: { ok: true, result: { hostId: HOST, linkEpoch: 1, claim: QUESTION } } } },
    { json: { name: "renewLeases", body: { ok: true, result: { lost: [HOST], overlayRevision: 3 } } } },
    { json: { name: "overlayPairs", body: { ok: true, result: { revision: 1, pairs: [["fd00:1:2:2::5", "fd00:1:2:2::6"]] } } } },
    { json: { name: "call", body: { ok: true, result: { ok: false, error: superjson.serialize({ message: "x" }) } } } },
    { json: { name: "call", body: { ok: false, error: { code: "disk_full", message: "No room." } } } },
    { bytes: '{"ok":true}' },
  ],
  run: async (input) => {
    const text = input.toString("utf8");
    const [name, outputSchema] = ANSWERS.find(([each]) => text.includes(`"name":"${each}"`)) ?? ANSWERS[0];
    // The body as it stands in the text: it may be deeper than JSON.stringify goes.
    const at = input.indexOf('"body":');
    const body = at === -1 ? input : input.subarray(at + 7, input.length - 1);
    const open = (signature: string) =>
      openSignedAnswer<unknown>(
        name,
        `/internal/${name}`,
        ANSWER_NONCE,
        { status: 200, headers: { [SIGNED_HEADERS.signature]: signature }, body },
        { peerPublicKey: KEYS.publicKey, peerName: "The centre", outputSchema },
      );
    const foreign = await open(signResponse(200, "another question", body, KEYS.privateKey)).catch((thrown: unknown) => thrown);
    if (!SIGNATURE_INVALID(foreign)) throw new Error("an answer to another question was believed");
    return await open(signResponse(200, ANSWER_NONCE, body, KEYS.privateKey));
  },
  declared: isAppError,
  share: 0.5,
  growth: 10,
};
const SIGNATURE_INVALID = declaredCodes("signature_invalid");

/** A signed API over a connection of its own: what is sent is rightly signed, and the body is anything; or not even that. */
function signedHttpTarget(name: string, api: SignedApi, prefix: string, bodies: Record<string, unknown>): Target {
  const caller = fixedKeyPair("ed25519", 3);
  const faults: string[] = [];
  const handlers = Object.fromEntries(
    Object.keys(api).map((each) => [each, () => Promise.reject(new AppError("conflict", "taken in"))]),
  ) as unknown as SignedHandlers<SignedApi>;
  const server: Server = createServer(
    createSignedHandler({
      api,
      handlers,
      prefix,
      privateKey: KEYS.privateKey,
      now: () => NOW,
      trustedKey: (id) => (id === keyId(caller.publicKey) ? caller.publicKey : null),
      onInternalError: (path, error) => faults.push(`${path}: ${error.internal ?? error.message}`),
    }),
  );
  server.on(
    "clientError",
    (_error, socket) => void socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
  );
  let count = 0;
  const signed = (path: string, body: Buffer): Buffer => {
    count += 1;
    const parts = { method: "POST", path, timestamp: String(NOW), nonce: String(count), audience: keyId(KEYS.publicKey), body };
    const headers = {
      "content-length": String(body.length),
      [SIGNED_HEADERS.timestamp]: parts.timestamp,
      [SIGNED_HEADERS.nonce]: parts.nonce,
      [SIGNED_HEADERS.keyId]: keyId(caller.publicKey),
      [SIGNED_HEADERS.audience]: parts.audience,
      [SIGNED_HEADERS.signature]: signRequest(parts, caller.privateKey),
    };
    const lines = Object.entries(headers).map(([key, value]) => `${key}: ${value}\r\n`);
    return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines.join("")}\r\n`), body]);
  };
  return {
    name,
    seeds: [
      ...Object.entries(bodies).map(([call, body]) => ({ json: { call, body } })),
      { bytes: signed(`${prefix}${Object.keys(api)[0]}`, Buffer.from("{}")) },
      { bytes: `GET ${prefix} HTTP/1.1\r\nHost: x\r\n\r\n` },
    ],
    run: async (input) => {
      faults.length = 0;
      let bytes = input;
      if (input[0] === 0x7b) {
        const end = input.indexOf('"body":');
        const call = Object.keys(bodies).find((each) => input.includes(`"call":"${each}"`));
        // The body as it stands in the text: it may be deeper than JSON.stringify goes.
        if (call !== undefined && end > 0) bytes = signed(`${prefix}${call}`, input.subarray(end + 7, input.length - 1));
      }
      const answer = await exchange(server, bytes);
      if (faults.length > 0) throw new Error(faults.join("; "));
      return answer;
    },
    share: 0.4,
    growth: 20,
    check: (value) => {
      const answer = value as Buffer;
      const odd = statusesOf(answer).find((status) => !["400", "401", "404", "405", "408", "409", "431"].includes(status));
      if (odd !== undefined) return `answered ${odd}`;
      const at = answer.indexOf("\r\n\r\n{");
      if (at === -1 || statusesOf(answer).length > 1) return null;
      return InternalReply.safeParse(JSON.parse(answer.subarray(at + 4).toString("utf8"))).success ? null : "an answer that is none";
    },
  };
}

const fence = { hostId: HOST, linkEpoch: 1 };
const nonce = Buffer.alloc(32).toString("base64");
const envelope = signEnvelope("host-report", { hostId: HOST }, KEYS.privateKey);

export const SIGNED_TARGETS: readonly Target[] = [
  envelopeTarget,
  payloadTarget,
  boxTarget,
  replyTarget,
  answerTarget,
  signedHttpTarget("internal-api", internalApi, "/internal/", {
    registerRelay: { name: "rome", publicKey: KEYS.publicKey, rpcUrl: "http://10.0.0.1:7784", startedAt: NOW },
    linkNonce: { relayName: "rome", publicKey: KEYS.publicKey },
    connectHost: {
      relayName: "rome",
      publicKey: KEYS.publicKey,
      protocol: 1,
      agentVersion: "0.1.0",
      remoteAddress: "192.0.2.1",
      nonce,
      agentNonce: nonce,
      signature: "AAAA",
    },
    disconnectHost: fence,
    renewLeases: { relayName: "rome", hosts: [fence] },
    ingestReports: { ...fence, reports: envelope },
    ingestUsage: { samples: [{ ...fence, usage: envelope }] },
    consoleEvent: { ticket: envelope, event: "opened", reason: null, bytesOut: 0 },
  }),
  signedHttpTarget("relay-api", relayApi, "/", {
    call: { ...fence, type: "query", path: "host.facts", input: superjson.serialize({ at: new Date(5) }), timeoutMs: 1_000 },
    dropHost: { hostId: HOST, reason: "removed" },
    endStreams: { instanceId: INSTANCE, reason: "over", code: 4006 },
  }),
];
