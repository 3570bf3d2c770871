import type { ConsoleMode } from "@indium/contract/console";
import { wireErrorOf } from "@/lib/wire-error";
import { type AfterClose, afterClose, afterRefusal, type ConsoleState } from "./console-policy";
import type { ConsoleSentence } from "./console-words";

export interface GrantedStream {
  readonly url: string;
  /** What was granted, which may be less than was asked for. */
  readonly mode: ConsoleMode;
}

export interface ConnectLoopOptions {
  /** A fresh ticket: they are single use. */
  readonly open: () => Promise<GrantedStream>;
  /** Takes the new websocket over, before it is open. `held` once it shows something: the back-off begins anew. Answers how to let go of it. */
  readonly attach: (socket: WebSocket, granted: GrantedStream, held: () => void) => () => void;
  readonly onState: (state: ConsoleState, sentence: ConsoleSentence | null) => void;
}

/** Keeps one console stream connected, by `console-policy`'s diagram. @returns how to stop it. */
export function startConnectLoop({ open, attach, onState }: ConnectLoopOptions): () => void {
  let over = false;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let letGo: (() => void) | null = null;

  const settle = (next: AfterClose) => {
    if (over) return;
    if (next.kind === "end") {
      onState("ended", next.sentence);
      return;
    }
    attempt += 1;
    onState("waiting", next.sentence);
    timer = setTimeout(() => void connect(), next.delayMs);
  };

  const connect = async () => {
    onState("connecting", null);
    try {
      const granted = await open();
      if (over) return;
      const socket = new WebSocket(websocketUrl(granted.url), ["binary"]);
      socket.binaryType = "arraybuffer";
      // Registered before the taker's own, which may take away what is shown.
      socket.addEventListener("close", (event) => {
        letGo?.();
        letGo = null;
        settle(afterClose(event.code, attempt, event.reason));
      });
      const detach = attach(socket, granted, () => {
        if (over) return;
        attempt = 0;
        onState("connected", null);
      });
      letGo = () => {
        detach();
        socket.close();
      };
    } catch (thrown) {
      const wire = wireErrorOf(thrown);
      settle(afterRefusal(wire.code, wire.message, attempt));
    }
  };

  void connect();
  return () => {
    over = true;
    if (timer !== null) clearTimeout(timer);
    letGo?.();
    letGo = null;
  };
}

/** The API may answer a path (the relay behind this very origin) or a full address (a relay of its own). */
function websocketUrl(url: string): string {
  const absolute = new URL(url, window.location.href);
  if (absolute.protocol === "http:") absolute.protocol = "ws:";
  if (absolute.protocol === "https:") absolute.protocol = "wss:";
  return absolute.toString();
}
