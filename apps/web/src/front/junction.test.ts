import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { countRecord, JOIN_HEADER, joinAnswer, readOffer } from "@indium/tunnel/join/wire";
import { afterEach, describe, expect, it } from "vitest";
import { createFront } from "./server";

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});
async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

interface Seen {
  readonly socket: Socket;
  readonly offer: ReturnType<typeof readOffer>;
  text: string;
  ended: boolean;
}

/** A relay that says nothing by itself, and tells what each connection brought. */
async function relay(): Promise<{ port: number; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer().on("upgrade", (request, socket: Socket, head: Buffer) => {
    sockets.push(socket);
    const one: Seen = { socket, offer: readOffer(request.headers[JOIN_HEADER.toLowerCase()]), text: head.toString(), ended: false };
    socket.on("data", (chunk: Buffer) => {
      one.text += chunk.toString("latin1");
    });
    for (const event of ["end", "close", "error"]) socket.on(event, () => (one.ended = true));
    seen.push(one);
  });
  return { port: await listen(server), seen };
}

/** A loaded machine takes its time. */
const soon = <T>(get: () => T) => expect.poll(get, { timeout: 10_000 });
const VIEWER = "/relay/console?ticket=x";
const HOST = "/relay/stream/s-1";
async function dial(
  port: number,
  path: string,
  behind = "",
  headers = "",
): Promise<{ socket: Socket; text: () => string; closed: () => boolean }> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  sockets.push(socket);
  let [text, closed] = ["", false];
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  for (const event of ["end", "error", "close"]) socket.on(event, () => (closed = true));
  await once(socket, "connect");
  socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\n${headers}Connection: Upgrade\r\nUpgrade: x\r\n\r\n${behind}`);
  return { socket, text: () => text, closed: () => closed };
}
async function lab() {
  const behind = await relay();
  const front = await listen(createFront({ tls: null, webPort: 1, relayPort: behind.port }));
  const open = async (path: string, early = "", headers = "") => {
    const end = await dial(front, path, early, headers);
    const before = behind.seen.length;
    await soon(() => behind.seen.length).toBe(before + 1);
    return { ...end, relay: behind.seen.at(-1)! };
  };
  return { behind, open };
}

describe("the two ends of a console", () => {
  it("are joined at the relay's word, with what either said before, and end together", async () => {
    const { open } = await lab();
    const viewer = await open(VIEWER, "early viewer");
    const host = await open(HOST, "early host");
    expect(host.relay.offer?.front).toBe(viewer.relay.offer?.front);
    expect(host.relay.offer?.connection).not.toBe(viewer.relay.offer?.connection);
    // Nothing but the requests has gone to the relay.
    expect([viewer.relay.text, host.relay.text]).toEqual(["", ""]);
    host.relay.socket.write(joinAnswer(viewer.relay.offer!.connection, Buffer.from("first,")));
    await soon(host.text).toBe("first,early viewer");
    await soon(viewer.text).toBe("early host");
    viewer.socket.write(" and more");
    await soon(host.text).toBe("first,early viewer and more");
    await soon(() => viewer.relay.ended).toBe(true);
    expect(host.relay.ended).toBe(false);
    host.socket.end(" the tail");
    await soon(viewer.text).toBe("early host the tail");
    await soon(viewer.closed).toBe(true);
    viewer.socket.end();
    await soon(() => host.relay.ended).toBe(true);
    expect(host.relay.text.endsWith(countRecord({ toViewer: 19, toHost: 27 }).toString("latin1"))).toBe(true);
  });

  it("are cut when the relay takes its lease back", async () => {
    const { open } = await lab();
    const viewer = await open(VIEWER);
    const host = await open(HOST);
    host.relay.socket.write(joinAnswer(viewer.relay.offer!.connection, Buffer.from("first")));
    await soon(host.text).toBe("first");
    host.relay.socket.destroy();
    await soon(() => [viewer.closed(), host.closed()]).toEqual([true, true]);
  });

  it("are the relay's where it says so, early words and all", async () => {
    const { open } = await lab();
    for (const path of [VIEWER, HOST]) {
      const end = await open(path, "early ");
      end.relay.socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\nanswer");
      await soon(end.text).toMatch(/answer$/);
      end.socket.write("late");
      await soon(() => end.relay.text).toBe("early late");
    }
  });

  it("say to the relay only what the front says of them", async () => {
    const { open } = await lab();
    const honest = await open(VIEWER);
    const { front, connection } = honest.relay.offer!;
    const forged = await open(HOST, "", `${JOIN_HEADER}: ${front}.${connection}\r\nx-indium-join: ${"0".repeat(32)}.${connection}\r\n`);
    expect(forged.relay.offer?.front).toBe(front);
    expect(forged.relay.offer?.connection).not.toBe(connection);
    expect((await open("/relay/link/?EIO=4", "", `${JOIN_HEADER}: ${front}.${connection}\r\n`)).relay.offer).toBeNull();
  });

  it("are joined with no connection but a viewer's that waits, and not twice", async () => {
    const { open } = await lab();
    const [viewer, other] = [await open(VIEWER), await open(VIEWER)];
    const [first, second, third, fourth] = [await open(HOST), await open(HOST), await open(HOST), await open(HOST)];
    const join = (host: typeof first, connection: string) => host.relay.socket.write(joinAnswer(connection, Buffer.alloc(0)));
    join(first, viewer.relay.offer!.connection);
    viewer.socket.write("hello");
    await soon(first.text).toBe("hello");
    join(second, viewer.relay.offer!.connection);
    await soon(second.closed).toBe(true);
    join(third, fourth.relay.offer!.connection);
    await soon(third.closed).toBe(true);
    other.relay.socket.write("x");
    await soon(other.text).toBe("x");
    join(fourth, other.relay.offer!.connection);
    await soon(fourth.closed).toBe(true);
    expect([viewer.closed(), other.closed()]).toEqual([false, false]);
  });

  it("that leave before they are answered are gone at the relay as well, and the reverse", async () => {
    const { open } = await lab();
    for (const path of [VIEWER, HOST]) {
      const leaver = await open(path);
      leaver.socket.end();
      await soon(() => leaver.relay.ended).toBe(true);
      const left = await open(path);
      left.relay.socket.end("HTTP/1.1 101 Switch");
      await soon(left.closed).toBe(true);
      expect(left.text()).toBe("HTTP/1.1 101 Switch");
    }
  });

  it("end at an answer that is broken", async () => {
    const { open } = await lab();
    const host = await open(HOST);
    host.relay.socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: indium-join\r\n\r\n");
    await soon(() => host.closed() && host.relay.ended).toBe(true);
    expect(host.text()).toBe("");
  });
});
