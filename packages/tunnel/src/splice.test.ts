import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { readReusing } from "./reused-buffer";
import { splice } from "./splice";

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
async function dial(port: number, allowHalfOpen = false): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen });
  sockets.push(socket);
  await once(socket, "connect");
  return socket;
}
/** Two ends, and what stands between them: sockets as a server accepts them. */
async function middle(): Promise<{ left: Socket; right: Socket; one: Socket; other: Socket }> {
  const accepted: Socket[] = [];
  const port = await listen(
    createServer({ allowHalfOpen: true }, (socket) => {
      sockets.push(socket);
      accepted.push(socket);
    }),
  );
  const left = await dial(port, true);
  await expect.poll(() => accepted.length).toBe(1);
  const right = await dial(port, true);
  await expect.poll(() => accepted.length).toBe(2);
  return { left, right, one: accepted[0]!, other: accepted[1]! };
}
const noise = (bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, (_, index) => (index * 31 + (index >> 8)) % 251));
const sha = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("a splice", () => {
  it("carries bytes both ways in order, to a reader that often stops as well", async () => {
    const { left, right, one, other } = await middle();
    let done = 0;
    splice(one, other, () => {
      done += 1;
    });
    const sent = noise(8_000_000);
    const [toRight, toLeft] = [createHash("sha256"), createHash("sha256")];
    let pauses = 0;
    right.on("data", (chunk: Buffer) => {
      toRight.update(chunk);
      right.pause();
      pauses += 1;
      setImmediate(() => right.resume());
    });
    left.on("data", (chunk: Buffer) => toLeft.update(chunk));
    left.end(sent);
    right.end(sent);
    await Promise.all([once(left, "end"), once(right, "end")]);
    expect([toRight.digest("hex"), toLeft.digest("hex")]).toEqual([sha(sent), sha(sent)]);
    expect(pauses).toBeGreaterThan(1);
    await expect.poll(() => done).toBe(1);
  });

  it("holds little of what a stalled reader does not take, and delivers all of it later", async () => {
    const { left, right, one, other } = await middle();
    splice(one, other, () => {});
    const sent = noise(16_000_000);
    left.end(sent);
    // Until the kernel's buffers are full: the sender then cannot write on.
    let before = -1;
    await expect
      .poll(
        () => {
          const stands = before === one.bytesRead && one.bytesRead > 0;
          before = one.bytesRead;
          return stands;
        },
        { interval: 200, timeout: 20_000 },
      )
      .toBe(true);
    expect(one.bytesRead).toBeLessThan(sent.length);
    expect(one.readableLength + other.writableLength).toBeLessThanOrEqual(65_536);
    const received = createHash("sha256");
    right.on("data", (chunk: Buffer) => received.update(chunk));
    await once(right, "end");
    expect(received.digest("hex")).toBe(sha(sent));
  });

  it("keeps what came before it, and the tail of an end that closes", async () => {
    const http = createHttpServer();
    const target = await middle();
    http.on("upgrade", (_request, socket: Socket, head: Buffer) => {
      sockets.push(socket);
      socket.unshift(head);
      splice(socket, target.one, () => {});
    });
    const client = await dial(await listen(http));
    const tail = noise(700_000);
    client.write("GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhead");
    client.end(tail);
    const chunks: Buffer[] = [];
    target.left.on("data", (chunk: Buffer) => chunks.push(chunk));
    await once(target.left, "end");
    const received = Buffer.concat(chunks);
    expect(received.subarray(0, 4).toString()).toBe("head");
    expect(sha(received.subarray(4))).toBe(sha(tail));
  });

  it("reads on past a reader that has gone, so that its other end is seen to go as well", async () => {
    const { left, right, one, other } = await middle();
    let done = false;
    splice(one, other, () => {
      done = true;
    });
    right.destroy();
    left.on("error", () => {});
    left.on("end", () => left.end());
    left.write(noise(3_000_000));
    left.resume();
    await expect.poll(() => done, { timeout: 10_000 }).toBe(true);
  });

  it("gives on the ends of a crowd in groups, the next when one is answered or will not be", async () => {
    const crowd = async (answers: boolean) => {
      const pairs = await Promise.all(Array.from({ length: 250 }, () => middle()));
      const seen = { ended: 0, done: 0 };
      for (const { left, right, one, other } of pairs) {
        splice(one, other, () => {
          seen.done += 1;
        });
        left.resume();
        right.resume().on("end", () => {
          seen.ended += 1;
          if (answers) right.end();
        });
      }
      const began = performance.now();
      for (const { left } of pairs) left.end();
      return { seen, began };
    };
    const { seen: silent, began } = await crowd(false);
    await expect.poll(() => silent.ended, { interval: 5, timeout: 5_000 }).toBe(250);
    // Four groups, and nobody answers: three times 20 ms.
    expect(performance.now() - began).toBeGreaterThan(50);
    const { seen: polite } = await crowd(true);
    await expect.poll(() => polite.done, { interval: 5, timeout: 5_000 }).toBe(250);
  });

  it("joins what is no socket too", async () => {
    const { left, one } = await middle();
    const stream = new PassThrough();
    splice(one, stream, () => {});
    const back = once(left, "data");
    left.write("there and back");
    expect(String((await back)[0])).toBe("there and back");
  });
});

describe("reading into one buffer", () => {
  it("works on this Node, for connections that were made without it", async () => {
    const { left, one } = await middle();
    const seen = new Set<ArrayBufferLike>();
    let bytes = 0;
    expect(
      readReusing(one, (chunk) => {
        if (bytes >= 300_000) seen.add(chunk.buffer);
        bytes += chunk.length;
        return true;
      }),
    ).toBe(true);
    left.write(noise(300_000));
    await expect.poll(() => bytes).toBe(300_000);
    for (let count = 1; count <= 5; count += 1) {
      left.write(noise(1_000));
      await expect.poll(() => bytes).toBe(300_000 + count * 1_000);
    }
    expect(seen.size).toBe(1);
  });

  it.each([0, 300_000])("reads nothing more until it is told to, after %i bytes", async (before) => {
    const { left, one } = await middle();
    const chunks: string[] = [];
    let early = 0;
    readReusing(one, (chunk) => {
      if (early < before) {
        early += chunk.length;
        return true;
      }
      chunks.push(chunk.toString());
      return false;
    });
    left.write(noise(before));
    await expect.poll(() => early).toBe(before);
    left.write("a");
    await expect.poll(() => chunks).toEqual(["a"]);
    left.write("b");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(chunks).toEqual(["a"]);
    one.resume();
    await expect.poll(() => chunks).toEqual(["a", "b"]);
  });

  it("refuses what it could not do right", () => {
    expect(readReusing(new PassThrough(), () => true)).toBe(false);
  });
});
