import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { Turnstile } from "@indium/tunnel/turnstile";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refusals } from "../refusals";
import { Door, type DoorOptions } from "./door";
import { HandshakeLimiter } from "./handshake-limiter";

const UPGRADE = "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";

let server: Server;
const sockets: Socket[] = [];
const refusals = () => door.refusals.counts.link_limit;
let door: { readonly door: Door; readonly refusals: Refusals };
/** What the door said of each, in the order of their upgrades; null until it does. */
let answers: { readonly request: IncomingMessage; isRoom: boolean | null }[] = [];

function open(options: DoorOptions): void {
  const counts = new Refusals();
  door = { door: new Door(counts, options), refusals: counts };
}
const oneAtATime = () => new Turnstile({ turnMs: 5, atOnce: 1, patienceMs: 60_000 });
async function knock(): Promise<Socket> {
  const before = answers.length;
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1", () => socket.write(UPGRADE)).on("error", () => {});
  sockets.push(socket);
  await vi.waitFor(() => expect(answers.length).toBe(before + 1));
  return socket;
}
const said = () => answers.map(({ isRoom }) => isRoom);

beforeEach(async () => {
  answers = [];
  server = createServer().on("upgrade", (request: IncomingMessage, socket: Socket) => {
    sockets.push(socket.on("error", () => {}).on("end", () => socket.end()));
    const answer: (typeof answers)[number] = { request, isRoom: null };
    answers.push(answer);
    door.door.admit(request, (isRoom) => {
      answer.isRoom = isRoom;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

describe("who finds others at the door", () => {
  it("waits its turn, and is let in when one has passed or gone", async () => {
    open({ turnstile: oneAtATime() });
    await knock();
    await vi.waitFor(() => expect(said()).toEqual([true]));
    const second = await knock();
    await knock();
    expect(said()).toEqual([true, null, null]);
    expect(door.door.waiting).toBe(3);
    door.door.pass(answers[0]!.request);
    await vi.waitFor(() => expect(said()).toEqual([true, true, null]));
    second.destroy();
    await vi.waitFor(() => expect(said()).toEqual([true, true, true]));
    expect(door.door.waiting).toBe(1);
    expect(refusals()).toBe(0);
  });

  it("is told that there is no room when its turn does not come, or nobody fits inside", async () => {
    open({ turnstile: oneAtATime(), waitMs: 50 });
    await knock();
    await knock();
    await vi.waitFor(() => expect(said()).toEqual([true, false]));
    expect(refusals()).toBe(1);
    answers = [];
    open({ maxInside: 1, waitMs: 50 });
    await knock();
    await knock();
    await vi.waitFor(() => expect(said()).toEqual([true, false]));
    expect(door.door.waiting).toBe(1);
  });

  it("comes in when there is room inside again, and those who went meanwhile keep nobody out", async () => {
    open({ maxInside: 1 });
    await knock();
    const second = await knock();
    const third = await knock();
    await knock();
    await knock();
    await new Promise((resolve) => setImmediate(resolve));
    expect(said()).toEqual([true, null, null, null, null]);
    second.end();
    third.end();
    await vi.waitFor(() => expect(door.door.waiting).toBe(3));
    door.door.pass(answers[0]!.request);
    await vi.waitFor(() => expect(said()).toEqual([true, null, null, true, null]));
    door.door.pass(answers[3]!.request);
    await vi.waitFor(() => expect(said()).toEqual([true, null, null, true, true]));
    expect(refusals()).toBe(0);
  });

  it("counts against its address, and gives the place back by going or by saying anything", async () => {
    open({ turnstile: oneAtATime(), limiter: new HandshakeLimiter({ total: 10, perAddress: 3 }) });
    await knock();
    const leaving = await knock();
    const talking = await knock();
    await knock();
    expect(said()).toEqual([true, null, null, false]);
    leaving.end();
    talking.write("hello?");
    await vi.waitFor(() => expect(door.door.waiting).toBe(1));
    await vi.waitFor(() => expect(talking.closed).toBe(true));
    await knock();
    expect(said().at(-1)).toBeNull();
    door.door.pass(answers[0]!.request);
    await vi.waitFor(() => expect(said()).toEqual([true, null, null, false, true]));
  });
});
