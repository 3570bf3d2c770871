import { Socket as DatagramSocket } from "node:dgram";
import { Server } from "node:net";
import { AppError } from "@indium/contract/errors";
import { z } from "zod";
import { spawnChild } from "../system/exec";
import { namespacePath } from "./host-shell";

/**
 * Sockets of another network namespace in this process: a helper that lives for some 30 ms enters the namespace, binds, and
 * hands the sockets over its IPC channel. A socket stays in the namespace it was made in, whoever holds it; so one agent
 * serves all NICs, at 25 kB each.
 *
 * Whose agent is killed while it waits keeps the sockets, and with them the NIC's ports, for ever: Node tells no disconnect while a handle is
 * under way. So it looks for its parent itself.
 *
 * The helper's source is text, run by `node -e`: the agent is bundled to one file, and has none beside it to run.
 */
const HELPER_SOURCE = `
"use strict";
const net = require("node:net");
const dgram = require("node:dgram");
const wanted = JSON.parse(process.env.INDIUM_BIND);
const fail = (error) => { process.stderr.write(error.message); process.exit(3); };
process.on("message", (message) => { if (message === "done") process.exit(0); else if (message === "bind") wanted.forEach(bind); });
process.on("disconnect", () => process.exit(1));
setInterval(() => { if (process.ppid !== Number(process.env.INDIUM_BIND_FOR)) process.exit(1); }, 20);
function bind(want) {
  if (want.type === "tcp") {
    const server = net.createServer();
    server.on("error", fail);
    server.listen({ host: want.host, port: want.port, ipv6Only: want.host.includes(":"), backlog: 64 }, () => process.send({ id: want.id }, server));
  } else {
    const socket = dgram.createSocket({ type: "udp4", reuseAddr: false });
    socket.on("error", fail);
    socket.bind(want.port, want.host, () => { socket.setBroadcast(true); process.send({ id: want.id }, socket); });
  }
}
`;

const HelperMessage = z.object({ id: z.string().max(20) });

export interface BindRequest {
  readonly id: string;
  readonly type: "tcp" | "udp4";
  readonly host: string;
  readonly port: number;
}

/** Ten times what a busy two-core machine needs. */
const BIND_TIMEOUT_MS = 15_000;

/**
 * Binds in the namespace; all or nothing.
 * @param ready when the namespace has the addresses; the helper starts meanwhile, which takes longer than giving them.
 * @throws AppError `network_failed` with the helper's own words, and what `ready` rejects with.
 */
export function listenInNamespace(
  namespace: string,
  wanted: readonly BindRequest[],
  ready: Promise<void> = Promise.resolve(),
): Promise<Map<string, Server | DatagramSocket>> {
  return new Promise((resolve, reject) => {
    const received = new Map<string, Server | DatagramSocket>();
    let words = "";
    let settled = false;
    // Nothing of the agent's environment but the request: NODE_OPTIONS of a developer's run would load a compiler here.
    const child = spawnChild("nsenter", [`--net=${namespacePath(namespace)}`, process.execPath, "-e", HELPER_SOURCE], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: {
        INDIUM_BIND: JSON.stringify(wanted),
        INDIUM_BIND_FOR: String(process.pid),
        PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
      },
    });
    const abandon = (error: unknown): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      child.kill("SIGKILL");
      for (const socket of received.values()) socket.close();
      reject(error);
    };
    const fail = (reason: string): void =>
      abandon(new AppError("network_failed", `The metadata service could not listen in the namespace ${namespace}: ${reason}.`));
    const timer = setTimeout(() => fail(`no answer within ${BIND_TIMEOUT_MS / 1000} s`), BIND_TIMEOUT_MS);
    child.stderr?.on("data", (chunk: Buffer) => {
      words = (words + chunk.toString("utf8")).slice(-1_000);
    });
    // A helper that is gone by then says so itself.
    ready.then(() => child.send("bind", () => {}), abandon);
    child.on("error", (error) => fail(error.message));
    child.on("exit", (code) => fail(words.trim() === "" ? `the helper ended with code ${String(code)}` : words.trim()));
    child.on("message", (message: unknown, handle: unknown) => {
      const parsed = HelperMessage.safeParse(message);
      if (!parsed.success || !(handle instanceof Server || handle instanceof DatagramSocket)) return;
      // One that comes after the failure is nobody's.
      if (settled) handle.close();
      else received.set(parsed.data.id, handle);
      if (received.size < wanted.length || settled) return;
      settled = true;
      clearTimeout(timer);
      // Resolved only when the helper is gone: until then it holds the sockets too, and a rebind would find them taken.
      child.removeAllListeners("exit");
      child.once("exit", () => resolve(received));
      child.send("done");
    });
  });
}
