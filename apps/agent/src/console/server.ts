import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import type { ConsoleEndCode, ConsoleTicket, SerialNote } from "@indium/contract/console";
import { type AppError, toAppError } from "@indium/contract/errors";
import type { InstanceId, StreamId } from "@indium/contract/ids";
import { CONSOLE_CLOSE } from "@indium/contract/plain/console-close";
import { SHARE_WORDS } from "@indium/contract/plain/share-words";
import { type WebSocket, WebSocketServer } from "ws";
import type { VmHandle } from "../drivers/types";
import type { StreamServer } from "../link/streams";
import { bridge, closeViewer, type InputFilter } from "./bridge";
import { RfbViewFilter } from "./rfb-view-filter";
import { SerialHub } from "./serial-hub";

export interface ConsoleServerOptions {
  /** Null when no process of the VM lives. */
  readonly findVm: (instanceId: InstanceId) => Promise<VmHandle | null>;
  /** The end of a VM's kept serial log, raw. */
  readonly serialLog: (instanceId: InstanceId, bytes: number) => Promise<Buffer>;
  readonly onError?: (streamId: StreamId, error: AppError) => void;
}

interface Stream {
  readonly streamId: StreamId;
  readonly ticket: ConsoleTicket;
  readonly socket: Duplex;
  viewer: WebSocket | null;
}

/** From the handed-over connection to the viewer's upgrade on it; and from there to the VM's socket. */
const UPGRADE_TIMEOUT_MS = 10_000;
const OPEN_TIMEOUT_MS = 10_000;
/** Of one message of a viewer: keys, pointer, a pasted clipboard. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_STREAMS = 256;
/** Within this a viewer closes in turn; then it is cut. */
const END_GRACE_MS = 2_000;
/** setTimeout fires at once beyond it. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * The websocket server of this host's consoles. It listens nowhere: it is handed connections the agent dialled itself, each
 * with the verified ticket it may be used for.
 */
export function createConsoleServer(options: ConsoleServerOptions): StreamServer & { closeAll(reason: string): void } {
  const streams = new Map<StreamId, Stream>();
  const bySocket = new WeakMap<Duplex, Stream>();
  /** By instance and process: a VM that was started again has another port. */
  const hubs = new Map<string, SerialHub>();
  const websockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered) => (offered.has("binary") ? "binary" : false),
  });
  const http = createServer({ maxHeaderSize: 8_192 }, (_request, response) => {
    response.writeHead(400, { connection: "close" }).end();
  });
  http.on("clientError", (_error, socket) => socket.destroy());
  http.on("upgrade", (request, socket, head) => {
    const stream = bySocket.get(request.socket);
    if (stream === undefined || stream.viewer !== null) {
      socket.destroy();
      return;
    }
    websockets.handleUpgrade(request, socket, head, (viewer) => {
      stream.viewer = viewer;
      serve(stream, viewer).catch((thrown: unknown) => {
        const error = toAppError(thrown, "The console could not be opened on the host.");
        options.onError?.(stream.streamId, error);
        closeViewer(viewer, CONSOLE_CLOSE.vmNotRunning, error.message);
      });
    });
  });

  const serve = async (stream: Stream, viewer: WebSocket): Promise<void> => {
    // Nothing of the viewer's is lost while the VM's side is being opened.
    viewer.pause();
    viewer.once("error", () => viewer.terminate());
    const { ticket } = stream;
    const vm = await options.findVm(ticket.instanceId);
    if (vm === null) {
      viewer.resume();
      closeViewer(viewer, CONSOLE_CLOSE.vmNotRunning, "The instance is not running.");
      return;
    }
    const bytes = await inTime(ticket.kind === "vnc" ? vm.openVnc() : joinSerial(vm, viewer)).catch((thrown: unknown) => {
      viewer.resume();
      throw thrown;
    });
    if (viewer.readyState !== viewer.OPEN) {
      bytes.destroy();
      return;
    }
    bridge(viewer, bytes, inputFilter(ticket));
    viewer.resume();
  };

  const joinSerial = async (vm: VmHandle, viewer: WebSocket): Promise<Duplex> => {
    const key = `${vm.instanceId} ${vm.pid}`;
    const hub =
      hubs.get(key) ??
      new SerialHub({
        open: () => vm.openSerial(),
        log: (bytes) => options.serialLog(vm.instanceId, bytes),
        onIdle: () => hubs.delete(key),
      });
    hubs.set(key, hub);
    const { stream, historyBytes } = await hub.join();
    if (viewer.readyState === viewer.OPEN) viewer.send(JSON.stringify({ kind: "history", bytes: historyBytes } satisfies SerialNote));
    return stream;
  };

  return {
    accept: ({ socket, streamId, ticket }) => {
      if (streams.size >= MAX_STREAMS) {
        socket.destroy();
        return;
      }
      const stream: Stream = { streamId, ticket, socket, viewer: null };
      streams.set(streamId, stream);
      bySocket.set(socket, stream);
      const late = setTimeout(() => {
        if (stream.viewer === null) socket.destroy();
      }, UPGRADE_TIMEOUT_MS);
      // The relay ends it too, but is not root; the host's clock may be wrong, so what counts is how long it was given for.
      const over =
        ticket.endsAt === undefined
          ? undefined
          : setTimeout(
              () => {
                end(stream, SHARE_WORDS.linkOver, CONSOLE_CLOSE.shareEnded);
                setTimeout(() => socket.destroy(), END_GRACE_MS);
              },
              Math.min(LONGEST_TIMER_MS, Math.max(0, ticket.endsAt - ticket.issuedAt)),
            );
      socket.on("error", () => socket.destroy());
      socket.once("close", () => {
        clearTimeout(late);
        clearTimeout(over);
        streams.delete(streamId);
      });
      http.emit("connection", socket);
    },
    end: (streamId, reason, code) => end(streams.get(streamId), reason, code),
    closeAll: (reason) => {
      for (const stream of streams.values()) end(stream, reason, CONSOLE_CLOSE.endedByAdministrator);
    },
  };
}

function end(stream: Stream | undefined, reason: string, code: ConsoleEndCode): void {
  if (stream === undefined) return;
  if (stream.viewer === null) stream.socket.destroy();
  else closeViewer(stream.viewer, code, reason);
}

async function inTime(opening: Promise<Duplex>): Promise<Duplex> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      opening.then((bytes) => bytes.destroy()).catch(() => {});
      reject(new Error("the VM's console socket did not open in 10 s"));
    }, OPEN_TIMEOUT_MS);
  });
  try {
    return await Promise.race([opening, late]);
  } finally {
    clearTimeout(timer);
  }
}

function inputFilter(ticket: ConsoleTicket): InputFilter {
  if (ticket.mode === "control") return (chunk) => chunk;
  if (ticket.kind === "serial") return () => Buffer.alloc(0);
  const filter = new RfbViewFilter();
  return (chunk) => filter.push(chunk);
}
