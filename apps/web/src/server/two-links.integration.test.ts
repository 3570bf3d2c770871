import { AppError } from "@indium/contract/errors";
import { afterAll, beforeAll, expect, it } from "vitest";
import { documentStatus } from "./hosts/host-calls";
import { type RelayProcess, type RelayRig, startRelayRig, until } from "./test-relays";

/**
 * Three relays, and hosts with a link to one and a standby at another: what the standby is worth when the link's relay goes silent, when both go, and
 * when only the standby's does. `npm test` prints the times.
 */
const HOSTS = 6;
const FREE_MACHINE_MS = 500;

let rig: RelayRig;
let relays: RelayProcess[];
beforeAll(async () => {
  rig = await startRelayRig(["one", "two", "three"], HOSTS);
  relays = [...rig.relays];
  await rig.twoLinks();
});
afterAll(() => rig?.stop());

const relayOf = (name: string | null | undefined): RelayProcess => {
  const relay = relays.find((each) => each.name === name);
  if (relay === undefined) throw new Error(`no relay ${name}`);
  return relay;
};
async function restart({ name }: RelayProcess): Promise<void> {
  relays = [...relays.filter((relay) => relay.name !== name), await rig.startRelay(name)];
}
const metricsOf = async ({ name }: RelayProcess): Promise<{ links: number; standbys: number }> => {
  const { rpcUrl } = await rig.db.relay.findUniqueOrThrow({ where: { name } });
  return (await (await fetch(`${rpcUrl}/metrics`)).json()) as { links: number; standbys: number };
};
const epochs = async () => new Map((await rig.online()).map((row) => [row.id, row.linkEpoch]));

/** Asks each of these hosts anew every 50 ms, whatever becomes of the calls before. */
function asking(hosts: readonly string[]) {
  const answered = new Map<string, number>();
  const unexpected: string[] = [];
  let slowest = 0;
  const ask = async (hostId: string): Promise<void> => {
    const from = performance.now();
    try {
      await documentStatus(rig.push, hostId);
      slowest = Math.max(slowest, performance.now() - from);
      answered.set(hostId, Math.min(answered.get(hostId) ?? Number.POSITIVE_INFINITY, performance.now()));
    } catch (thrown) {
      const code = thrown instanceof AppError ? thrown.code : String(thrown);
      // Under way on the relay that went: it may have been carried out.
      if (code !== "host_timeout") unexpected.push(code);
    }
  };
  const timer = setInterval(() => {
    for (const hostId of hosts) if (!answered.has(hostId)) void ask(hostId);
  }, 50);
  return {
    unexpected,
    /** Ms from `since` to the first answer of each. */
    all: async (since: number) => {
      await until("every one answers", async () => hosts.every((hostId) => answered.has(hostId)));
      clearInterval(timer);
      return hosts.map((hostId) => Math.round((answered.get(hostId) ?? 0) - since)).sort((a, b) => a - b);
    },
    slowest: () => slowest,
  };
}

/** How long one call to a host takes just now, with this machine's other work: what a bound is stretched by. */
async function callMs(): Promise<number> {
  const [host] = await rig.online();
  const from = performance.now();
  await documentStatus(rig.push, host?.id ?? "");
  return performance.now() - from;
}
const bound = (ms: number, call: number) => ms + (call < FREE_MACHINE_MS ? 0 : 6 * call);

it("each host stands by at one relay, and all relays together hold two connections for each", async () => {
  await until("the relays say so too", async () => {
    const counts = await Promise.all(relays.map(metricsOf));
    const sum = (of: "links" | "standbys") => counts.reduce((all, each) => all + each[of], 0);
    return sum("links") === HOSTS && sum("standbys") === HOSTS;
  });
});

it("a relay that goes silent loses its hosts to their standbys within seconds, and gets none of them back when it speaks again", async () => {
  const [any] = await rig.online();
  const silent = relayOf(any?.relayName);
  const hosts = (await rig.online()).filter((host) => host.relayName === silent.name).map((host) => host.id);
  const others = [...(await epochs())].filter(([id]) => !hosts.includes(id));
  const usual = await callMs();
  const stoppedAt = performance.now();
  silent.child.kill("SIGSTOP");
  try {
    await until("its hosts are elsewhere", async () =>
      (await rig.online()).every((host) => !hosts.includes(host.id) || host.relayName !== silent.name),
    );
    const elsewhereMs = Math.round(performance.now() - stoppedAt);
    const calls = asking(hosts);
    const answers = await calls.all(stoppedAt);
    console.log(
      `${silent.name} with ${hosts.length} of ${HOSTS} hosts fell silent: elsewhere after ${elsewhereMs} ms, answered after ${answers} ms`,
    );
    expect(elsewhereMs).toBeLessThan(bound(8_000, Math.max(usual, calls.slowest())));
    expect(calls.unexpected).toEqual([]);
    await rig.twoLinks(silent.name);
  } finally {
    silent.child.kill("SIGCONT");
  }
  const held = await epochs();
  // It asks for its leases, is told that they are lost, and holds nothing any more.
  await until("it has let go", async () => (await metricsOf(silent)).links === 0);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await epochs()).toEqual(held);
  for (const [id, epoch] of others) expect(held.get(id)).toBe(epoch);
  for (const host of await rig.online()) expect(host.relayName).not.toBe(silent.name);
  for (const hostId of hosts) await documentStatus(rig.push, hostId);
});

it("when the standby's relay dies the link stays, and the host stands by elsewhere", async () => {
  await rig.twoLinks();
  const at = await rig.standbys();
  const counts = relays.map((relay) => ({ relay, standbys: [...at].filter(([, name]) => name === relay.name).map(([id]) => id) }));
  const victim = counts.sort((a, b) => b.standbys.length - a.standbys.length)[0];
  if (victim === undefined) throw new Error("no relay");
  const before = await epochs();
  victim.relay.child.kill("SIGKILL");
  const killedAt = performance.now();
  await rig.twoLinks(victim.relay.name);
  console.log(
    `${victim.relay.name} with ${victim.standbys.length} standbys died: all stand by elsewhere after ${Math.round(performance.now() - killedAt)} ms`,
  );
  const after = await epochs();
  for (const hostId of victim.standbys) expect(after.get(hostId)).toBe(before.get(hostId));
  await restart(victim.relay);
});

it("when the relays of both die at once, the host goes to the third one", async () => {
  await rig.twoLinks();
  const at = await rig.standbys();
  const host = (await rig.online())[0];
  const both = [relayOf(host?.relayName), relayOf(at.get(host?.id ?? ""))];
  const left = relays.find((relay) => !both.includes(relay));
  const hosts = (await rig.online()).map(({ id }) => id);
  const usual = await callMs();
  const killedAt = performance.now();
  for (const { child } of both) child.kill("SIGKILL");
  await until("every host is at the third", async () => {
    const rows = await rig.online();
    return rows.length === HOSTS && rows.every((row) => row.relayName === left?.name);
  });
  const calls = asking(hosts);
  const answers = await calls.all(killedAt);
  console.log(`two of three relays died at once: every host answers by the third after ${answers} ms`);
  expect(Math.max(...answers)).toBeLessThan(bound(10_000, Math.max(usual, calls.slowest())));
  expect(calls.unexpected).toEqual([]);
});
