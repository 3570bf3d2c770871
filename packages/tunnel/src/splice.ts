import type { Duplex } from "node:stream";
import { readReusing } from "./reused-buffer";
import { Turnstile } from "./turnstile";

/** How long one end may take to drink what is left after the other has gone. */
const DRAIN_MS = 18_000;
/** For `setKeepAlive`: after this silence the kernel asks, ten times a second apart, and whoever answers none of it is gone within 20 s. */
export const KEEP_ALIVE_MS = 8_000;
/**
 * Thousands end at the same moment when a relay is restarted or a path is cut, and each end is some calls of the kernel: those that go on are served in
 * between. So many at once between their end and its answer, because each costs the program behind it the same; not waited for long, because
 * those who are far away must hear of it soon, too (3,200 a second).
 */
const PARTINGS = new Turnstile({ turnMs: 5, atOnce: 64, patienceMs: 20 });

/**
 * Joins two connections, byte for byte, with back-pressure both ways: a reader that stops reading stops the writer, and no more
 * than the two streams' buffers is ever held. What one end sent before it closed still reaches the other. `done` is called once, when both are closed.
 */
export function splice(one: Duplex, other: Duplex, done: () => void): void {
  let closed = 0;
  let drain: NodeJS.Timeout | undefined;
  const whenGone = (gone: Duplex, left: Duplex) => {
    // Its end is given on by us, in its turn; by itself it would end its other half at once.
    gone.allowHalfOpen = true;
    const finish = () => {
      drain ??= setTimeout(() => {
        one.destroy();
        other.destroy();
      }, DRAIN_MS);
      if (!left.writableEnded) PARTINGS.pass(() => part(left));
    };
    gone.once("end", finish);
    gone.once("error", () => gone.destroy());
    gone.once("close", () => {
      if (closed === 0) finish();
      closed += 1;
      if (closed < 2) return;
      clearTimeout(drain);
      done();
    });
    if (gone.destroyed) queueMicrotask(() => gone.emit("close"));
  };
  whenGone(one, other);
  whenGone(other, one);
  pour(one, other);
  pour(other, one);
}

function part(left: Duplex): void {
  const parted = () => {
    left.off("end", parted);
    left.off("close", parted);
    PARTINGS.through();
  };
  if (left.readableEnded || left.destroyed) PARTINGS.through();
  else for (const event of ["end", "close"]) left.once(event, parted);
  left.end();
}

function pour(from: Duplex, to: Duplex): void {
  const reused = readReusing(from, (chunk) => {
    // What comes for one that is gone is read and dropped: only so is the end behind it seen.
    if (!to.writable) return true;
    let waits = false;
    to.write(chunk, () => {
      if (waits) from.resume();
    });
    // Most writes are the kernel's before they return; until the others are, the buffer is theirs.
    waits = to.writableLength > 0;
    return !waits;
  });
  if (reused) return;
  // Not `pipe`: its listeners are a tenth of what the front holds for each of thousands of idle links, and much of what an end costs.
  const goOn = () => void from.resume();
  from.on("data", (chunk: Buffer) => {
    if (!to.writable || to.write(chunk)) return;
    from.pause();
    to.once("drain", goOn);
  });
  to.once("close", goOn);
}
