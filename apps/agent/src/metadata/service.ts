import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { InstanceId, NicId } from "@indium/contract/ids";
import type { DesiredNetwork } from "@indium/contract/network";
import type { NetworkLog } from "../network/log";
import { answerDhcp, type DhcpLease, parseDhcpRequest } from "./dhcp";
import { parseGuestReport } from "./guest-report";
import { NicAttachment } from "./nic-attachment";
import { NO_BODY, type Prepared, PreparedReplies, prepare } from "./prepared-replies";
import { issuesTokens, needsToken } from "./render";
import { TOKEN_REASON, text } from "./reply";
import { withinGate } from "./secret-gate";
import { SessionTokens } from "./session-token";
import type { GuestDocument, GuestEvent, MetadataService } from "./types";
import { PHONE_HOME_PATH, REPORT_PATH } from "./vendor-data";

const MAX_HEADER_BYTES = 8_192;
const MAX_BODY_BYTES = 64 * 1_024;
const MAX_PATH_LENGTH = 512;
const MAX_USER_AGENT = 200;
const TOKEN_HEADER = "x-aws-ec2-metadata-token";
const TOKEN_TTL_HEADER = "x-aws-ec2-metadata-token-ttl-seconds";

interface Answer {
  readonly status: number;
  /** The status line's words, where they are more than a courtesy. */
  readonly reason?: string;
  readonly reply?: Prepared;
  readonly headers?: Record<string, string>;
  /** Told to the listeners once the answer is sent. */
  readonly event?: GuestEvent;
}

/** One HTTP server for all NICs; which guest asks is known by the socket the connection came in on, never by an address. */
export function createMetadataService(options: {
  log: NetworkLog;
  now?: () => number;
  /** For networks that name no resolvers of their own: the host's. */
  resolvers?: () => readonly string[];
}): MetadataService {
  const now = options.now ?? Date.now;
  const withResolvers = (network: DesiredNetwork): DesiredNetwork =>
    network.dnsServers.length > 0 || options.resolvers === undefined ? network : { ...network, dnsServers: [...options.resolvers()] };
  const documents = new Map<InstanceId, { readonly document: GuestDocument; readonly replies: PreparedReplies }>();
  const attachments = new Map<NicId, NicAttachment>();
  const byConnection = new WeakMap<Socket, NicAttachment>();
  const fetched = new Set<InstanceId>();
  const listeners = new Set<(instanceId: InstanceId, event: GuestEvent) => void>();
  const tokens = new SessionTokens(now);

  const emit = (instanceId: InstanceId, event: GuestEvent): void => {
    for (const listener of listeners) {
      try {
        listener(instanceId, event);
      } catch (error) {
        options.log("error", `A listener for what guests report failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };

  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 5_000 }, (request, response) => {
    const { socket } = request;
    const nic = byConnection.get(socket);
    if (nic === undefined) {
      socket.destroy();
      return;
    }
    nic.touch(socket);
    try {
      const result = answer(nic, request);
      if (result instanceof Promise)
        result.then((later) => finish(nic, request, response, later)).catch((error) => fail(nic, socket, error));
      else finish(nic, request, response, result);
    } catch (error) {
      fail(nic, socket, error);
    }
  });
  function finish(nic: NicAttachment, request: IncomingMessage, response: ServerResponse, result: Answer): void {
    send(request, response, result);
    if (result.event !== undefined) emit(nic.instanceId, result.event);
  }
  function fail(nic: NicAttachment, socket: Socket, error: unknown): void {
    // A guest that hangs up in the middle is no news.
    if (socket.destroyed) return;
    options.log(
      "error",
      `The metadata service failed to answer ${nic.instanceId}: ${error instanceof Error ? error.message : String(error)}`,
    );
    socket.destroy();
  }
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const oversized = error.code === "HPE_HEADER_OVERFLOW";
    if (oversized && socket instanceof Socket) byConnection.get(socket)?.refuse("metadataOversized");
    const status = oversized ? "431 Request Header Fields Too Large" : "400 Bad Request";
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    else socket.destroy();
  });

  function answer(nic: NicAttachment, request: IncomingMessage): Answer | Promise<Answer> {
    if (!nic.requests.take()) {
      nic.refuse("metadataRequests");
      // Closed, so that the limit on new connections, which the kernel keeps, holds for what even a refusal costs.
      return { status: 429, headers: { "retry-after": "1", connection: "close" } };
    }
    const path = pathOf(request.url);
    if (path === null) return { status: 400 };
    switch (request.method) {
      case "GET":
      case "HEAD":
        return answerGet(nic, path, request);
      case "PUT":
        return answerPut(nic, path, request);
      case "POST":
        return answerPost(nic, path, request);
      default:
        return { status: 405, headers: { allow: "GET, HEAD, PUT, POST" } };
    }
  }

  function answerGet(nic: NicAttachment, path: string, request: IncomingMessage): Answer {
    const token = shownToken(request);
    if (token !== undefined && !tokens.accepts(nic.nicId, token)) return { status: 401 };
    const known = documents.get(nic.instanceId);
    // Not 404: cloud-init takes that for "no such data" and goes on without; a 503 it asks again.
    if (known === undefined) return { status: 503, headers: { "retry-after": "1" } };
    if (token === undefined && needsToken(known.document, path)) return { status: 401 };
    const reply = known.replies.at(path, withinGate(known.document, now()));
    if (reply === null) return { status: 404 };
    if (!reply.isMetadata || fetched.has(nic.instanceId)) return { status: 200, reply };
    fetched.add(nic.instanceId);
    return {
      status: 200,
      reply,
      event: { kind: "metadataFetched", userAgent: request.headers["user-agent"]?.slice(0, MAX_USER_AGENT) ?? null },
    };
  }

  function answerPut(nic: NicAttachment, path: string, request: IncomingMessage): Answer {
    const document = documents.get(nic.instanceId)?.document;
    if (document === undefined) return { status: 503, headers: { "retry-after": "1" } };
    if (path !== "/latest/api/token" || !issuesTokens(document)) return { status: 404 };
    // As EC2 does: a request that came through a proxy in the guest gets no token.
    if (request.headers["x-forwarded-for"] !== undefined) return { status: 403 };
    const ttl = request.headers[TOKEN_TTL_HEADER];
    const token = typeof ttl === "string" ? tokens.issue(nic.nicId, ttl) : null;
    if (token === null || typeof ttl !== "string") return { status: 400 };
    return { status: 200, reason: TOKEN_REASON, reply: prepare(text(token)), headers: { [TOKEN_TTL_HEADER]: ttl } };
  }

  async function answerPost(nic: NicAttachment, path: string, request: IncomingMessage): Promise<Answer> {
    if (path !== REPORT_PATH && path !== PHONE_HOME_PATH) return { status: 404 };
    const body = await readBody(request);
    if (body === null) {
      nic.refuse("metadataOversized");
      return { status: 413 };
    }
    const event: GuestEvent | null = path === PHONE_HOME_PATH ? { kind: "phoneHome" } : parseGuestReport(body);
    return event === null ? { status: 400 } : { status: 200, reply: prepare(text("ok\n")), event };
  }

  function answerDatagram(nic: NicAttachment, datagram: Buffer, reply: (bytes: Buffer) => void): void {
    const request = parseDhcpRequest(datagram);
    const lease = leaseOf(documents.get(nic.instanceId)?.document, nic.nicId);
    const bytes = request === null || lease === null ? null : answerDhcp(request, lease);
    if (bytes !== null) reply(bytes);
  }

  async function detach(nicId: NicId): Promise<void> {
    const nic = attachments.get(nicId);
    attachments.delete(nicId);
    await nic?.close();
  }

  return {
    setDocument(document) {
      const resolved = { ...document, networks: document.networks.map(withResolvers) };
      documents.set(document.instance.id, { document: resolved, replies: new PreparedReplies() });
    },
    removeDocument(id) {
      documents.delete(id);
      fetched.delete(id);
    },
    attach(nicId, instanceId, sockets) {
      void detach(nicId);
      const nic: NicAttachment = new NicAttachment({
        nicId,
        instanceId,
        sockets,
        now,
        onConnection(socket) {
          byConnection.set(socket, nic);
          server.emit("connection", socket);
        },
        onDatagram(datagram, socket) {
          // Broadcast: the guest has no address yet to be spoken to.
          answerDatagram(nic, datagram, (bytes) => socket.send(bytes, 68, "255.255.255.255", () => {}));
        },
        onError: (error) => options.log("warning", `A metadata socket of ${nicId} failed: ${error.message}`),
      });
      attachments.set(nicId, nic);
    },
    detach,
    refusals: (nicId) => attachments.get(nicId)?.refusals ?? {},
    onGuestEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    beginBoot(id) {
      fetched.delete(id);
    },
  };
}

/** Most guests show none: `headers`, which node:http makes of the raw ones when first asked, is asked where there is one. */
function shownToken(request: IncomingMessage): string | undefined {
  const shown = request.rawHeaders.some(
    (name, at) => at % 2 === 0 && name.length === TOKEN_HEADER.length && name.toLowerCase() === TOKEN_HEADER,
  );
  return shown ? String(request.headers[TOKEN_HEADER]) : undefined;
}

/** Of nothing but parts with a name: as most guests ask. */
const CLEAN_PATH = /^(?:\/[\w.-]*[\w-])+$/;

/** The path without its query and without doubled or trailing slashes; null for what is no plain path. */
export function pathOf(url: string | undefined): string | null {
  if (url === undefined || url.length > MAX_PATH_LENGTH) return null;
  if (CLEAN_PATH.test(url)) return url;
  const path = url.split("?", 1)[0] ?? "";
  if (!path.startsWith("/") || !/^[\x21-\x7e]+$/.test(path)) return null;
  const clean = `/${path
    .split("/")
    .filter((part) => part !== "")
    .join("/")}`;
  return clean.includes("/../") || clean.endsWith("/..") ? null : clean;
}

function leaseOf(document: GuestDocument | undefined, nicId: NicId): DhcpLease | null {
  const nic = document?.instance.nics.find((candidate) => candidate.id === nicId);
  if (document === undefined || nic === undefined || nic.addressMode !== "assigned" || nic.ipv4 === null) return null;
  const network = document.networks.find((candidate) => candidate.id === nic.networkId);
  return {
    macAddress: nic.macAddress,
    ...nic.ipv4,
    dnsServers: network?.dnsServers ?? [],
    mtu: network?.mtu ?? 1500,
    hostname: document.instance.metadata.hostname,
  };
}

/** Null when it is too long; the rest is then read and dropped. Rejects when the guest hangs up. */
function readBody(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else resolve(null);
    });
    request.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.on("error", reject);
    request.on("close", () => reject(new Error("the guest hung up")));
  });
}

function send(request: IncomingMessage, response: ServerResponse, { status, reason, reply, headers }: Answer): void {
  // A refusal of something with a body ends the connection: reading that body is not our duty.
  const hasBody = request.method !== "GET" && request.method !== "HEAD";
  const fields = reply?.fields ?? NO_BODY;
  if (headers === undefined && !(hasBody && status >= 400)) response.writeHead(status, reason, fields);
  else
    response.writeHead(status, reason, [
      ...fields,
      ...(hasBody && status >= 400 ? ["connection", "close"] : []),
      ...Object.entries(headers ?? {}).flat(),
    ]);
  response.end(request.method === "HEAD" ? undefined : reply?.body);
  // Of a request without a body node:http drops by itself what comes all the same.
  if (hasBody && status < 400) request.resume();
}
