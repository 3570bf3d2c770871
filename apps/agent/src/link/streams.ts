import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import type { ConsoleEndCode, ConsoleTicket } from "@indium/contract/console";
import { AppError, toAppError } from "@indium/contract/errors";
import type { StreamId } from "@indium/contract/ids";
import { StreamClose, StreamOpen } from "@indium/contract/link";
import { CONSOLE_CLOSE } from "@indium/contract/plain/console-close";
import { RELAY_PATHS, RELAY_QUERY, STREAM_UPGRADE } from "@indium/contract/protocol";
import { KEEP_ALIVE_MS } from "@indium/tunnel/splice";
import type { ReadyLink } from "./connection";
import type { Membership } from "./identity";
import { TicketCheck } from "./ticket-check";
import { type TlsPin, tlsOptions } from "./tls-pin";

/** Whoever serves the websocket that arrives over a dialled-back connection: console/server.ts. */
export interface StreamServer {
  accept(stream: { socket: Socket; streamId: StreamId; ticket: ConsoleTicket }): void;
  end(streamId: StreamId, reason: string, code: ConsoleEndCode): void;
}

const DIAL_TIMEOUT_MS = 10_000;
const HURRIED_DIAL_MS = 3_000;

export interface StreamsOptions {
  readonly membership: Membership;
  readonly server: StreamServer;
  readonly now?: () => number;
  readonly onError?: (streamId: StreamId, error: Error) => void;
}

/** Answers a relay's requests for byte streams: checks the ticket, dials back a connection of its own, hands it to the console server. */
export function createStreams(options: StreamsOptions): (link: ReadyLink) => void {
  const { membership, server, onError } = options;
  const now = options.now ?? Date.now;
  const tickets = new TicketCheck({ hostId: membership.hostId, centrePublicKey: membership.centrePublicKey, startedAt: now() });
  return (link) => {
    const { socket, relayName } = link;
    socket.on("stream:open", (raw, answer) => {
      try {
        const open = StreamOpen.safeParse(raw);
        if (!open.success) throw new AppError("bad_request", "The request for a stream is malformed.");
        const ticket = tickets.take(open.data.ticket, relayName, now());
        answer({ ok: true });
        const { streamId } = open.data;
        dialStream(link, streamId, membership.tlsPin).then(
          (connection) => server.accept({ socket: connection, streamId, ticket }),
          (thrown: unknown) => onError?.(streamId, toAppError(thrown, "The stream could not be dialled.")),
        );
      } catch (thrown) {
        answer({ ok: false, error: toAppError(thrown, "The host could not open the console.").toWire() });
      }
    });
    socket.on("stream:close", (raw) => {
      const close = StreamClose.safeParse(raw);
      if (close.success) server.end(close.data.streamId, close.data.reason, close.data.code ?? CONSOLE_CLOSE.endedByAdministrator);
    });
  };
}

/** A connection of its own to the link's relay, for a stream that this relay told of. @throws Error when no way leads there. */
export function dialStream(
  { relayUrl, ways }: Pick<ReadyLink, "relayUrl" | "ways">,
  streamId: StreamId,
  pin: TlsPin | null,
): Promise<Socket> {
  const { urls, name } = ways();
  return dialBackByAny(waysTo(relayUrl, urls), pathOf(streamId, name), pin);
}

/** Without the name to a relay that no list names: one of before does not expect it. */
const pathOf = (streamId: StreamId, relay: string | null): string =>
  `${RELAY_PATHS.stream}/${streamId}${relay === null ? "" : `?${RELAY_QUERY}=${relay}`}`;

/** The link's own way first; of a link over the overlay the public ones too, because a stream must not fail with a tunnel that is just dying. */
function waysTo(relayUrl: string, publicUrls: readonly string[]): readonly string[] {
  return publicUrls.includes(relayUrl) ? [relayUrl] : [relayUrl, ...publicUrls];
}

async function dialBackByAny(urls: readonly string[], path: string, tlsPin: TlsPin | null): Promise<Socket> {
  let failure: unknown;
  for (const [at, url] of urls.entries()) {
    try {
      // The relay waits for 15 s in all.
      return await dialBack(url, path, tlsPin, at < urls.length - 1 ? HURRIED_DIAL_MS : DIAL_TIMEOUT_MS);
    } catch (thrown) {
      failure = thrown;
    }
  }
  throw failure;
}

/** A fresh connection to the relay, raw bytes from the 101 on. */
function dialBack(relayUrl: string, path: string, tlsPin: TlsPin | null, timeoutMs: number): Promise<Socket> {
  const url = new URL(path, relayUrl);
  const headers = { connection: "Upgrade", upgrade: STREAM_UPGRADE };
  return new Promise((resolve, reject) => {
    // `agent: false`: one connection per stream, out of any pool.
    const outgoing =
      url.protocol === "https:"
        ? httpsRequest(url, { headers, agent: false, ...tlsOptions(tlsPin) })
        : httpRequest(url, { headers, agent: false });
    const late = setTimeout(
      () => outgoing.destroy(new Error(`the relay did not answer the dial-back in ${timeoutMs / 1_000} s`)),
      timeoutMs,
    );
    outgoing.on("error", (error) => {
      clearTimeout(late);
      reject(error);
    });
    outgoing.on("response", (response) => {
      response.resume();
      outgoing.destroy(new Error(`the relay answered ${response.statusCode} to the dial-back`));
    });
    outgoing.on("upgrade", (_response, socket, head) => {
      clearTimeout(late);
      socket.setTimeout(0);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      // The viewer's upgrade often comes in the same packet as the 101.
      if (head.length > 0) socket.unshift(head);
      resolve(socket as Socket);
    });
    outgoing.end();
  });
}
