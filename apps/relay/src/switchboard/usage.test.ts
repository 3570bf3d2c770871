import { describe, expect, it } from "vitest";
import type { Session } from "../sessions/session";
import { UsageBatcher } from "./usage";

type Listener = (raw: unknown, ack?: unknown) => void;

/** A link of which only the messages about use matter. */
function link(name: string) {
  let listener: Listener = () => {};
  const session = { hostId: name, linkEpoch: 1, socket: { on: (_: string, heard: Listener) => (listener = heard) } } as unknown as Session;
  const envelope = (payload: string) => ({ purpose: "host-usage", payload, keyId: "0123456789abcdef", signature: "AAAA" });
  return { session, say: (payload: string, ack?: () => void) => listener(envelope(payload), ack) };
}

function centre() {
  const calls: string[][] = [];
  const refuse = new Set<number>();
  const call = async (_: string, input: unknown) => {
    const { samples } = input as { samples: { hostId: string }[] };
    calls.push(samples.map(({ hostId }) => hostId));
    if (refuse.has(calls.length)) throw new Error("away");
    return {};
  };
  return { calls, refuse, batcher: new UsageBatcher({ call } as unknown as ConstructorParameters<typeof UsageBatcher>[0]) };
}

describe("what hosts use", () => {
  it("is acknowledged in small groups, so that a whole fleet's words do not hold up the loop", async () => {
    const { batcher } = centre();
    const turns = new Map<number, number>();
    let turn = 0;
    const next = () => {
      turn += 1;
      timer = setImmediate(next);
    };
    let timer = setImmediate(next);
    for (let number = 0; number < 500; number += 1) {
      const host = link(`h-${number}`);
      batcher.listen(host.session);
      host.say("sample", () => turns.set(turn, (turns.get(turn) ?? 0) + 1));
    }
    await batcher.flush();
    clearImmediate(timer);
    const told = [...turns.values()];
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(500);
    expect(Math.max(...told)).toBeLessThanOrEqual(32);
  });

  it("goes on as each host's newest, and only those that were taken are told so", async () => {
    const { batcher, calls } = centre();
    const host = link("h-1");
    batcher.listen(host.session);
    const told: string[] = [];
    host.say("older", () => told.push("older"));
    host.say("newer", () => told.push("newer"));
    await batcher.flush();
    await batcher.flush();
    expect(calls).toEqual([["h-1"]]);
    expect(told).toEqual(["newer"]);
  });

  it("goes on also from agents that wait for no word", async () => {
    const { batcher, calls } = centre();
    const host = link("h-1");
    batcher.listen(host.session);
    host.say("sample");
    await batcher.flush();
    expect(calls).toEqual([["h-1"]]);
  });

  it("that is too long for one call goes in several, and one that fails costs the others nothing", async () => {
    const { batcher, calls, refuse } = centre();
    const told: string[] = [];
    for (let number = 1; number <= 20; number++) {
      const host = link(`h-${number}`);
      batcher.listen(host.session);
      host.say("x".repeat(1_000_000), () => told.push(`h-${number}`));
    }
    refuse.add(2);
    await batcher.flush();
    expect(calls.map((hosts) => hosts.length)).toEqual([8, 8, 4]);
    expect(told).toHaveLength(12);
    expect(told).toContain("h-20");
    expect(told).not.toContain("h-9");
  });
});
