import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { pace, Turnstile } from "./turnstile";

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a turnstile", () => {
  it("lets in, in order, and the next at once when nobody waits", async () => {
    const turnstile = new Turnstile({ turnMs: 10, now: () => 0 });
    const entered: number[] = [];
    const all = Array.from({ length: 20 }, (_, number) => number);
    for (const number of all) turnstile.pass(() => entered.push(number));
    expect(entered.length).toBeLessThan(all.length);
    expect(turnstile.waiting).toBe(all.length - entered.length);
    for (let turns = 0; turns < 5; turns += 1) await turn();
    expect(entered).toEqual(all);
    turnstile.pass(() => entered.push(20));
    expect(entered.at(-1)).toBe(20);
  });

  it("bounds a turn by time, whatever each costs", async () => {
    let now = 0;
    const turnstile = new Turnstile({ turnMs: 10, now: () => now });
    let entered = 0;
    const cost = (ms: number) => () => {
      entered += 1;
      now += ms;
    };
    for (let count = 0; count < 40; count += 1) turnstile.pass(cost(4));
    const perTurn: number[] = [];
    for (let before = 0; turnstile.waiting > 0; before = entered) {
      await turn();
      perTurn.push(entered - before);
    }
    expect(Math.max(...perTurn.slice(1))).toBeLessThanOrEqual(3);
    // One that alone is too long still comes in, and no turn is without.
    for (let count = 0; count < 3; count += 1) turnstile.pass(cost(50));
    for (let count = 0; count < 3; count += 1) await turn();
    expect(turnstile.waiting).toBe(0);
  });

  it("lets fewer in when what they cause makes turns long, and more again when they are short", async () => {
    let now = 0;
    const turnstile = new Turnstile({ turnMs: 10, now: () => now });
    let entered = 0;
    const enter = () => {
      entered += 1;
    };
    for (let count = 0; count < 400; count += 1) turnstile.pass(enter);
    const during = async (turns: number, ms: number): Promise<number> => {
      const before = entered;
      for (let count = 0; count < turns; count += 1) {
        now += ms;
        await turn();
      }
      return (entered - before) / turns;
    };
    await during(5, 40);
    expect(await during(5, 40)).toBe(1);
    expect(await during(10, 2)).toBeGreaterThan(4);
  });

  it("lets so many be inside at once, until each is through or has taken too long", async () => {
    let now = 0;
    const turnstile = new Turnstile({ turnMs: 10, atOnce: 2, patienceMs: 5, now: () => now });
    const entered: number[] = [];
    for (let number = 1; number <= 6; number += 1) turnstile.pass(() => entered.push(number));
    await turn();
    expect(entered).toEqual([1, 2]);
    turnstile.through();
    await turn();
    await turn();
    expect(entered).toEqual([1, 2, 3]);
    now = 6;
    await vi.waitFor(() => expect(entered).toEqual([1, 2, 3, 4, 5]));
    now = 12;
    await vi.waitFor(() => expect(entered).toEqual([1, 2, 3, 4, 5, 6]));
    // Who is through when nobody waits leaves no more room than there is.
    for (let count = 0; count < 5; count += 1) turnstile.through();
    for (let number = 7; number <= 9; number += 1) turnstile.pass(() => entered.push(number));
    await turn();
    expect(entered.at(-1)).toBe(8);
  });

  it("goes on after one that throws", async () => {
    const turnstile = new Turnstile({ turnMs: 5, atOnce: 1, patienceMs: 1 });
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
    await vi.waitFor(() => expect(entered).toEqual([1]));
  });

  it("stands before a server, which then answers as ever", async () => {
    const server = createServer((_request, response) => response.end("here"));
    const seen: boolean[] = [];
    pace(server, new Turnstile({ turnMs: 5 }), () => {
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
