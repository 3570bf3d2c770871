import type { Duplex } from "node:stream";
import { CONSOLE_CLOSE } from "@indium/contract/plain/console-close";
import { closeReason } from "@indium/tunnel/close-reason";
import { readReusing } from "@indium/tunnel/reused-buffer";
import type { RawData, WebSocket } from "ws";

/** Of a serial port's many viewers: above it one's share is not read, below the other it is again. */
const HIGH_WATER_BYTES = 1_048_576;
const LOW_WATER_BYTES = 262_144;
/** Keeps proxies' idle timers from ending a still screen. */
const PING_MS = 20_000;
const SILENCE_MS = 90_000;

/** What of the viewer's bytes may reach the VM. Throws to end the stream. */
export type InputFilter = (chunk: Buffer) => Buffer;

/**
 * Joins a viewer's websocket and a byte stream of the VM, with back-pressure both ways. When the VM's side ends, everything it said is
 * sent before the close frame; when the viewer's side ends, the VM's connection is closed.
 */
export function bridge(viewer: WebSocket, vm: Duplex, filter: InputFilter): void {
  let heardAt = Date.now();
  const heard = () => {
    heardAt = Date.now();
  };

  const reused = readReusing(vm, (chunk) => {
    if (viewer.readyState !== viewer.OPEN) return true;
    let waits = false;
    viewer.send(chunk, { binary: true }, () => {
      if (waits) vm.resume();
    });
    // Until the kernel has all of it the buffer is not ours to read into.
    waits = viewer.bufferedAmount > 0;
    return !waits;
  });
  if (!reused) {
    vm.on("data", (chunk: Buffer) => {
      if (viewer.readyState !== viewer.OPEN) return;
      viewer.send(chunk, { binary: true }, () => {
        if (vm.isPaused() && viewer.bufferedAmount < LOW_WATER_BYTES) vm.resume();
      });
      if (viewer.bufferedAmount > HIGH_WATER_BYTES) vm.pause();
    });
  }
  // `end` comes after the last data, so the close frame is queued behind the tail.
  vm.once("end", () => closeViewer(viewer, CONSOLE_CLOSE.vmEnded, "The VM's console has ended."));
  vm.once("error", () => closeViewer(viewer, CONSOLE_CLOSE.vmEnded, "The VM's console was cut."));
  vm.once("close", () => closeViewer(viewer, CONSOLE_CLOSE.vmEnded, "The VM's console has ended."));

  viewer.on("message", (data) => {
    heard();
    let input: Buffer;
    try {
      input = filter(toBuffer(data));
    } catch {
      closeViewer(viewer, CONSOLE_CLOSE.ticketRefused, "This view-only console was sent something it does not allow.");
      vm.destroy();
      return;
    }
    if (input.length === 0 || vm.write(input)) return;
    viewer.pause();
    vm.once("drain", () => viewer.resume());
  });
  viewer.on("pong", heard);
  viewer.once("error", () => viewer.terminate());
  const ping = setInterval(() => {
    if (!viewer.isPaused && Date.now() - heardAt > SILENCE_MS) viewer.terminate();
    else if (viewer.readyState === viewer.OPEN) viewer.ping();
  }, PING_MS);
  viewer.once("close", () => {
    clearInterval(ping);
    vm.destroy();
  });
}

export function closeViewer(viewer: WebSocket, code: number, reason: string): void {
  if (viewer.readyState === viewer.OPEN) viewer.close(code, closeReason(reason));
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
