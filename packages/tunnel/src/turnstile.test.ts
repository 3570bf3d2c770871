import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { pace, Turnstile } from "./turnstile";

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a turnstile", () => {
  it("lets so many in per turn, in order, and the next at once when nobody waits", async () => {
    const turnstile = new Turnstile(2);
    const entered: number[] = [];
    for (let number = 1; number <= 5; number += 1) turnstile.pass(() => entered.push(number));
    expect(entered).toEqual([1, 2]);
    expect(turnstile.waiting).toBe(3);
    await turn();
    expect(entered).toEqual([1, 2, 3, 4]);
    await turn();
    expect(entered).toEqual([1, 2, 3, 4, 5]);
    await turn();
    await turn();
    turnstile.pass(() => entered.push(6));
    expect(entered.at(-1)).toBe(6);
  });

  it("goes on after one that throws", async () => {
    const turnstile = new Turnstile(1);
    const entered: number[] = [];
    turnstile.pass(() => {});
    const failing = () => {
      throw new Error("expected by this test");
    };
    const caught = new Promise((resolve) => process.once("uncaughtException", resolve));
    const others = process.rawListeners("uncaughtException").filter((listener) => listener.name !== "bound onceWrapper");
    for (const other of others) process.off("uncaughtException", other as () => void);
    turnstile.pass(failing);
    turnstile.pass(() => entered.push(1));
    await caught;
    for (const other of others) process.on("uncaughtException", other as () => void);
    await turn();
    await turn();
    expect(entered).toEqual([1]);
  });

  it("stands before a server, which then answers as ever", async () => {
    const server = createServer((_request, response) => response.end("here"));
    const seen: boolean[] = [];
    pace(server, new Turnstile(1), () => {
      seen.push(true);
      return true;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const ask = () =>
      new Promise<string>((resolve, reject) => {
        const asking = request({ host: "127.0.0.1", port: (server.address() as AddressInfo).port, agent: false }, (response) => {
          response.on("data", (chunk) => resolve(String(chunk)));
        });
        asking.on("error", reject).end();
      });
    expect(await Promise.all([ask(), ask(), ask(), ask()])).toEqual(["here", "here", "here", "here"]);
    expect(seen.length).toBe(4);
    server.close();
    server.closeAllConnections();
  });
});
