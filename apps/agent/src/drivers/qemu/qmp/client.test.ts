import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { QmpClient } from "./client";
import type { QmpEvent } from "./messages";

const GREETING = '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}, "capabilities": ["oob"]}}\r\n';

interface Command {
  readonly execute: string;
  readonly id: number;
  readonly arguments?: unknown;
}

let directory: string;
let path: string;
let server: Server;
const sockets = new Set<Socket>();

/** A monitor whose answers the test writes; `qmp_capabilities` is answered by itself unless the test takes it over. */
async function monitor(options: {
  greet?: (socket: Socket) => void;
  command?: (socket: Socket, command: Command) => void;
  capabilities?: (socket: Socket, command: Command) => void;
}): Promise<void> {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    if (options.greet === undefined) socket.write(GREETING);
    else options.greet(socket);
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString();
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const command = JSON.parse(line) as Command;
        if (command.execute !== "qmp_capabilities") options.command?.(socket, command);
        else if (options.capabilities !== undefined) options.capabilities(socket, command);
        else socket.write(`{"return": {}, "id": ${command.id}}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "indium-qmp-"));
  path = join(directory, "qmp.sock");
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise((resolve) => server?.close(resolve));
  rmSync(directory, { recursive: true, force: true });
});

describe("a QMP client", () => {
  it("negotiates, sends arguments and returns the answer", async () => {
    await monitor({ command: (socket, command) => socket.write(`{"return": ${JSON.stringify(command)}, "id": ${command.id}}\n`) });
    const client = await QmpClient.connect(path);
    expect(await client.execute("block_resize", { size: 5 })).toMatchObject({ execute: "block_resize", arguments: { size: 5 } });
    client.close();
  });

  it("matches answers by id when they come out of order and in pieces", async () => {
    const held: Command[] = [];
    await monitor({
      command: (socket, command) => {
        held.push(command);
        if (held.length < 2) return;
        const text = held
          .toReversed()
          .map((each) => `{"return": "${each.execute} ü", "id": ${each.id}}\r\n`)
          .join("");
        // Byte by byte: characters of two bytes and line ends are cut apart too.
        for (const byte of Buffer.from(text)) socket.write(Buffer.from([byte]));
      },
    });
    const client = await QmpClient.connect(path);
    expect(await Promise.all([client.execute("first"), client.execute("second")])).toEqual(["first ü", "second ü"]);
    client.close();
  });

  it("gives QEMU's error with its class, and goes on", async () => {
    await monitor({
      command: (socket, command) =>
        socket.write(
          command.execute === "nope"
            ? `{"error": {"class": "CommandNotFound", "desc": "The command nope has not been found"}, "id": ${command.id}}\n`
            : `{"return": 1, "id": ${command.id}}\n`,
        ),
    });
    const client = await QmpClient.connect(path);
    await expect(client.execute("nope")).rejects.toMatchObject({ kind: "command", errorClass: "CommandNotFound", command: "nope" });
    expect(await client.execute("yes")).toBe(1);
    client.close();
  });

  it("passes events on with their data, also between a command and its answer", async () => {
    await monitor({
      command: (socket, command) =>
        socket.write(
          `{"timestamp": {"seconds": 10, "microseconds": 5000}, "event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}\n{"return": {}, "id": ${command.id}}\n`,
        ),
    });
    const client = await QmpClient.connect(path);
    const events: QmpEvent[] = [];
    client.onEvent((event) => events.push(event));
    await client.execute("system_powerdown");
    expect(events).toEqual([{ name: "SHUTDOWN", data: { guest: true, reason: "guest-shutdown" }, at: 10_005 }]);
    client.close();
  });

  it("times one command out, drops its late answer and serves the next", async () => {
    let late: number | null = null;
    await monitor({
      command: (socket, command) => {
        if (command.execute === "slow") late = command.id;
        else socket.write(`{"return": "late", "id": ${late}}\n{"return": "mine", "id": ${command.id}}\n`);
      },
    });
    const client = await QmpClient.connect(path);
    await expect(client.execute("slow", undefined, { timeoutMs: 20 })).rejects.toMatchObject({ kind: "timeout", command: "slow" });
    expect(await client.execute("next")).toBe("mine");
    client.close();
  });

  it("fails what is under way when the monitor disconnects, and everything after", async () => {
    await monitor({ command: (socket) => socket.end('{"return"') });
    const client = await QmpClient.connect(path);
    const reasons: string[] = [];
    client.onClose((reason) => reasons.push(reason.kind));
    await expect(client.execute("quit")).rejects.toMatchObject({ kind: "closed", command: "quit" });
    await expect(client.execute("query-status")).rejects.toMatchObject({ kind: "closed" });
    expect(reasons).toEqual(["closed"]);
    expect(client.closed).toBe(true);
  });

  it.each([
    ["garbage", "HTTP/1.1 400 Bad Request\r\n"],
    ["JSON that is no QMP", '{"hello": 1}\n'],
    ["a list", "[]\n"],
    ["an event without a time", '{"event": "STOP"}\n'],
    ["an error that belongs to no command", '{"error": {"class": "GenericError", "desc": "JSON parse error"}}\n'],
  ])("closes on %s", async (_, text) => {
    await monitor({ command: (socket) => socket.write(text) });
    const client = await QmpClient.connect(path);
    await expect(client.execute("query-status")).rejects.toMatchObject({ kind: "protocol" });
  });

  it("closes on a line without end instead of holding it", async () => {
    await monitor({ command: (socket) => socket.write("x".repeat(70_000)) });
    const client = await QmpClient.connect(path, { maxLineBytes: 64 * 1024 });
    await expect(client.execute("query-status")).rejects.toMatchObject({ kind: "protocol" });
  });

  it("does not wait for ever for a greeting (a monitor serves one client, the second is unheard)", async () => {
    await monitor({ greet: () => {} });
    await expect(QmpClient.connect(path, { timeoutMs: 20 })).rejects.toMatchObject({ kind: "timeout" });
  });

  it("does not wait for ever for the negotiation", async () => {
    await monitor({ capabilities: () => {} });
    await expect(QmpClient.connect(path, { timeoutMs: 30 })).rejects.toMatchObject({ kind: "timeout" });
  });

  it("says so when there is no socket", async () => {
    await monitor({});
    await expect(QmpClient.connect(join(directory, "missing"))).rejects.toMatchObject({ kind: "closed" });
  });
});
