import type { LinkRefused } from "@indium/contract/link";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../system/fake-clock";
import type { Ending } from "./connection";
import { RelayChoice, type RelayTarget } from "./relay-choice";
import { Standby, type StandbyConnection } from "./standby";

const URL = "https://indium.example";
const entries = (...names: string[]) => names.map((name) => ({ name, url: URL }));

class FakeConnection implements StandbyConnection {
  readonly standing: Promise<string | null>;
  readonly ended: Promise<Ending>;
  closed: string | null = null;
  stands: (at: string | null) => void = () => {};
  #end: (ending: Ending) => void = () => {};

  constructor(
    readonly target: RelayTarget,
    readonly notAt: string,
  ) {
    this.standing = new Promise((resolve) => {
      this.stands = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    void this.ended.then(() => this.stands(null));
  }
  end(refusal: Partial<LinkRefused> | null = null, heldMs = 0): void {
    const error = { code: "rate_limited", message: "no" } as const;
    this.#end({ reason: "lost", refusal: refusal === null ? null : { error, retry: true, ...refusal }, heldMs });
  }
  close(reason: string): void {
    this.closed ??= reason;
    this.end();
  }
}

function make(...names: string[]) {
  const clock = new FakeClock();
  let listed = entries(...names);
  const choice = new RelayChoice([URL], listed, () => 0.5);
  const dialled: FakeConnection[] = [];
  const standby = new Standby<FakeConnection>({
    open: (target, notAt) => {
      const connection = new FakeConnection(target, notAt);
      dialled.push(connection);
      return connection;
    },
    choice,
    listed: () => listed,
    clock,
    random: () => 0.5,
  });
  standby.start();
  return {
    ...{ clock, standby, dialled, choice },
    last: () => dialled.at(-1) as FakeConnection,
    names: () => dialled.map(({ target }) => target.name),
    list: (...now: string[]) => {
      listed = entries(...now);
      choice.learn(listed);
      standby.listed();
    },
    /** Lets the one that is being dialled stand by. */
    stand: async () => {
      dialled.at(-1)?.stands(dialled.at(-1)?.target.name ?? "");
      await clock.settle();
    },
  };
}

describe("a standby", () => {
  it("is sought once there is a link, on another relay, a random moment later", async () => {
    const { clock, standby, names, last, stand } = make("a", "b", "c");
    await clock.advance(60_000);
    expect(names()).toEqual([]);
    standby.linkedAt("a");
    await clock.advance(999);
    expect(names()).toEqual([]);
    await clock.advance(2);
    expect(names()).toEqual(["b"]);
    expect([last().notAt, standby.at]).toEqual(["a", null]);
    await stand();
    expect(standby.at).toBe("b");
    await clock.advance(600_000);
    expect(names()).toEqual(["b"]);
  });

  it("is not sought where there is one relay, until another is listed", async () => {
    const { clock, standby, names, list } = make("a");
    standby.linkedAt("a");
    await clock.advance(3_600_000);
    expect(names()).toEqual([]);
    list("a", "b");
    await clock.advance(1_001);
    expect(names()).toEqual(["b"]);
    await standby.stop();
  });

  it("that is lost is sought anew, at the next relay, ever more slowly while that fails", async () => {
    const { clock, standby, names, last, stand } = make("a", "b", "c");
    standby.linkedAt("a");
    await clock.advance(1_001);
    await stand();
    last().end();
    await clock.settle();
    expect(standby.at).toBeNull();
    const tries: number[] = [];
    const from = clock.now();
    while (clock.now() - from < 600_000) {
      const before = names().length;
      await clock.advance(500);
      if (names().length === before) continue;
      tries.push(clock.now() - from);
      last().end();
    }
    expect(names().slice(0, 4)).toEqual(["b", "c", "b", "c"]);
    // After half of 2, 4, 8, 16, 32 and then 60 s.
    expect(tries.slice(0, 4).map((at) => Math.round(at / 1_000))).toEqual([1, 3, 7, 15]);
    expect(tries.length).toBeLessThan(25);
  });

  it("is taken once, is its taker's from then on, and the next is sought beside the new link", async () => {
    const { clock, standby, names, last, stand } = make("a", "b", "c");
    standby.linkedAt("a");
    await clock.advance(1_001);
    expect(standby.take()).toBeNull();
    await stand();
    const taken = last();
    expect(standby.take()).toBe(taken);
    expect(standby.take()).toBeNull();
    await clock.advance(60_000);
    expect([names(), taken.closed]).toEqual([["b"], null]);
    standby.linkedAt("b");
    await clock.advance(2_001);
    expect(names()).toEqual(["b", "a"]);
    taken.end();
    await stand();
    expect(standby.at).toBe("a");
  });

  it("is sought ever more slowly while links do not last", async () => {
    const { clock, standby, last, stand } = make("a", "b");
    const waits: number[] = [];
    let at = "a";
    for (let turn = 0; turn < 6; turn += 1) {
      standby.linkedAt(at);
      const from = clock.now();
      const before = last();
      while (last() === before) await clock.advance(100);
      waits.push(Math.round((clock.now() - from) / 1_000));
      await stand();
      at = last().target.name ?? "";
      standby.take();
    }
    expect(waits).toEqual([1, 2, 3, 5, 9, 17]);
  });

  it("is given up where the link itself has gone to its relay, and when there is no link and it is not there yet", async () => {
    const { clock, standby, last, stand, names } = make("a", "b", "c");
    standby.linkedAt("a");
    await clock.advance(1_001);
    standby.linkedAt(null);
    expect(last().closed).not.toBeNull();
    standby.linkedAt("a");
    await clock.advance(5_000);
    await stand();
    const standing = last();
    standby.linkedAt(null);
    expect(standing.closed).toBeNull();
    standby.linkedAt(standby.at);
    expect(standing.closed).not.toBeNull();
    await clock.advance(10_000);
    expect(names().at(-1)).not.toBe(standing.target.name);
  });

  it("leaves a relay that is listed no more, and one that asks for it as long as it asks", async () => {
    const { clock, standby, last, stand, names, list } = make("a", "b", "c");
    standby.linkedAt("a");
    await clock.advance(1_001);
    await stand();
    list("a", "c");
    expect(last().closed).toBe("the relay is no longer listed");
    await clock.advance(1_001);
    expect(names()).toEqual(["b", "c"]);
    await stand();
    last().end({ retryAfterMs: 30_000 }, 60_000);
    await clock.advance(29_000);
    expect(names()).toEqual(["b", "c"]);
    await clock.advance(2_000);
    expect(names()).toEqual(["b", "c", "c"]);
  });

  it("is not asked again soon of a relay that knows of none, and that stays good for a link", async () => {
    const { clock, standby, last, choice, names } = make("a", "b");
    standby.linkedAt("a");
    await clock.advance(1_001);
    last().end({ retry: false });
    await clock.advance(590_000);
    expect(names()).toEqual(["b"]);
    expect(choice.next(clock.now(), ["a"])).toMatchObject({ target: { name: "b" }, waitMs: 0 });
    await clock.advance(700_000);
    expect(names().length).toBeGreaterThan(1);
    expect(names().length).toBeLessThan(4);
  });

  it("ends with the link's end for good", async () => {
    const { clock, standby, last, stand, names } = make("a", "b");
    standby.linkedAt("a");
    await clock.advance(1_001);
    await stand();
    standby.giveUp("removed");
    expect(last().closed).toBe("removed");
    await clock.advance(3_600_000);
    expect(names()).toEqual(["b"]);
    await standby.stop();
  });
});
