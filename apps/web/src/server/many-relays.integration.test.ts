import { AppError } from "@indium/contract/errors";
import { afterAll, beforeAll, expect, it } from "vitest";
import WebSocket from "ws";
import { documentStatus } from "./hosts/host-calls";
import { giveTicket } from "./services/consoles";
import { actOnInstance } from "./services/instances";
import { makeUser } from "./test-fixtures";
import { type RelayRig, startRelayRig, until } from "./test-relays";

/**
 * Three relays under load, each host with a link to one and a standby at another, two of one origin and one of its own; one is killed and another one drained. `npm test` prints the times.
 */
const HOSTS = 9;
const RECOVERS_WITHIN_MS = 3_000;
const FREE_MACHINE_MS = 500;

let rig: RelayRig;
let instances: Awaited<ReturnType<RelayRig["fill"]>>;
let userId: Awaited<ReturnType<typeof makeUser>>["userId"];
beforeAll(async () => {
  rig = await startRelayRig(["one", "two", "three"], HOSTS);
  instances = await rig.fill();
  ({ userId } = await makeUser(rig.db, { grants: [[rig.organizationId, "owner"]] }));
});
afterAll(() => rig?.stop());

interface Asked {
  readonly hostId: string;
  readonly from: number;
  readonly ms: number;
  /** Null: answered. */
  readonly code: string | null;
}

/** Asks every host one thing after another, and stops and starts its instance (but the one whose console is open), until told to stop. */
function load(watched: string) {
  const asked: Asked[] = [];
  const operations: { id: string; action: string }[] = [];
  let over = false;
  let done = false;
  const asking = instances.map(async ({ hostId }) => {
    while (!done && hostId !== null) {
      const from = performance.now();
      const code = await documentStatus(rig.push, hostId).then(
        () => null,
        (thrown: unknown) => (thrown instanceof AppError ? thrown.code : String(thrown)),
      );
      asked.push({ hostId, from, ms: performance.now() - from, code });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
  const acting = instances
    .filter(({ id }) => id !== watched)
    .map(async ({ id: instanceId }, at) => {
      const base = { organizationId: rig.organizationId, instanceId, actorId: null, remoteAddress: null };
      await new Promise((resolve) => setTimeout(resolve, at * 100));
      // An even number of turns, so that all of them run in the end.
      for (let turn = 0; !over || turn % 2 === 1; turn += 1) {
        const action = turn % 2 === 0 ? "forceStop" : "start";
        const { operationId } = await actOnInstance(rig.db, { ...base, action, nowMs: Date.now() });
        operations.push({ id: operationId, action });
        await until(`operation ${operationId} ends`, async () => {
          const row = await rig.db.operation.findUniqueOrThrow({ where: { id: operationId } });
          return row.endedAt !== null;
        });
      }
    });
  return {
    asked,
    operations,
    stop: async () => {
      over = true;
      await Promise.all(acting);
      done = true;
      await Promise.all(asking);
    },
  };
}

/** A console as a browser opens it: the first words of the screen's protocol, and when it ends. */
async function openConsole(instanceId: string): Promise<{ socket: WebSocket; relay: string }> {
  const wish = { kind: "vnc", mode: "view", publicUrl: "http://unused.example", remoteAddress: null, nowMs: Date.now() } as const;
  const { url } = await giveTicket(rig.db, rig.push.signer, { organizationId: rig.organizationId, instanceId, userId, ...wish });
  const relay = new URL(url).searchParams.get("relay") ?? "";
  expect(new URL(url).host).toBe(new URL(rig.relays.find(({ name }) => name === relay)?.origin ?? "").host);
  const socket = new WebSocket(url, ["binary"]);
  await new Promise<void>((resolve, reject) => {
    socket.once("message", () => resolve());
    socket.once("close", (code, reason) => reject(new Error(`closed with ${code} ${reason.toString()}`)));
    socket.once("error", reject);
  });
  return { socket, relay };
}

const heldBy = async (relayName: string) => (await rig.online()).filter((host) => host.relayName === relayName).map((host) => host.id);
/** How often each guest was started, by its host's own count. */
const boots = async () => {
  const last = await rig.db.instanceStep.groupBy({ by: ["instanceId"], _max: { boot: true } });
  return new Map(last.map((row) => [row.instanceId, row._max.boot ?? 0]));
};

it("hosts spread over the relays with two links each, and each of them is found", async () => {
  await rig.twoLinks();
  const held = await Promise.all(rig.relays.map(async ({ name }) => `${name} ${(await heldBy(name)).length}`));
  console.log(`hosts by relay: ${held.join(", ")}`);
  for (const { hostId, id } of instances) {
    expect((await documentStatus(rig.push, hostId ?? "")).instances).toHaveLength(1);
    (await openConsole(id)).socket.close();
  }
});

it("one of three is killed: its hosts answer again within 3 s, consoles open again, no operation is lost or carried out twice", async () => {
  const counts = await Promise.all(rig.relays.map(async (relay) => ({ relay, hosts: await heldBy(relay.name) })));
  const victim = counts.sort((a, b) => b.hosts.length - a.hosts.length)[0];
  if (victim === undefined) throw new Error("no relay");
  const { hosts } = victim;
  const watched = instances.find((instance) => hosts.includes(instance.hostId ?? ""))?.id ?? "";
  const before = await boots();
  const viewer = await openConsole(watched);
  const under = load(watched);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(viewer.relay).toBe(victim.relay.name);
  const cut = new Promise((resolve) => viewer.socket.once("close", resolve));

  const killedAt = performance.now();
  victim.relay.child.kill("SIGKILL");
  await cut;
  const again = await reopened(watched);
  const consoleMs = performance.now() - killedAt;
  expect(again.relay).not.toBe(victim.relay.name);
  again.socket.close();
  await until("every host is elsewhere", async () => (await rig.online()).every((host) => host.relayName !== victim.relay.name));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await under.stop();

  const recoveries = hosts.map((hostId) => {
    const first = under.asked.filter((each) => each.hostId === hostId && each.from >= killedAt && each.code === null);
    return Math.min(...first.map((each) => each.from + each.ms)) - killedAt;
  });
  const failed = under.asked.filter((each) => each.code !== null);
  const others = under.asked.filter((each) => !hosts.includes(each.hostId));
  const slowest = Math.max(...others.map((each) => each.ms));
  console.log(
    `killed ${victim.relay.name} with ${hosts.length} of ${HOSTS} hosts: answered again after ${recoveries.map(Math.round).sort((a, b) => a - b)} ms, console after ${Math.round(consoleMs)} ms; ` +
      `${under.asked.length} calls, ${failed.length} unanswered (${[...new Set(failed.map((each) => each.code))]}), slowest at other hosts ${Math.round(slowest)} ms; ${under.operations.length} operations`,
  );
  // On a machine that others keep busy everything takes longer: so much longer, as hosts that lost nothing say. A new link is some four calls.
  expect(Math.max(...recoveries)).toBeLessThan(RECOVERS_WITHIN_MS + (slowest < FREE_MACHINE_MS ? 0 : 4 * slowest));
  // What was under way on the dead relay may have been carried out, and says so; nothing else fails.
  expect(failed.filter((each) => each.code !== "host_timeout" || each.from > killedAt)).toEqual([]);
  expect(failed.length).toBeLessThanOrEqual(hosts.length);
  await expectDone(under.operations, before);
});

it("one of two is drained: hosts and calls go on without a break, an open console is let finish, and the relay ends", async () => {
  const left = rig.relays.filter((relay) => relay.child.exitCode === null && relay.child.signalCode === null);
  const counts = await Promise.all(left.map(async (relay) => ({ relay, hosts: await heldBy(relay.name) })));
  const leaving = counts.sort((a, b) => b.hosts.length - a.hosts.length)[0];
  const watched = instances.find((instance) => leaving?.hosts.includes(instance.hostId ?? ""));
  if (leaving === undefined || watched === undefined) throw new Error("no relay with a host");
  await rig.twoLinks(...rig.relays.filter((relay) => !left.includes(relay)).map(({ name }) => name));
  const viewer = await openConsole(watched.id);
  const before = await boots();
  const under = load(watched.id);
  await new Promise((resolve) => setTimeout(resolve, 500));

  const told = performance.now();
  leaving.relay.child.kill("SIGTERM");
  await until("every host is elsewhere", async () => (await rig.online()).every((host) => host.relayName !== leaving.relay.name));
  const movedMs = performance.now() - told;
  expect((await rig.online()).length).toBe(HOSTS);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect([viewer.socket.readyState, leaving.relay.child.exitCode]).toEqual([WebSocket.OPEN, null]);
  viewer.socket.close();
  expect(await leaving.relay.ended, leaving.relay.said()).toBe(0);
  const endedMs = performance.now() - told;
  await under.stop();

  const failed = under.asked.filter((each) => each.code !== null);
  const slowest = Math.round(Math.max(...under.asked.map((each) => each.ms)));
  console.log(
    `drained ${leaving.relay.name} with ${leaving.hosts.length} of ${HOSTS} hosts: all elsewhere after ${Math.round(movedMs)} ms, ended after ${Math.round(endedMs)} ms (1 s of it a console); ` +
      `${under.asked.length} calls, ${failed.length} unanswered, slowest ${slowest} ms; ${under.operations.length} operations`,
  );
  expect(failed).toEqual([]);
  await expectDone(under.operations, before);
});

/** As the page does after a cut: again and again. */
async function reopened(instanceId: string): ReturnType<typeof openConsole> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      return await openConsole(instanceId);
    } catch (thrown) {
      if (Date.now() > deadline) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function expectDone(operations: readonly { id: string; action: string }[], before: ReadonlyMap<string, number>): Promise<void> {
  expect(operations.length).toBeGreaterThan(HOSTS);
  const rows = await rig.db.operation.findMany({ where: { id: { in: operations.map(({ id }) => id) } } });
  expect(rows.filter((row) => row.state !== "succeeded")).toEqual([]);
  const starts = new Map<string, number>();
  for (const row of rows)
    if (operations.find(({ id }) => id === row.id)?.action === "start")
      starts.set(row.instanceId ?? "", (starts.get(row.instanceId ?? "") ?? 0) + 1);
  await until("all reports are in", async () => {
    const now = await boots();
    return instances.every(({ id }) => (now.get(id) ?? 0) >= (before.get(id) ?? 0) + (starts.get(id) ?? 0));
  });
  const now = await boots();
  expect(instances.map(({ id }) => (now.get(id) ?? 0) - (before.get(id) ?? 0))).toEqual(instances.map(({ id }) => starts.get(id) ?? 0));
}
