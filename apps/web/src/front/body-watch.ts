import type { IncomingMessage } from "node:http";

export interface BodyPace {
  readonly windowMs: number;
  /** In each window, at least. */
  readonly bytes: number;
}

/** Half a kilobyte a second. Disk images may take hours; what comes slower than this is meant to hold the connection. */
export const USUAL_PACE: BodyPace = { windowMs: 30_000, bytes: 16_384 };

/**
 * Calls `tooSlow` once when a request's body stands still, or drips. While the one behind the front does not take what came, nobody is
 * to blame for it. @returns stops watching; the end of the body does the same.
 */
export function watchBody(incoming: IncomingMessage, pace: BodyPace, tooSlow: () => void): () => void {
  const { socket } = incoming;
  let before = socket.bytesRead;
  const timer = setInterval(() => {
    const came = socket.bytesRead - before;
    before = socket.bytesRead;
    if (came >= pace.bytes || incoming.isPaused() || incoming.readableLength > 0) return;
    stop();
    tooSlow();
  }, pace.windowMs);
  const stop = () => clearInterval(timer);
  incoming.once("end", stop);
  incoming.once("close", stop);
  return stop;
}
