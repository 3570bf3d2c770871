import { setTimeout as sleep } from "node:timers/promises";
import { hasWebsockify, websockify } from "./console";
import { Lab, load, megabytes, peakMemory, resetPeak } from "./lab";
import { opened, type Viewer, websockifyViewer } from "./viewer";

/**
 * A viewer that stops reading while its VM sends without end: what each process on the way comes to hold. websockify keeps whatever
 * its target sends; here the target ends at 4 GB, and the time is the same for all.
 */
const STALL_MS = 10_000;
const GOAL_BYTES = 80 * 1_048_576;

async function stalled(viewer: Viewer, watched: readonly [string, number][]): Promise<Map<string, number>> {
  for (const [, pid] of watched) resetPeak(pid);
  const socket = await opened(viewer);
  socket.send(Buffer.from("B00004096"));
  await new Promise((resolve) => socket.once("message", resolve));
  socket.pause();
  await sleep(STALL_MS);
  const peaks = new Map(watched.map(([name, pid]) => [name, peakMemory(pid)]));
  socket.terminate();
  return peaks;
}

export async function benchStalledViewer(): Promise<void> {
  const lab = await Lab.open();
  try {
    const vm = await lab.role("vm");
    const { relay, port } = await lab.relay();
    const { front, origin } = await lab.front(port, false);
    const { agent, viewer } = await lab.agent("agent", origin, vm.port);
    await sleep(2_000);
    const before = { relay: peakMemory(relay.pid), front: peakMemory(front.pid), agent: peakMemory(agent.pid) };
    const ours = await stalled(viewer, [
      ["relay", relay.pid],
      ["front", front.pid],
      ["agent", agent.pid],
    ]);
    console.log(`a viewer that stops reading for ${STALL_MS / 1_000} s, peaks of resident memory, ${load()}`);
    for (const [name, bytes] of ours) {
      const idle = before[name as keyof typeof before];
      const verdict = name === "relay" ? `   goal ${megabytes(GOAL_BYTES)}${bytes <= GOAL_BYTES ? "" : ": missed"}` : "";
      console.log(`  ${name.padEnd(12)} ${megabytes(bytes).padStart(8)}  (${megabytes(idle)} without a viewer)${verdict}`);
    }
    if (!hasWebsockify()) return;
    const peer = await websockify(lab, vm.port);
    const bytes = (await stalled(websockifyViewer(peer.port), [["websockify", peer.pid]])).get("websockify") ?? Number.NaN;
    console.log(
      `  ${"websockify".padEnd(12)} ${megabytes(bytes).padStart(8)}   relay: ${((ours.get("relay") ?? 0) / bytes).toFixed(2)}× of it`,
    );
  } finally {
    lab.close();
  }
}
